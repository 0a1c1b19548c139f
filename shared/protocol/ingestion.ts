import * as v from 'valibot';
import type { MessageType } from '../domain/stream-event.ts';
import { sentAtOf } from './message.ts';
import { accept, reject, rejectIssue, type Parsed } from './rejection.ts';

/** The calls of Segment's HTTP Tracking API, with the short forms that browsers use. */
const CALLS: ReadonlyMap<string, MessageType | 'batch'> = new Map(
  (['track', 'identify', 'page', 'screen', 'group', 'alias', 'batch'] as const).flatMap((call) => [
    [call, call] as const,
    [call.charAt(0), call] as const,
  ]),
);

export function callOf(name: string | undefined): MessageType | 'batch' | undefined {
  return name === undefined ? undefined : CALLS.get(name);
}

/** More would be events of less than 100 bytes each; the answer names each bad one, and has its own limit. */
const MAX_BATCH_EVENTS = 5_000;

export const batchSchema = v.object({
  batch: v.pipe(
    v.array(v.unknown()),
    v.nonEmpty('a list that is not empty'),
    v.maxLength(MAX_BATCH_EVENTS, `at most ${MAX_BATCH_EVENTS} events`),
  ),
  writeKey: v.nullish(v.string()),
  token: v.nullish(v.string()),
  sentAt: v.nullish(v.string()),
});

/** One request: its events still unparsed, since one bad event does not spoil the others. */
export interface IngestionRequest {
  readonly events: readonly unknown[];
  readonly isBatch: boolean;
  readonly writeKey?: string;
  /** An identity token beside the batch, not yet checked; events may carry their own. */
  readonly token?: string;
  /** ms; the sender's clock when it sent the request */
  readonly sentAt?: number;
}

/** The body of `POST /v1/{call}`. `/v1/track` and its like take one event whose type is the call's. */
export function parseIngestion(call: MessageType | 'batch', body: unknown): Parsed<IngestionRequest> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return reject('invalid', 'the body must be a JSON object');
  if (call !== 'batch') {
    const { writeKey, token } = body as Readonly<Record<string, unknown>>;
    return accept({
      events: [{ ...body, type: call }],
      isBatch: false,
      ...textField('writeKey', writeKey),
      ...textField('token', token),
    });
  }
  const result = v.safeParse(batchSchema, body, { abortEarly: true });
  if (!result.success) return rejectIssue(result.issues);
  const { batch, writeKey, token, sentAt } = result.output;
  return accept({
    events: batch,
    isBatch: true,
    ...textField('writeKey', writeKey),
    ...textField('token', token),
    ...sentAtOf(sentAt),
  });
}

function textField<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: string } {
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as {
    readonly [key in Name]?: string;
  };
}
