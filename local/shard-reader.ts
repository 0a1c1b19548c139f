import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShardRecord } from './batch-rules.ts';
import type { RunClock } from './run-clock.ts';

const IDLE_POLL_MS = 50;
const MAX_BACKOFF_MS = 5_000;

export interface StreamRecord extends ShardRecord {
  /** base64 */
  readonly data: string;
}

export interface ShardPosition {
  readonly after?: string;
  /** Where to begin without `after`. */
  readonly otherwise: 'TRIM_HORIZON' | 'LATEST';
}

export interface ShardReaderOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly shardId: string;
  readonly position: ShardPosition;
  /** Records of one read at most. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly clock: Pick<RunClock, 'at'>;
  /** Takes what was read; the next read begins when it resolves. `askedAt`: when the read began, ms. */
  readonly onRead: (records: readonly StreamRecord[], askedAt: number) => Promise<void>;
}

/**
 * Reads a shard to its end, in order, for as long as the stream needs: whatever goes wrong is tried again.
 *
 * @returns true at the shard's end; false when `signal` has ended the reading
 */
export async function readShard(options: ShardReaderOptions): Promise<boolean> {
  const { kinesis, streamName, shardId, signal, clock, onRead } = options;
  let after = options.position.after;
  let iterator: string | undefined;
  let failures = 0;

  const iteratorAfter = async (): Promise<string | undefined> => {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId: shardId,
        ...(after === undefined
          ? { ShardIteratorType: options.position.otherwise }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: after }),
      }),
      { abortSignal: signal },
    );
    return ShardIterator;
  };

  while (!signal.aborted) {
    const askedAt = Date.now();
    let answer: GetRecordsCommandOutput;
    try {
      iterator ??= await iteratorAfter();
      answer = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: options.limit }), {
        abortSignal: signal,
      });
      failures = 0;
    } catch {
      // Out of reach, throttled, expired: a new iterator from where we are, after a while.
      iterator = undefined;
      await pause(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures++), signal);
      continue;
    }
    const records = (answer.Records ?? []).map((record) => toStreamRecord(record, clock));
    after = records.at(-1)?.sequence ?? after;
    await onRead(records, askedAt);
    iterator = answer.NextShardIterator;
    if (iterator === undefined) return true;
    if (records.length === 0) await pause(IDLE_POLL_MS, signal);
  }
  return false;
}

/** Waits, but not past the end of the run. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

type KinesisRecord = NonNullable<GetRecordsCommandOutput['Records']>[number];

function toStreamRecord(
  { SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }: KinesisRecord,
  clock: Pick<RunClock, 'at'>,
): StreamRecord {
  const bytes = Data ?? new Uint8Array();
  return {
    sequence: SequenceNumber ?? '',
    partitionKey: PartitionKey ?? '',
    arrivedAt: clock.at(ApproximateArrivalTimestamp?.getTime() ?? Date.now()),
    data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  };
}
