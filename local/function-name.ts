/** Takes a name, an ARN or an ARN within an invocation path. */
export function functionNameIn(reference: string): string {
  return /:function:([^:/]+)/.exec(reference)?.[1] ?? reference;
}
