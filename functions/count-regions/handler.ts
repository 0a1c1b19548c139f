import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { countBatch, type CountDependencies } from './count-batch.ts';

/** Time kept back for the answer: an invocation that is cut off has done its work for nothing. */
const RESERVE_MS = 3_000;

/** One batch of one shard. Lambda delivers again from the lowest record that could not be counted. */
export async function countRegions(
  event: KinesisStreamEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  dependencies: CountDependencies,
): Promise<KinesisStreamBatchResponse> {
  const failed = await countBatch(
    event.Records.map(({ kinesis }) => ({
      sequence: kinesis.sequenceNumber,
      partitionKey: kinesis.partitionKey,
      data: Buffer.from(kinesis.data, 'base64'),
    })),
    () => context.getRemainingTimeInMillis() > RESERVE_MS,
    dependencies,
  );
  return { batchItemFailures: failed === null ? [] : [{ itemIdentifier: failed }] };
}
