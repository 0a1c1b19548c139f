import * as v from 'valibot';
import { LocalFault } from './fault.ts';
import type { Resource } from './stacks.ts';

/**
 * A resource's properties, as far as the local run honours them.
 *
 * @throws {LocalFault} naming the resource and the property that it cannot honour
 */
export function readProperties<Schema extends v.GenericSchema>(
  schema: Schema,
  { id, type, properties }: Resource,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, properties());
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new LocalFault(
    `The resource ${id} of type ${type} cannot be honoured: ${path === null ? '' : `${path} `}${issue.message}.`,
  );
}
