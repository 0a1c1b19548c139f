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

/** One shard of a lane, as far as it is retained. */
export interface LogShard {
  readonly shardId: string;
  readonly incarnation: string;
}

/** Which part of a shard is to be read. */
export interface ShardSpan {
  /** What lies behind this record; if the log has let go of it, all that it still has. Absent: all. */
  readonly after?: string;
  /** ms; what arrived before is left out */
  readonly since?: number;
  /** ms; ends before the first record that arrived later */
  readonly until: number;
}

/** Reading back shard by shard, to be broken off and gone on with another time. Rejects with {@link LogUnavailable}. */
export interface ShardReader {
  /** The shards that a lane retains, parents before children. */
  shards(lane: Lane): Promise<readonly LogShard[]>;
  /** A shard's records in order, page by page; whoever has the last page has all of the span. */
  readShard(lane: Lane, shardId: string, span: ShardSpan): AsyncIterable<readonly LogRecord[]>;
}

export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly code = 'log_unavailable';
}
