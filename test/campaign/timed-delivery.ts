import { laneOf } from '../../local/batch-rules.ts';
import type { Shard, StreamModel, StreamRecord } from './stream-model.ts';

/** How Lambda asks a shard for records, by standard polling: once a second. */
const POLL_MS = 1_000;
/** Invocations of one batch after which its shard counts as blocked. */
const PATIENCE = 100;

export interface TimedOptions {
  readonly stream: StreamModel;
  /** The most records in a batch. */
  readonly batchSize: number;
  /** Batches of a shard that are handed over at once. */
  readonly parallelization: number;
  /** How long each invocation takes, ms. */
  readonly invocationMs: number;
  /** @returns the lowest sequence that was not taken, or null */
  readonly invoke: (batch: TimedBatch) => Promise<string | null>;
}

export interface TimedBatch {
  readonly shard: Shard;
  /** Which of the shard's concurrent batches. */
  readonly place: number;
  readonly records: readonly StreamRecord[];
  /** ms */
  readonly begunAt: number;
}

/**
 * Hands a stream over while time passes: what has come when a shard is asked for it makes a batch, unless the one before is
 * still under way. Batches of all shards are begun in turn, as their times come; what a batch has not taken is handed
 * over again with what has come since.
 *
 * @throws {Error} if a shard is blocked
 */
export async function deliverInTime(options: TimedOptions): Promise<void> {
  const { stream, parallelization } = options;
  const queues = stream.shards.flatMap((shard) =>
    Array.from({ length: parallelization }, (_, place) => ({
      shard,
      place,
      records: shard.records.filter(({ partitionKey }) => laneOf(partitionKey, parallelization) === place),
      freeAt: 0,
      failures: 0,
    })),
  );
  for (;;) {
    const [next] = queues
      .filter(({ records }) => records.length > 0)
      .map((queue) => ({ queue, begunAt: Math.max(queue.freeAt, askedAt(queue.records[0])) }))
      .sort((one, other) => one.begunAt - other.begunAt);
    if (next === undefined) return;
    const { queue, begunAt } = next;
    const { shard, place } = queue;
    const records = queue.records.slice(0, options.batchSize).filter((record) => askedAt(record) <= begunAt);
    const failed = await options.invoke({ shard, place, records, begunAt });
    const taken = failed === null ? records.length : records.findIndex(({ sequence }) => sequence === failed);
    queue.failures = taken > 0 ? 0 : queue.failures + 1;
    if (queue.failures > PATIENCE) throw new Error(`the shard ${shard.id} is blocked`);
    queue.records = queue.records.slice(taken);
    queue.freeAt = begunAt + options.invocationMs;
  }
}

/** When a shard is asked next after a record has come. */
function askedAt(record: StreamRecord | undefined): number {
  return Math.ceil((record?.arrivedAt ?? 0) / POLL_MS) * POLL_MS;
}
