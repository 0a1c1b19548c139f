import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type GetRecordsCommandOutput,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { LogUnavailable, type EventLogReader, type LogRecord } from '../../ports/event-log.ts';
import { backoff, realPauses, type Pauses } from '../backoff.ts';
import type { StreamNames } from './kinesis-event-log.ts';
import { isPassingError } from './passing-error.ts';

/** A shard answers five reads a second: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const EMPTY_READ_PAUSE_MS = 210;
/** Kinesis gives empty pages on its way through a shard, and emulators never say how far behind a page is. */
const EMPTY_READS_AT_TIP = 3;
/** The tip of a stream that is being written to runs away. */
const READS_PAST_OWN_START_MS = 10_000;
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
export function kinesisEventLogReader(options: KinesisEventLogReaderOptions): EventLogReader {
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

  async function iteratorAfter(stream: string, shardId: string, sequence: string | undefined) {
    const reply = await patiently(() =>
      client.send(
        new GetShardIteratorCommand({
          StreamName: stream,
          ShardId: shardId,
          ...(sequence === undefined
            ? { ShardIteratorType: 'TRIM_HORIZON' }
            : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: sequence }),
        }),
      ),
    );
    return reply.ShardIterator;
  }

  /** `expired`: whoever takes its time over the records outlives the iterator. */
  async function getRecords(iterator: string): Promise<GetRecordsCommandOutput | 'expired'> {
    try {
      return await patiently(() => client.send(new GetRecordsCommand({ ShardIterator: iterator })));
    } catch (error) {
      if (error instanceof ExpiredIteratorException) return 'expired';
      throw error;
    }
  }

  async function* readShard(stream: string, shardId: string, until: number): AsyncGenerator<LogRecord> {
    let last: string | undefined;
    let emptyReads = 0;
    let iterator = await iteratorAfter(stream, shardId, last);
    while (iterator !== undefined) {
      const page = await getRecords(iterator);
      if (page === 'expired') {
        iterator = await iteratorAfter(stream, shardId, last);
        continue;
      }
      iterator = page.NextShardIterator;
      const records = page.Records ?? [];
      for (const record of records) {
        last = record.SequenceNumber ?? '';
        yield {
          incarnation: stream,
          shardId,
          sequence: last,
          partitionKey: record.PartitionKey ?? '',
          data: Buffer.from(record.Data ?? []).toString('utf8'),
          ...(record.ApproximateArrivalTimestamp && {
            arrivedAt: record.ApproximateArrivalTimestamp.getTime(),
          }),
        };
      }
      if ((records.at(-1)?.ApproximateArrivalTimestamp?.getTime() ?? 0) > until) return;
      if (records.length > 0) {
        emptyReads = 0;
        continue;
      }
      if (!page.MillisBehindLatest) emptyReads += 1;
      if (emptyReads === EMPTY_READS_AT_TIP) return;
      await pauses.sleep(EMPTY_READ_PAUSE_MS);
    }
  }

  return {
    async *read(lane) {
      const stream = streams[lane];
      const until = pauses.now() + READS_PAST_OWN_START_MS;
      try {
        for (const shardId of parentsFirst(await listShards(stream)))
          yield* readShard(stream, shardId, until);
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new LogUnavailable(`the ${lane} log cannot be read (${name})`, { cause });
      }
    },
  };
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
