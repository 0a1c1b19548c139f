import * as v from 'valibot';
import { hashText } from '../domain/hash.ts';
import type { JsonObject, Message, MessageType } from '../domain/stream-event.ts';
import { isTooDeep } from './body.ts';
import { parseIsoTime } from './iso-time.ts';
import { accept, reject, rejectIssue, type Parsed } from './rejection.ts';
import { traceIdIn } from './trace-context.ts';

/** Segment's limit for one event, measured on its JSON in UTF-8. */
export const MAX_EVENT_BYTES = 32 * 1024;

const MAX_ID_LENGTH = 256;

/** An id as clients send it: text or a number; blanks around it do not count. */
export const idSchema = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => String(value).trim()),
  v.maxLength(MAX_ID_LENGTH, `at most ${MAX_ID_LENGTH} characters`),
);
const object = v.record(v.string(), v.unknown());
const time = v.pipe(
  v.string(),
  v.check((text) => text === '' || parseIsoTime(text) !== null, 'an ISO 8601 time'),
);

export const MESSAGE_TYPES = [
  'track',
  'identify',
  'page',
  'screen',
  'group',
  'alias',
] as const satisfies readonly MessageType[];

/** One message of Segment's HTTP Tracking API; what is not named here is ignored, never an error. */
export const messageSchema = v.object({
  type: v.picklist(MESSAGE_TYPES, `one of ${MESSAGE_TYPES.join(', ')}`),
  messageId: v.nullish(idSchema),
  userId: v.nullish(idSchema),
  anonymousId: v.nullish(idSchema),
  event: v.nullish(v.string()),
  properties: v.nullish(object),
  traits: v.nullish(object),
  context: v.nullish(object),
  timestamp: v.nullish(time),
  originalTimestamp: v.nullish(time),
  sentAt: v.nullish(v.string()),
  receivedAt: v.optional(v.unknown()),
});

/** A message and when its sender says that it happened and was sent; ms since the epoch. */
export interface TimedMessage {
  readonly message: Message;
  /** An identity token that came in the message's context, not yet checked. */
  readonly token?: string;
  readonly timestamp?: number;
  readonly sentAt?: number;
  /** The trace-id of its `context.traceparent`. */
  readonly traceId?: string;
}

/**
 * One message: unknown → typed, or the first fault with its path. `messageId` missing → made from the content, so
 * that a retry of the same bytes is the same message. Reserved ids (`null`, `0`, `guest` …) count as absent.
 *
 * @example
 * parseMessage({ type: 'track', event: 'Cart Viewed', anonymousId: 'a1' }) // → { ok: true, value: { message: … } }
 */
export function parseMessage(input: unknown): Parsed<TimedMessage> {
  if (isTooDeep(input)) return reject('too_deep', 'the event nests too deep');
  const content = JSON.stringify(input) ?? 'undefined';
  if (Buffer.byteLength(content) > MAX_EVENT_BYTES) {
    return reject('event_too_large', `an event may have ${MAX_EVENT_BYTES} bytes`);
  }
  const result = v.safeParse(messageSchema, input, { abortEarly: true });
  if (!result.success) return rejectIssue(result.issues);
  const fields = result.output;

  const userId = usableId(fields.userId);
  const anonymousId = usableId(fields.anonymousId);
  if (userId === undefined && anonymousId === undefined) {
    const isReserved = Boolean(fields.userId ?? fields.anonymousId);
    return isReserved
      ? reject(
          'reserved_id',
          'the id is a placeholder that many clients send for nobody',
          fields.userId ? 'userId' : 'anonymousId',
        )
      : reject('missing_id', 'an event needs a userId or an anonymousId');
  }
  const event = fields.event?.trim();
  if (fields.type === 'track' && !event) return reject('missing', 'a track event needs its name', 'event');

  const timestamp = parseIsoTime(clientTimeOf(fields));
  const traceId = traceIdIn(fields);
  return accept({
    message: {
      type: fields.type,
      messageId: fields.messageId || `content-${hashText(content, 10)}${hashText(`${content}.`, 10)}`,
      ...(userId !== undefined && { userId }),
      ...(anonymousId !== undefined && { anonymousId }),
      ...(event && { event }),
      ...(fields.properties && { properties: fields.properties as JsonObject }),
      ...(fields.traits && { traits: fields.traits as JsonObject }),
      ...(fields.context && { context: withoutEnvelope(fields.context as JsonObject) }),
    },
    ...(typeof fields.context?.token === 'string' && { token: fields.context.token }),
    ...(timestamp !== null && { timestamp }),
    ...sentAtOf(fields.sentAt),
    ...(traceId !== undefined && { traceId }),
  });
}

/**
 * When the client says that it happened. RudderStack's stamps every call with `originalTimestamp` and adds `timestamp`
 * if the shop names another time, as an import does. A message that some other collector received before us has its
 * `timestamp` put right by that one, which must not be done twice: there the original is the client's own.
 */
function clientTimeOf(fields: {
  readonly timestamp?: string | null | undefined;
  readonly originalTimestamp?: string | null | undefined;
  readonly receivedAt?: unknown;
}): string {
  const { timestamp, originalTimestamp } = fields;
  return (fields.receivedAt ? originalTimestamp || timestamp : timestamp || originalTimestamp) || '';
}

/** The identity token that came in an event's context, be the event ever so wrong; not yet checked. */
export function tokenOf(event: unknown): string | undefined {
  const { context } = (event ?? {}) as { readonly context?: { readonly token?: unknown } | null };
  return typeof context?.token === 'string' ? context.token : undefined;
}

/** A client's `sentAt` in ms; one that is no time is as good as none. */
export function sentAtOf(value: unknown): { readonly sentAt?: number } {
  const sentAt = typeof value === 'string' ? parseIsoTime(value) : null;
  return sentAt === null ? {} : { sentAt };
}

const RESERVED = new Set(['', 'null', 'undefined', '-1', 'guest', 'anonymous', '[object object]']);

/** Reserved ids name nobody: a shop's bug must not make one person of all its guests (invariant 7). */
export function usableId(value: string | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return RESERVED.has(value.toLowerCase()) || /^[0-]+$/.test(value) ? undefined : value;
}

/** What a context carries beside the event: the token is checked, the trace-id noted, and both are dropped. */
function withoutEnvelope(context: JsonObject): JsonObject {
  if (context.token === undefined && context.traceparent === undefined) return context;
  const { token: _, traceparent: __, ...rest } = context;
  return rest;
}
