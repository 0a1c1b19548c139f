import type {
  Context,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { BatchRecord } from './batch-record.ts';
import { foldBatch, type FoldDependencies } from './fold-batch.ts';

/** Time kept back for the answer: an invocation that is cut off has done its work for nothing. */
const RESERVE_MS = 3_000;

/**
 * One batch of one shard. The answer names the lowest record that could not be taken: Lambda delivers again from
 * there, and everything that was taken before is skipped by its watermark.
 */
export async function foldProfiles(
  event: KinesisStreamEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  dependencies: FoldDependencies,
): Promise<KinesisStreamBatchResponse> {
  const [first] = event.Records;
  if (first === undefined) return { batchItemFailures: [] };
  const failed = await foldBatch(
    event.Records.map(recordOf),
    incarnationOf(streamNameOf(first.eventSourceARN)),
    () => context.getRemainingTimeInMillis() > RESERVE_MS,
    dependencies,
  );
  return { batchItemFailures: failed === null ? [] : [{ itemIdentifier: failed }] };
}

function recordOf(record: KinesisStreamRecord): BatchRecord {
  return {
    shardId: record.eventID.split(':')[0] ?? '',
    sequence: record.kinesis.sequenceNumber,
    partitionKey: record.kinesis.partitionKey,
    data: Buffer.from(record.kinesis.data, 'base64'),
    arrivedAt: Math.round(record.kinesis.approximateArrivalTimestamp * 1000),
  };
}

/** `arn:aws:kinesis:eu-west-1:1234:stream/Name` → `Name`; a consumer's ARN has more behind it. */
function streamNameOf(arn: string): string {
  return arn.split('/')[1] ?? arn;
}
