import * as v from 'valibot';
import type { StreamEvent } from '../domain/stream-event.ts';
import { isTooDeep, MAX_DEPTH } from './body.ts';
import { MESSAGE_TYPES } from './message.ts';
import { accept, reject, rejectIssue, type Parsed } from './rejection.ts';

const key = v.pipe(v.string(), v.regex(/^[\w-]{22}$/, 'a subject key'));
const millis = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const object = v.optional(v.record(v.string(), v.unknown()));

/** A trace-id, or what API Gateway calls its requests. */
const CORRELATION_ID = /^[\w+/=-]{1,64}$/;

/** What the collector puts into a stream; a record of any other shape is not ours and is quarantined. */
const streamEventSchema = v.object({
  schema: v.literal(1),
  receivedAt: millis,
  at: millis,
  source: v.picklist(['browser', 'server']),
  proof: v.picklist(['server', 'token', 'none']),
  subject: v.object({ kind: v.picklist(['user', 'device', 'claims']), key }),
  keys: v.object({ user: v.optional(key), device: v.optional(key), decision: v.optional(key) }),
  message: v.looseObject({
    type: v.picklist(MESSAGE_TYPES),
    messageId: v.pipe(v.string(), v.minLength(1)),
    event: v.optional(v.string()),
    properties: object,
    traits: object,
    context: object,
  }),
  // One that is not what it should be is worth no quarantine: it is left out.
  correlationId: v.optional(v.fallback(v.optional(v.pipe(v.string(), v.regex(CORRELATION_ID))), undefined)),
});

/** The most bytes of a record: an event of the greatest size with its envelope. */
const MAX_RECORD_BYTES = 64 * 1024;

/** A stream record's data: bytes → event, or why it is poison. */
export function parseStreamRecord(data: Uint8Array, partitionKey: string): Parsed<StreamEvent> {
  if (data.length > MAX_RECORD_BYTES)
    return reject('record_too_large', `a record may have ${MAX_RECORD_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return reject('invalid_json', 'the record is not JSON in UTF-8');
  }
  // The event lies one level down in its envelope.
  if (isTooDeep(value, MAX_DEPTH + 1)) return reject('too_deep', 'the record nests too deep');
  const result = v.safeParse(streamEventSchema, value, { abortEarly: true });
  if (!result.success) return rejectIssue(result.issues);
  if (result.output.subject.key !== partitionKey) {
    return reject(
      'wrong_partition',
      'the partition key is not the subject: its order is lost',
      'subject.key',
    );
  }
  return accept(result.output as StreamEvent);
}
