import type { EventSourcePlan } from './plan.ts';
import type { StreamRecord } from './shard-reader.ts';
import { ACCOUNT_ID } from './stacks.ts';

/** The event that Lambda makes of a batch of one shard. */
export function kinesisEvent(
  plan: EventSourcePlan,
  region: string,
  shardId: string,
  records: readonly StreamRecord[],
): object {
  return {
    Records: records.map(({ sequence, partitionKey, data, arrivedAt }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
        data,
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequence}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${ACCOUNT_ID}:role/local`,
      awsRegion: region,
      eventSourceARN: plan.streamArn,
    })),
  };
}

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface InvocationRecordOptions {
  readonly plan: EventSourcePlan;
  readonly functionArn: string;
  readonly region: string;
  readonly shardId: string;
  readonly condition: DiscardCondition;
  readonly invocations: number;
  readonly requestId: string;
  /** ms since the epoch. */
  readonly now: number;
}

/** What Lambda puts into an on-failure bucket for records that it gives up: their whole event as `payload`, as text. */
export function invocationRecord(options: InvocationRecordOptions, records: readonly StreamRecord[]): object {
  const { plan, region, shardId, invocations } = options;
  const [first, last] = [records[0]!, records.at(-1)!];
  return {
    requestContext: {
      requestId: options.requestId,
      functionArn: options.functionArn,
      condition: options.condition,
      approximateInvokeCount: invocations,
    },
    ...(invocations > 0
      ? { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' } }
      : {}),
    version: '1.0',
    timestamp: new Date(options.now).toISOString(),
    KinesisBatchInfo: {
      shardId,
      startSequenceNumber: first.sequence,
      endSequenceNumber: last.sequence,
      approximateArrivalOfFirstRecord: new Date(first.arrivedAt).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivedAt).toISOString(),
      batchSize: records.length,
      streamArn: plan.streamArn,
    },
    payload: JSON.stringify(kinesisEvent(plan, region, shardId, records)),
  };
}

/** Lambda's key for such an object. */
export function invocationRecordKey({ plan, shardId, requestId, now }: InvocationRecordOptions): string {
  const at = new Date(now).toISOString();
  const [day = '', time = ''] = at.split('T');
  const second = time.slice(0, 8).replaceAll(':', '.');
  return `aws/lambda/${plan.uuid}/${shardId}/${day.replaceAll('-', '/')}/${day}T${second}-${requestId}`;
}
