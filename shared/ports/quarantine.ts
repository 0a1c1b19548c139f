import type { Lane, SourceKind } from '../domain/stream-event.ts';

/**
 * How an event that the collector turned down came in: what is needed to take it after all, exactly as it would
 * have been taken then. Facts that were checked, never the key or token that showed them.
 */
export interface KeptArrival {
  readonly source: SourceKind;
  /** The userId that a valid identity token proved when it came in. */
  readonly provenUserId?: string;
  /** ms; the sender's clock when it sent the request */
  readonly sentAt?: number;
  /** Set: `bytes` are the whole body of a request, and these of its events were turned down. */
  readonly indexes?: readonly number[];
}

/** What could not be applied, kept whole so that it can be inspected and redriven. */
export interface QuarantineEntry {
  /** Stable per poison, so that keeping it twice keeps it once: e.g. `critical/shardId-000000000000/4961…`. */
  readonly id: string;
  /** Entries of one group are kept together, as one object: what one request brought. */
  readonly group?: string;
  readonly code: string;
  readonly reason: string;
  /** JSON path into the event, where there is one. */
  readonly path?: string;
  /** The function that gave up on it. */
  readonly functionName: string;
  readonly lane?: string;
  readonly sequence?: string;
  /** As in its stream record; for a sender's words, what they get where they bring none themselves. */
  readonly correlationId?: string;
  /**
   * When the poison arrived, ms: its record's arrival in the stream, or the collector's `receivedAt`. The same on
   * every attempt (entries are kept by it), unlike `quarantinedAt`.
   */
  readonly arrivedAt: number;
  /** When it was given up on, ms since the epoch. */
  readonly quarantinedAt: number;
  /**
   * What `bytes` are hangs on it, never on what they look like (a sender can send what looks like a stream record):
   * with it a sender's words, to be parsed and proven anew; without it a record of the lane's stream.
   */
  readonly arrival?: KeptArrival;
  /** Of a record in a batch that Lambda gave up: which life of the stream it comes from. */
  readonly incarnation?: string;
  /** The original bytes, base64. */
  readonly bytes: string;
}

/**
 * How far an entry's redrive has come. `begun`: it may be in the stream, since its redriver did not live to say;
 * `done`: it is there, or was found to have been applied.
 */
export type RedriveStep = 'begun' | 'done';

export interface ListedEntry extends QuarantineEntry {
  readonly redrive?: RedriveStep;
}

export interface Quarantine {
  /** Resolves when all entries are kept; rejects with {@link QuarantineUnavailable} if any may not be. */
  keep(entries: readonly QuarantineEntry[]): Promise<void>;
}

/** Reading it back: for reconciliation and redrive, never in a function that writes. */
export interface QuarantineReader {
  /**
   * Every entry that arrived at `since` (ms) or later: those that functions kept, oldest hour first, then the records
   * of batches that Lambda itself gave up. Rejects as {@link Quarantine.keep} does.
   */
  list(since: number): AsyncIterable<ListedEntry>;
}

/**
 * Which records of the streams quarantine holds, by id alone: for whoever need not see what was sent. Rejects as
 * {@link Quarantine.keep} does.
 */
export interface QuarantinedRecords {
  /** Ids of a lane's records that a fold kept there, of those that arrived in the hour (UTC) of `at` (ms). */
  keptInHour(lane: Lane, at: number): Promise<ReadonlySet<string>>;
  /** Ids of a lane's records in batches that Lambda gave up folding, given up at `since` (ms) or later. */
  discardedSince(lane: Lane, since: number): Promise<ReadonlySet<string>>;
}

/** What a redrive remembers of itself, beside the entries: they stay as they are. */
export interface RedriveMarks {
  /** Resolves when all are marked; marking twice marks once. Rejects as {@link Quarantine.keep} does. */
  mark(entries: readonly QuarantineEntry[], step: RedriveStep): Promise<void>;
}

export class QuarantineUnavailable extends Error {
  override readonly name = 'QuarantineUnavailable';
  readonly code = 'quarantine_unavailable';
}
