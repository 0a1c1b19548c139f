/** Takes a name, an ARN or an ARN within an invocation path, with a version or alias behind it or without. */
export function functionNameIn(reference: string): string {
  const found = /:function:([^:/]+)/.exec(reference) ?? /^(?!arn:)([^:]+):/.exec(reference);
  return found?.[1] ?? reference;
}
