/** The longest `traceparent` looked at; version 00 has 55 characters, later ones may add to it. */
const MAX_LENGTH = 128;
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(-.*)?$/;
const INVALID_VERSION = 'ff';

/**
 * The trace-id of a W3C `traceparent` (https://www.w3.org/TR/trace-context/), or undefined where it is none: it comes
 * from the public and breaks nothing. An id of decimal digits alone is no random number but perhaps somebody's (a
 * card, a phone): it is not taken; of random ones, one in three million is such.
 *
 * @example
 * traceIdOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01') // '4bf92f3577b34da6a3ce929d0e0e4736'
 */
export function traceIdOf(traceparent: unknown): string | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > MAX_LENGTH) return undefined;
  const [, version, traceId = '', parentId = '', more] = TRACEPARENT.exec(traceparent.trim()) ?? [];
  if (version === undefined || version === INVALID_VERSION) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return /^0+$/.test(parentId) || !/[a-f]/.test(traceId) ? undefined : traceId;
}

/** The trace-id that a message brings in its `context.traceparent`: a header would cost a browser a preflight. */
export function traceIdIn(message: unknown): string | undefined {
  const { context } = (message ?? {}) as { readonly context?: { readonly traceparent?: unknown } | null };
  return traceIdOf(context?.traceparent);
}
