import type { Json } from './json.ts';

/** Which Kinesis stream an event travels in. Nothing is shared between the two. */
export type Lane = 'critical' | 'bulk';

/** Where an event comes from: a browser source's key is public, a server source's key is secret. */
export type SourceKind = 'browser' | 'server';

/** How an event proves its `userId`; with `none` an id is only a claim. */
export type Proof = 'server' | 'token' | 'none';

export type MessageType = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';

/** One Segment-spec message after parsing: ids and times are checked, the rest is the sender's own JSON. */
export interface Message {
  readonly type: MessageType;
  readonly messageId: string;
  readonly anonymousId?: string;
  readonly userId?: string;
  /** `track` only: the event's name. */
  readonly event?: string;
  readonly properties?: JsonObject;
  readonly traits?: JsonObject;
  readonly context?: JsonObject;
}

export type JsonObject = { readonly [key: string]: Json };

/**
 * Whose record an event belongs to. `key` is HMAC(subject) and also the Kinesis partition key.
 * `claims`: an unproven `userId` without a device; its orderings are learned apart from the user's own facets.
 */
export interface SubjectRef {
  readonly kind: 'user' | 'device' | 'claims';
  readonly key: string;
}

/** What the collector puts into a stream: everything the fold needs, so that the fold needs no secret. */
export interface StreamEvent {
  readonly schema: 1;
  /** When the collector took the event, ms since the epoch. */
  readonly receivedAt: number;
  /** Effective time = min(skew-corrected client time, receivedAt), ms since the epoch. */
  readonly at: number;
  readonly source: SourceKind;
  readonly proof: Proof;
  readonly subject: SubjectRef;
  /**
   * HMACs of the ids the event names (reserved ids name nobody): what links are made of, and what tells a decision
   * that was made from one that is made up.
   */
  readonly keys: { readonly user?: string; readonly device?: string; readonly decision?: string };
  readonly message: Message;
  /** The trace-id that came with the event, or else the id of the request that brought it. For logs alone. */
  readonly correlationId?: string;
}
