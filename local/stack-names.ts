import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { readOptions } from './options.ts';
import { LocalFault } from './fault.ts';

/** Where the parts of one stack are: of the local run, or of a deployed stage. */
const namesSchema = v.object({
  profilesTable: v.string(),
  streams: v.object({ critical: v.string(), bulk: v.string() }),
  /** Of a stage that announces. */
  changesStream: v.optional(v.string()),
  quarantineBucket: v.string(),
  subjectSecret: v.optional(v.string()),
  apiKeysSecret: v.optional(v.string()),
  auditFunction: v.optional(v.string()),
  suppressionsTable: v.optional(v.string()),
  /** Of a deployed stage. */
  apiUrl: v.optional(v.string()),
  /** Set for the local run only; a deployed stage is found through the AWS configuration. */
  api: v.optional(v.string()),
  region: v.optional(v.string()),
  dynamodb: v.optional(v.string()),
  kinesis: v.optional(v.string()),
  s3: v.optional(v.string()),
  secretsManager: v.optional(v.string()),
  lambda: v.optional(v.string()),
});

export type StackNames = v.InferOutput<typeof namesSchema>;

/**
 * The names behind an API: from the file that `cdk deploy --outputs-file` wrote, or from the local run if that is
 * what answers at `url`. Null: neither.
 */
export function stackNames(url: string, outputsFile: string | undefined): StackNames | null {
  if (outputsFile !== undefined) return namesOfOutputs(outputsFile);
  const names = localNames();
  return names?.api !== undefined && isSameOrigin(names.api, url) ? names : null;
}

/** The names of the local run that is up; null: none is. */
export function localNames(): StackNames | null {
  const file = `${readOptions([], process.env).dir}/endpoints.json`;
  return existsSync(file) ? v.parse(namesSchema, JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/** @throws {LocalFault} if `file` is not what `cdk deploy --outputs-file` wrote of a stage */
export function namesOfOutputs(file: string): StackNames {
  if (!existsSync(file)) throw new LocalFault(`there is no file ${file}`);
  const stacks = JSON.parse(readFileSync(file, 'utf8')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const outputs = Object.assign({}, ...Object.values(stacks)) as Readonly<Record<string, string>>;
  const { ProfilesTable, CriticalStream, BulkStream, QuarantineBucket, AuditFunction, ApiUrl } = outputs;
  const names = v.safeParse(namesSchema, {
    profilesTable: ProfilesTable,
    streams: { critical: CriticalStream, bulk: BulkStream },
    changesStream: outputs.ChangesStream,
    quarantineBucket: QuarantineBucket,
    subjectSecret: outputs.SubjectSecret,
    apiKeysSecret: outputs.ApiKeysSecret,
    apiUrl: ApiUrl,
    auditFunction: AuditFunction,
    suppressionsTable: outputs.SuppressionsTable,
  });
  if (!names.success) throw new LocalFault(`${file} lacks outputs of a Cartwright stage`);
  return names.output;
}

function isSameOrigin(left: string, right: string): boolean {
  const port = (url: string) => new URL(url).port;
  const isLoopback = (url: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
  return (
    new URL(left).origin === new URL(right).origin ||
    (isLoopback(left) && isLoopback(right) && port(left) === port(right))
  );
}
