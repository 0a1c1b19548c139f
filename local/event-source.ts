import { ListShardsCommand } from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClients } from './aws-clients.ts';
import type { AwsMeters } from './aws-meters.ts';
import { deliverBatch } from './batch-delivery.ts';
import { BatchQueue } from './batch-queue.ts';
import { laneOf } from './batch-rules.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { InvocationResult } from './lambda-protocol.ts';
import type { EventSourcePlan } from './plan.ts';
import type { RunClock } from './run-clock.ts';
import { type ShardNode, startable } from './shard-order.ts';
import { ShardProgress } from './shard-progress.ts';
import { pause, readShard, type ShardPosition, type StreamRecord } from './shard-reader.ts';

const MAX_READ = 10_000;
const LIST_AGAIN_MS = 1_000;
const END_WITHIN_MS = 5_000;

export interface EventSourceStatus {
  readonly eventSource: string;
  readonly function: string;
  readonly stream: string;
  /** Nothing is read and not done, on any shard. */
  readonly idle: boolean;
  /** Records read and not done. */
  readonly pending: number;
  /** Age of the oldest of them, ms; 0 if none. */
  readonly lagMs: number;
  /** All that was in the stream before this time, ms since the epoch, is done; 0: not yet so. */
  readonly caughtUpAt: number;
  /** Calls that failed, wholly or partly. */
  readonly failures: number;
  /** By shard: the sequence number up to which all is done, or that it is over. */
  readonly checkpoints: Readonly<Record<string, string>>;
}

export interface EventSource {
  status(): EventSourceStatus;
  /** Resolves when the calls under way have come back, within five seconds: what is late is handed over again. */
  end(): Promise<void>;
}

export interface EventSourceOptions {
  readonly plan: EventSourcePlan;
  readonly clients: AwsClients;
  readonly region: string;
  readonly functionArn: string;
  readonly checkpoints: Checkpoints;
  readonly invoke: (event: object) => Promise<InvocationResult>;
  readonly clock: RunClock;
  readonly meters: Pick<AwsMeters, 'iteratorAge' | 'givenUp'>;
}

interface OpenShard {
  readonly progress: ShardProgress;
  caughtUpAt: number;
}

/** Polls a stream for its function as Lambda's event source mappings do, shard by shard. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { plan, clients, checkpoints, clock, meters } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const shards = new Map<string, OpenShard>();
  const begun = new Set<string>();
  const running = new Set<Promise<void>>();
  let failures = 0;
  let listed = false;

  const keyOf = (shardId: string): string => `${plan.streamName}/${shardId}`;
  const isFinished = (shardId: string): boolean => {
    const checkpoint = checkpoints.get(keyOf(shardId));
    return checkpoint !== undefined && 'finished' in checkpoint;
  };

  const runShard = async ({ id, parents }: ShardNode): Promise<void> => {
    const checkpoint = checkpoints.get(keyOf(id));
    const position: ShardPosition = {
      ...(checkpoint && 'sequence' in checkpoint ? { after: checkpoint.sequence } : {}),
      otherwise: parents.some(isFinished) ? 'TRIM_HORIZON' : plan.startingPosition,
    };
    const shard: OpenShard = { progress: new ShardProgress(), caughtUpAt: 0 };
    shards.set(id, shard);
    const { progress } = shard;
    const queues = Array.from({ length: plan.parallelization }, () => new BatchQueue<StreamRecord>());
    const limit = Math.min(MAX_READ, plan.batchSize * plan.parallelization);
    let roomMade: (() => void) | undefined;
    signal.addEventListener('abort', () => roomMade?.(), { once: true });

    const deliver = async (queue: BatchQueue<StreamRecord>): Promise<void> => {
      for (;;) {
        const batch = await queue.take({ records: plan.batchSize, windowMs: plan.windowMs });
        if (!batch || signal.aborted) return;
        await deliverBatch(batch, {
          plan,
          shardId: id,
          functionArn: options.functionArn,
          region: options.region,
          s3: clients.s3,
          invoke: options.invoke,
          signal,
          clock,
          onInvoke: (records) =>
            meters.iteratorAge(plan.functionName, Math.max(0, clock.now() - records.at(-1)!.arrivedAt)),
          onGivenUp: (count, isKept) => meters.givenUp(plan.uuid, count, isKept),
          onFailure: () => void failures++,
          onDone(records) {
            progress.finish(records);
            if (progress.checkpoint !== undefined)
              checkpoints.set(keyOf(id), { sequence: progress.checkpoint });
            roomMade?.();
          },
        });
      }
    };
    const deliveries = queues.map(deliver);

    const atEnd = await readShard({
      kinesis: clients.kinesis,
      streamName: plan.streamName,
      shardId: id,
      position,
      limit,
      signal,
      clock,
      async onRead(records, askedAt) {
        if (records.length === 0 && progress.pending === 0) shard.caughtUpAt = askedAt;
        progress.begin(records);
        for (const record of records) queues[laneOf(record.partitionKey, queues.length)]!.push(record);
        // One read ahead of the function, not more.
        while (progress.pending >= 2 * limit && !signal.aborted) {
          await new Promise<void>((resolve) => {
            roomMade = resolve;
          });
        }
      },
    });
    for (const queue of queues) queue.close();
    await Promise.all(deliveries);
    if (atEnd && !signal.aborted) {
      checkpoints.set(keyOf(id), { finished: true });
      shards.delete(id);
    }
  };

  const supervise = async (): Promise<void> => {
    while (!signal.aborted) {
      const nodes = await listShards(clients, plan.streamName, signal).catch(() => undefined);
      if (nodes) {
        listed = true;
        const known = new Set(nodes.map(({ id }) => keyOf(id)));
        checkpoints.prune((shard) => known.has(shard));
        for (const node of startable(nodes, begun, isFinished)) {
          begun.add(node.id);
          const run: Promise<void> = runShard(node).finally(() => running.delete(run));
          running.add(run);
        }
      }
      // A shard's children appear when it ends.
      await (nodes && running.size > 0 ? Promise.race(running) : pause(LIST_AGAIN_MS, signal));
    }
    await Promise.all(running);
  };
  const supervision = supervise();

  return {
    status() {
      const open = [...shards.values()];
      const pending = open.reduce((sum, { progress }) => sum + progress.pending, 0);
      const arrivals = open.map(({ progress }) => progress.oldestArrival ?? Infinity);
      const oldest = Math.min(...arrivals);
      return {
        eventSource: plan.id,
        function: plan.functionName,
        stream: plan.streamName,
        idle: listed && pending === 0 && open.every(({ caughtUpAt }) => caughtUpAt > 0),
        pending,
        lagMs: oldest === Infinity ? 0 : Math.max(0, clock.now() - oldest),
        caughtUpAt: listed && open.length > 0 ? Math.min(...open.map(({ caughtUpAt }) => caughtUpAt)) : 0,
        failures,
        checkpoints: Object.fromEntries(
          [...shards.keys()].map((id) => {
            const checkpoint = checkpoints.get(keyOf(id));
            return [id, checkpoint && 'sequence' in checkpoint ? checkpoint.sequence : ''];
          }),
        ),
      };
    },
    async end() {
      ending.abort();
      await Promise.race([supervision, sleep(END_WITHIN_MS, undefined, { ref: false })]);
      checkpoints.flush();
    },
  };
}

async function listShards(
  { kinesis }: AwsClients,
  StreamName: string,
  abortSignal: AbortSignal,
): Promise<readonly ShardNode[]> {
  const nodes: ShardNode[] = [];
  let NextToken: string | undefined;
  do {
    const page = await kinesis.send(new ListShardsCommand(NextToken ? { NextToken } : { StreamName }), {
      abortSignal,
    });
    for (const { ShardId = '', ParentShardId, AdjacentParentShardId } of page.Shards ?? []) {
      nodes.push({
        id: ShardId,
        parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
      });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return nodes;
}
