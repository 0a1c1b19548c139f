import { type BatchPolicy, judge, laneOf, splitExpired, type Work } from '../../local/batch-rules.ts';
import { ownRandom, type Random } from '../bench/ranking/seeded-random.ts';
import type { Shard, StreamModel, StreamRecord } from './stream-model.ts';

export interface EventSourceOptions {
  readonly stream: StreamModel;
  readonly batchSize: number;
  /** How often each reader begins anew from an earlier record, as one does that lost its place. Default: never. */
  readonly rewinds?: number;
  /** Batches of a shard that are handed over at once. */
  readonly parallelization: number;
  readonly policy: BatchPolicy;
  readonly random: Random;
  readonly now: () => number;
  /** @returns the lowest sequence that was not taken, or null; undefined: the invocation failed */
  readonly invoke: (records: readonly StreamRecord[], shard: Shard) => Promise<string | null | undefined>;
  /** Given up: the on-failure destination has them. */
  readonly onDiscard: (records: readonly StreamRecord[], shard: Shard) => void;
}

/** Invocations of one batch after which its shard counts as blocked. */
const PATIENCE = 2_000;
/** Batches after which a reader that may still begin anew does. */
const REWOUND = 0.5;

/**
 * Hands a stream to a function as Lambda's event source mapping does, until all of it is taken: each shard after its
 * parents, records of a key in order, failed batches again from their first failed record or in halves, old records to
 * the on-failure destination. The rules themselves are those of the local run.
 *
 * @throws {Error} if a shard is blocked
 */
export async function deliverStream(options: EventSourceOptions): Promise<void> {
  const reads = new Map<string, Promise<void>>();
  // Children come after their parents in the list.
  for (const shard of options.stream.shards) {
    // Whoever reads faster must not change what others draw.
    const random = ownRandom(options.random);
    const parents = shard.parents.map((id) => reads.get(id) ?? Promise.resolve());
    reads.set(
      shard.id,
      Promise.all(parents).then(() => readShard(shard, { ...options, random })),
    );
  }
  await Promise.all(reads.values());
}

async function readShard(shard: Shard, options: EventSourceOptions): Promise<void> {
  const lanes = Array.from({ length: options.parallelization }, (_, lane) =>
    shard.records.filter(({ partitionKey }) => laneOf(partitionKey, options.parallelization) === lane),
  );
  await Promise.all(
    lanes.map((records) => readLane(records, shard, { ...options, random: ownRandom(options.random) })),
  );
}

async function readLane(
  records: readonly StreamRecord[],
  shard: Shard,
  options: EventSourceOptions,
): Promise<void> {
  let rewinds = options.rewinds ?? 0;
  for (let at = 0; at < records.length;) {
    const size = 1 + Math.floor(options.random() * options.batchSize);
    await deliverBatch(records.slice(at, at + size), shard, options);
    at = Math.min(at + size, records.length);
    if (rewinds > 0 && options.random() < REWOUND) {
      rewinds -= 1;
      at = Math.floor(options.random() * at);
    }
  }
}

async function deliverBatch(
  batch: readonly StreamRecord[],
  shard: Shard,
  { policy, now, invoke, onDiscard }: EventSourceOptions,
): Promise<void> {
  const queue: Work<StreamRecord>[] = [{ records: batch, retries: 0 }];
  let invocations = 0;
  for (let work = queue.shift(); work; work = queue.shift()) {
    const { expired, fresh } = splitExpired(work.records, policy, now());
    if (expired.length > 0) onDiscard(expired, shard);
    if (fresh.length === 0) continue;
    if (++invocations > PATIENCE) throw new Error(`the shard ${shard.id} is blocked`);
    const failed = await invoke(fresh, shard);
    const reply = { batchItemFailures: failed === null ? [] : [{ itemIdentifier: failed }] };
    const outcome =
      failed === undefined
        ? ({ ok: false } as const)
        : ({ ok: true, payload: JSON.stringify(reply) } as const);
    const verdict = judge({ records: fresh, retries: work.retries }, outcome, policy);
    if (verdict.discarded.length > 0) onDiscard(verdict.discarded, shard);
    queue.unshift(...verdict.next);
  }
}
