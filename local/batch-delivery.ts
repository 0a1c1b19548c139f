import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { judge, splitExpired, type Work } from './batch-rules.ts';
import {
  type DiscardCondition,
  invocationRecord,
  invocationRecordKey,
  kinesisEvent,
} from './kinesis-event.ts';
import { type InvocationResult, isThrottle } from './lambda-protocol.ts';
import type { EventSourcePlan } from './plan.ts';
import type { RunClock } from './run-clock.ts';
import { pause, type StreamRecord } from './shard-reader.ts';

const MAX_BACKOFF_MS = 10_000;
/** Tries at the on-failure destination before records are dropped: some seconds. Lambda does not say how many it makes. */
const MAX_KEEP_TRIES = 6;

export interface DeliveryOptions {
  readonly plan: EventSourcePlan;
  readonly shardId: string;
  readonly functionArn: string;
  readonly region: string;
  readonly s3: S3Client;
  readonly invoke: (event: object) => Promise<InvocationResult>;
  /** These need not be handed over again, after a restart either. */
  readonly onDone: (records: readonly StreamRecord[]) => void;
  readonly onFailure: () => void;
  /** Called before each invocation. */
  readonly onInvoke: (records: readonly StreamRecord[]) => void;
  /** These were given up; kept: the on-failure destination has them. */
  readonly onGivenUp: (count: number, isKept: boolean) => void;
  readonly clock: Pick<RunClock, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * Hands a batch to the function until nothing of it is left: done, or given up to the on-failure destination.
 * Returns early when `signal` ends the run; what was not done by then is handed over again next time.
 */
export async function deliverBatch(batch: readonly StreamRecord[], options: DeliveryOptions): Promise<void> {
  const { plan, signal, clock, onDone } = options;
  const queue: Work<StreamRecord>[] = [{ records: batch, retries: 0 }];
  let failures = 0;
  let invocations = 0;

  const discard = async (records: readonly StreamRecord[], condition: DiscardCondition): Promise<void> => {
    if (records.length === 0) return;
    const isKept = await keep(records, condition, invocations, options);
    if (signal.aborted) return;
    options.onGivenUp(records.length, isKept);
    onDone(records);
  };

  for (let work = queue.shift(); work && !signal.aborted; work = queue.shift()) {
    const { expired, fresh } = splitExpired(work.records, plan, clock.now());
    await discard(expired, 'RecordAgeExceeded');
    if (fresh.length === 0) continue;

    const event = kinesisEvent(plan, options.region, options.shardId, fresh);
    options.onInvoke(fresh);
    const outcome = await options.invoke(event);
    if (isThrottle(outcome)) {
      // It is as if it had not been tried: nothing is bisected, no retry is spent.
      queue.unshift({ ...work, records: fresh });
      options.onFailure();
      await pause(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures++), signal);
      continue;
    }
    invocations += 1;
    const verdict = judge({ records: fresh, retries: work.retries }, outcome, plan);
    onDone(verdict.done);
    await discard(verdict.discarded, 'RetryAttemptsExhausted');
    queue.unshift(...verdict.next);

    if (verdict.done.length > 0) failures = 0;
    if (verdict.done.length < fresh.length) {
      options.onFailure();
      await pause(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures++), signal);
    }
  }
}

/** Puts the records into the on-failure bucket, patiently; false: it did not take them, and they are dropped. */
async function keep(
  records: readonly StreamRecord[],
  condition: DiscardCondition,
  invocations: number,
  { plan, functionArn, region, shardId, s3, clock, signal }: DeliveryOptions,
): Promise<boolean> {
  if (plan.failureBucket === undefined) return false;
  const options = {
    plan,
    functionArn,
    region,
    shardId,
    condition,
    invocations,
    requestId: randomUUID(),
    now: clock.now(),
  };
  for (let tries = 0; tries < MAX_KEEP_TRIES && !signal.aborted; tries++) {
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: plan.failureBucket,
          Key: invocationRecordKey(options),
          Body: JSON.stringify(invocationRecord(options, records)),
        }),
        { abortSignal: signal },
      );
      return true;
    } catch {
      await pause(Math.min(MAX_BACKOFF_MS, 100 * 2 ** tries), signal);
    }
  }
  return false;
}
