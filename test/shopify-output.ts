import { buildSchema, coerceInputValue, isInputType, type GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';

const schemaOf = (name: string): GraphQLSchema =>
  buildSchema(
    readFileSync(new URL(`vectors/shopify/${name}-customization.graphql`, import.meta.url), 'utf8'),
  );
const SCHEMAS = { payment: schemaOf('payment'), delivery: schemaOf('delivery') };
const RESULTS = {
  payment: 'CartPaymentMethodsTransformRunResult',
  delivery: 'CartDeliveryOptionsTransformRunResult',
} as const;

/** What is wrong with a Function's output by Shopify's published schema; nothing: it would be taken. */
export function shopifyOutput(api: keyof typeof SCHEMAS, output: unknown): readonly string[] {
  const type = SCHEMAS[api].getType(RESULTS[api]);
  if (!isInputType(type)) throw new Error(`the schema has no ${RESULTS[api]}`);
  const faults: string[] = [];
  coerceInputValue(JSON.parse(JSON.stringify(output)), type, (path, _value, { message }) =>
    faults.push(`${path.join('.')}: ${message}`),
  );
  return faults;
}
