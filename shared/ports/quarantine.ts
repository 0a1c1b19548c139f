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
  /**
   * When the poison arrived, ms: its record's arrival in the stream, or the collector's `receivedAt`. The same on
   * every attempt (entries are kept by it), unlike `quarantinedAt`.
   */
  readonly arrivedAt: number;
  /** When it was given up on, ms since the epoch. */
  readonly quarantinedAt: number;
  /** The original bytes, base64. */
  readonly bytes: string;
}

export interface Quarantine {
  /** Resolves when all entries are kept; rejects with {@link QuarantineUnavailable} if any may not be. */
  keep(entries: readonly QuarantineEntry[]): Promise<void>;
}

/** Reading it back: for reconciliation and redrive, never in a function that writes. */
export interface QuarantineReader {
  /** Every entry that arrived at `since` (ms) or later, oldest hour first. Rejects as {@link Quarantine.keep} does. */
  list(since: number): AsyncIterable<QuarantineEntry>;
}

export class QuarantineUnavailable extends Error {
  override readonly name = 'QuarantineUnavailable';
  readonly code = 'quarantine_unavailable';
}
