import * as v from 'valibot';
import type { Lane } from '../../domain/stream-event.ts';
import { incarnationOf } from '../../domain/watermark.ts';
import type { QuarantineEntry } from '../../ports/quarantine.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html; `payload` is JSON as text. */
const discardSchema = v.object({
  requestContext: v.object({ functionArn: v.string(), condition: v.string() }),
  timestamp: v.string(),
  KinesisBatchInfo: v.object({ shardId: v.string(), streamArn: v.string() }),
  payload: v.string(),
});

const payloadSchema = v.object({
  Records: v.array(
    v.object({
      kinesis: v.object({
        sequenceNumber: v.string(),
        data: v.string(),
        /** Seconds. */
        approximateArrivalTimestamp: v.number(),
      }),
    }),
  ),
});

/**
 * The records of a batch that an event source mapping gave up, an entry each, under the same ids that the fold would
 * give them. Throws on an object that Lambda has not written.
 */
export function discardedEntries(
  object: string,
  streams: Readonly<Record<Lane, string>>,
): readonly QuarantineEntry[] {
  const { requestContext, timestamp, KinesisBatchInfo, payload } = v.parse(discardSchema, JSON.parse(object));
  const { shardId, streamArn } = KinesisBatchInfo;
  const streamName = streamArn.slice(streamArn.lastIndexOf('/') + 1);
  const lane = (['critical', 'bulk'] as const).find((one) => streams[one] === streamName);
  const { condition, functionArn } = requestContext;
  return v.parse(payloadSchema, JSON.parse(payload)).Records.map(({ kinesis }) => ({
    // A stream of a former life has no lane any more; its records keep their places apart.
    id: `${lane ?? streamName}/${shardId}/${kinesis.sequenceNumber}`,
    code: condition.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    reason: `Lambda gave up the record's batch: ${condition}`,
    functionName: /:function:([^:/]+)/.exec(functionArn)?.[1] ?? functionArn,
    ...(lane && { lane }),
    sequence: kinesis.sequenceNumber,
    arrivedAt: Math.round(kinesis.approximateArrivalTimestamp * 1000),
    quarantinedAt: Date.parse(timestamp),
    incarnation: incarnationOf(streamName),
    bytes: kinesis.data,
  }));
}

/** When a batch was discarded, ms, as its key says (to the second, rounded up); undefined: its key says nothing. */
export function discardedAt(key: string): number | undefined {
  const [, day, hours, minutes, seconds] =
    /\/(\d{4}-\d{2}-\d{2})T(\d{2})\.(\d{2})\.(\d{2})-[^/]*$/.exec(key) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) + 1_000;
}
