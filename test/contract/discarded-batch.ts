/** Id of the event source mapping that gave the batch up, unless another one is said. */
export const FOLD_MAPPING = '28506b89-eb7b-49b2-8a35-7d2ec2bcef9f';

export interface DiscardedBatch {
  readonly mapping?: string;
  readonly stream: string;
  readonly condition: string;
  /** ms */
  readonly discardedAt: number;
  readonly records: readonly {
    readonly sequence: string;
    readonly data: Uint8Array;
    /** ms */
    readonly arrivedAt: number;
    readonly partitionKey?: string;
  }[];
}

/** An object of an on-failure bucket as AWS documents it: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html */
export function discardedBatch({
  mapping = FOLD_MAPPING,
  stream,
  condition,
  discardedAt,
  records,
}: DiscardedBatch): {
  readonly key: string;
  readonly body: string;
} {
  const at = new Date(discardedAt).toISOString();
  const streamArn = `arn:aws:kinesis:us-east-1:123456789012:stream/${stream}`;
  const payload = {
    Records: records.map(({ sequence, data, arrivedAt, partitionKey = 'key' }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventID: `shardId-000000000000:${sequence}`,
      eventSourceARN: streamArn,
    })),
  };
  const day = at.slice(0, 10);
  return {
    key: `aws/lambda/${mapping}/shardId-000000000000/${day.replaceAll('-', '/')}/${day}T${at.slice(11, 19).replaceAll(':', '.')}-c1a2`,
    body: JSON.stringify({
      requestContext: {
        requestId: 'c9b8fa9f',
        functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fold-critical',
        condition,
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: at,
      KinesisBatchInfo: { shardId: 'shardId-000000000000', batchSize: records.length, streamArn },
      payload: JSON.stringify(payload),
    }),
  };
}
