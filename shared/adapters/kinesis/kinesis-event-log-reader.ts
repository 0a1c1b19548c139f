import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  ListShardsCommand,
  type GetRecordsCommandOutput,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis';
import type { Lane } from '../../domain/stream-event.ts';
import {
  LogUnavailable,
  type EventLogReader,
  type LogRecord,
  type ShardReader,
  type ShardSpan,
} from '../../ports/event-log.ts';
import { backoff, realPauses, type Pauses } from '../backoff.ts';
import type { StreamNames } from './kinesis-event-log.ts';
import { isPassingError } from './passing-error.ts';

/** A shard answers five reads a second: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const EMPTY_READ_PAUSE_MS = 210;
/** Kinesis gives empty pages on its way through a shard, and emulators never say how far behind a page is. */
const EMPTY_READS_AT_TIP = 3;
/** The tip of a stream that is being written to runs away. */
const READS_PAST_OWN_START_MS = 10_000;
/** An emulator that has nothing behind a point in time may never answer where that is. */
const TIMED_ITERATOR_TIMEOUT_MS = 1_000;
/**
 * Reading shard by shard is done beside the folds, who share a shard's five reads and 2 MB a second with everybody:
 * half of both is left to them, and no single read takes seconds' worth at once.
 */
const PACE = { records: 1_000, callMs: 400, bytesPerMs: 1_000 };
const PAUSES = { budgetMs: 60_000, baseMs: 100, capMs: 2_000 };

export interface KinesisEventLogReaderOptions {
  readonly client: KinesisClient;
  readonly streams: StreamNames;
  readonly pauses?: Pauses;
}

/**
 * Reads what the streams still retain. A record's incarnation is the name of its stream, which no later life of
 * the stream may have. Rejects with {@link LogUnavailable}.
 *
 * @example
 * for await (const record of reader.read('critical')) count(record.partitionKey);
 */
export function kinesisEventLogReader(options: KinesisEventLogReaderOptions): EventLogReader & ShardReader {
  const { client, streams, pauses = realPauses } = options;

  async function patiently<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    const retries = backoff(PAUSES, pauses);
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isPassingError(error) || !(await retries.pause())) throw error;
      }
    }
  }

  async function listShards(stream: string): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let next: string | undefined;
    do {
      const token = next;
      const page = await patiently(() =>
        client.send(new ListShardsCommand(token ? { NextToken: token } : { StreamName: stream })),
      );
      shards.push(...(page.Shards ?? []));
      next = page.NextToken;
    } while (next);
    return shards;
  }

  async function iterator(from: Omit<GetShardIteratorCommandInput, 'ShardIteratorType'>, type: IteratorType) {
    const command = new GetShardIteratorCommand({ ...from, ShardIteratorType: type });
    return (await patiently(() => client.send(command))).ShardIterator;
  }

  async function iteratorAt(shard: ShardName, { after, since }: Position): Promise<string | undefined> {
    try {
      if (after !== undefined)
        return await iterator({ ...shard, StartingSequenceNumber: after }, 'AFTER_SEQUENCE_NUMBER');
    } catch (error) {
      // What an old checkpoint names may be trimmed by now.
      if (!(error instanceof InvalidArgumentException)) throw error;
    }
    try {
      if (since !== undefined) {
        const command = { ...shard, Timestamp: new Date(since), ShardIteratorType: 'AT_TIMESTAMP' as const };
        const abortSignal = AbortSignal.timeout(TIMED_ITERATOR_TIMEOUT_MS);
        return (await client.send(new GetShardIteratorCommand(command), { abortSignal })).ShardIterator;
      }
    } catch {
      // Only a short cut: from the beginning it is longer, and what is too early is left out all the same.
    }
    return await iterator(shard, 'TRIM_HORIZON');
  }

  /** `expired`: whoever takes its time over the records outlives the iterator. */
  async function getRecords(
    ShardIterator: string,
    Limit: number | undefined,
  ): Promise<GetRecordsCommandOutput | 'expired'> {
    const input = { ShardIterator, ...(Limit !== undefined && { Limit }) };
    try {
      return await patiently(() => client.send(new GetRecordsCommand(input)));
    } catch (error) {
      if (error instanceof ExpiredIteratorException) return 'expired';
      throw error;
    }
  }

  async function* pagesOf(
    shard: ShardName,
    span: ShardSpan,
    pace?: typeof PACE,
  ): AsyncGenerator<readonly LogRecord[]> {
    const { since = 0, until } = span;
    let position: Position = span;
    let emptyReads = 0;
    let next = await iteratorAt(shard, position);
    while (next !== undefined) {
      const askedAt = pauses.now();
      const page = await getRecords(next, pace?.records);
      if (page === 'expired') {
        next = await iteratorAt(shard, position);
        continue;
      }
      next = page.NextShardIterator;
      const records = (page.Records ?? []).map((record) => recordOf(record, shard));
      const last = records.at(-1);
      if (last !== undefined) position = { after: last.sequence };
      const tooLate = records.findIndex(({ arrivedAt = 0 }) => arrivedAt > until);
      const wanted = records
        .slice(0, tooLate < 0 ? records.length : tooLate)
        .filter(({ arrivedAt = since }) => arrivedAt >= since);
      if (wanted.length > 0) yield wanted;
      if (tooLate >= 0) return;
      if (records.length > 0) {
        emptyReads = 0;
        const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
        const dueAt = askedAt + (pace ? Math.max(pace.callMs, bytes / pace.bytesPerMs) : 0);
        if (next !== undefined && dueAt > pauses.now()) await pauses.sleep(dueAt - pauses.now());
        continue;
      }
      const behindMs = page.MillisBehindLatest ?? 0;
      if (behindMs > 0 && pauses.now() - behindMs > until) return;
      if (behindMs === 0) emptyReads += 1;
      if (emptyReads === EMPTY_READS_AT_TIP) return;
      await pauses.sleep(EMPTY_READ_PAUSE_MS);
    }
  }

  async function shardsOf(lane: Lane) {
    const stream = streams[lane];
    const shardIds = await orUnavailable(lane, async () => parentsFirst(await listShards(stream)));
    return shardIds.map((shardId) => ({ shardId, incarnation: stream }));
  }

  async function* readShard(lane: Lane, ShardId: string, span: ShardSpan) {
    yield* available(lane, pagesOf({ StreamName: streams[lane], ShardId }, span, PACE));
  }

  async function* available(lane: Lane, pages: AsyncGenerator<readonly LogRecord[]>) {
    for (;;) {
      const page = await orUnavailable(lane, () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  return {
    async *read(lane) {
      const until = pauses.now() + READS_PAST_OWN_START_MS;
      for (const { shardId } of await shardsOf(lane)) {
        const shard = { StreamName: streams[lane], ShardId: shardId };
        for await (const page of available(lane, pagesOf(shard, { until }))) yield* page;
      }
    },
    shards: shardsOf,
    readShard,
  };
}

type IteratorType = 'TRIM_HORIZON' | 'AFTER_SEQUENCE_NUMBER';
type Position = Pick<ShardSpan, 'after' | 'since'>;
interface ShardName {
  readonly StreamName: string;
  readonly ShardId: string;
}
type KinesisRecord = NonNullable<GetRecordsCommandOutput['Records']>[number];

function recordOf(record: KinesisRecord, { StreamName, ShardId }: ShardName): LogRecord {
  const arrivedAt = record.ApproximateArrivalTimestamp?.getTime();
  return {
    incarnation: StreamName,
    shardId: ShardId,
    sequence: record.SequenceNumber ?? '',
    partitionKey: record.PartitionKey ?? '',
    data: Buffer.from(record.Data ?? []).toString('utf8'),
    ...(arrivedAt !== undefined && { arrivedAt }),
  };
}

async function orUnavailable<Reply>(lane: Lane, call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'unknown error';
    throw new LogUnavailable(`the ${lane} log cannot be read (${name})`, { cause });
  }
}

/** Ids of the shards, each after those it was split or merged from. */
function parentsFirst(shards: readonly Shard[]): readonly string[] {
  const byId = new Map(shards.map((shard) => [shard.ShardId ?? '', shard]));
  const ordered = new Set<string>();
  const visit = (shardId: string | undefined): void => {
    const shard = shardId === undefined ? undefined : byId.get(shardId);
    if (!shardId || !shard || ordered.has(shardId)) return;
    visit(shard.ParentShardId);
    visit(shard.AdjacentParentShardId);
    ordered.add(shardId);
  };
  for (const shardId of byId.keys()) visit(shardId);
  return [...ordered];
}
