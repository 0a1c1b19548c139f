import type { Lane } from '../domain/stream-event.ts';

export interface LogEntry {
  readonly partitionKey: string;
  readonly data: string;
}

export interface LogRecord extends LogEntry {
  readonly sequence: string;
  /** Names this life of the stream; see Watermark. */
  readonly incarnation: string;
  readonly shardId: string;
  /** ms; when the log took it, where the log can tell */
  readonly arrivedAt?: number;
}

/** The durable streams, one per lane. */
export interface EventLog {
  /**
   * Resolves when every entry is durable. Throttled or failed entries are tried again within `timeoutMs`
   * (default 5,000). Rejects with {@link LogUnavailable} when any entry is not known to be durable; entries may
   * then be in the log all the same.
   */
  append(lane: Lane, entries: readonly LogEntry[], options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** Reading back what is still retained: for reconciliation, never on the hot path. */
export interface EventLogReader {
  /** Every retained record of a lane, in order within a shard, parents before children; ends at the tip. */
  read(lane: Lane): AsyncIterable<LogRecord>;
}

export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly code = 'log_unavailable';
}
