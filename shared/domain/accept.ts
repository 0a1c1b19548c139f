import { decisionKeyOf } from './decision-id.ts';
import { ruleOf } from './events.ts';
import type { Lane, Message, Proof, SourceKind, StreamEvent, SubjectRef } from './stream-event.ts';
import { effectiveTime, type ClientTimes } from './time.ts';

/** How an accepted message came in. */
export interface Arrival extends ClientTimes {
  readonly source: SourceKind;
  /** The userId that a valid identity token proves, if one came along. */
  readonly provenUserId?: string;
  /** ms since the epoch */
  readonly receivedAt: number;
  readonly correlationId?: string | undefined;
}

/** HMACs of the ids that a message names. */
export interface MessageKeys {
  readonly user?: string;
  readonly device?: string;
  /** Of the decision that the message says was shown. */
  readonly decision?: string;
}

/** @param keyOf HMAC of a subject, `u:<userId>` or `a:<anonymousId>` */
export function messageKeys(message: Message, keyOf: (subject: string) => string): MessageKeys {
  const { userId, anonymousId } = message;
  const decision = decisionKeyOf(message, keyOf);
  return {
    ...(userId !== undefined && { user: keyOf(`u:${userId}`) }),
    ...(anonymousId !== undefined && { device: keyOf(`a:${anonymousId}`) }),
    ...(decision !== undefined && { decision }),
  };
}

/** How a message proves its `userId`: a server is trusted, a token proves one user, else an id is only a claim. */
export function proofOf(message: Message, arrival: Pick<Arrival, 'source' | 'provenUserId'>): Proof {
  if (message.userId === undefined) return 'none';
  if (arrival.source === 'server') return 'server';
  return message.userId === arrival.provenUserId ? 'token' : 'none';
}

/** Whose record it is (invariant 7): public input never gets into a user's own facets. */
export function subjectOf(proof: Proof, keys: MessageKeys): SubjectRef {
  if (proof !== 'none' && keys.user !== undefined) return { kind: 'user', key: keys.user };
  if (keys.device !== undefined) return { kind: 'device', key: keys.device };
  if (keys.user !== undefined) return { kind: 'claims', key: keys.user };
  throw new Error('a message names nobody: the parser lets none through');
}

/** What goes into the stream for one accepted message, and which stream that is. */
export function streamEventOf(
  message: Message,
  arrival: Arrival,
  keys: MessageKeys,
): { readonly lane: Lane; readonly event: StreamEvent } {
  const proof = proofOf(message, arrival);
  return {
    lane: ruleOf(message).lane,
    event: {
      schema: 1,
      receivedAt: arrival.receivedAt,
      at: effectiveTime(arrival, arrival.receivedAt),
      source: arrival.source,
      proof,
      subject: subjectOf(proof, keys),
      keys,
      message,
      ...(arrival.correlationId !== undefined && { correlationId: arrival.correlationId }),
    },
  };
}
