import type { BaseIssue } from 'valibot';

/** Why something was turned down: a stable code, a sentence to act on, and the path to the fault in the input. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
}

export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly rejection: Rejection };

export function accept<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

export function reject(code: string, message: string, path?: string): Parsed<never> {
  return { ok: false, rejection: { code, message, ...(path !== undefined && { path }) } };
}

/** The first issue of a schema as a rejection. What was received is never echoed: it may be a secret or a person's. */
export function rejectIssue(issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): Parsed<never> {
  const [issue] = issues;
  const path = (issue.path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('');
  const code = issue.received === 'undefined' ? 'missing' : 'invalid';
  // A message of a schema's own says what is wanted; valibot's default one would quote what was received.
  const wanted = issue.message.startsWith('Invalid ') ? issue.expected : issue.message;
  const message = issue.received === 'undefined' ? 'is missing' : `must be ${wanted ?? 'valid'}`;
  return reject(code, message, path.replace(/^\./, '') || undefined);
}
