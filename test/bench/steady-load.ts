import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER } from '../e2e/local-stack.ts';
import { startCountedStack, untilCaughtUp } from './measured-replay.ts';

export interface SteadyLoad {
  readonly offeredPerSecond: number;
  readonly seconds: number;
  /** What was really sent in a second: less than offered if the sender could not keep up. */
  readonly sentPerSecond: number;
  /** `SyncLag` of the critical lane, ms: the oldest event of each write. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly writes: number;
}

interface Summary {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

const REQUESTS_A_SECOND = 50;

/** Sends events at a steady rate into an empty local run, whatever the answers take, and asks its metrics. */
export async function measureSteadyLoad(
  lines: readonly string[],
  offeredPerSecond: number,
  seconds: number,
): Promise<SteadyLoad> {
  const { stack, end } = await startCountedStack();
  try {
    const batch = offeredPerSecond / REQUESTS_A_SECOND;
    const requests: Promise<unknown>[] = [];
    const startedAt = performance.now();
    for (let request = 0; request < seconds * REQUESTS_A_SECOND; request++) {
      const dueMs = (request * 1000) / REQUESTS_A_SECOND;
      const earlyMs = dueMs - (performance.now() - startedAt);
      if (earlyMs > 0) await sleep(earlyMs);
      const events = lines.slice(request * batch, (request + 1) * batch);
      requests.push(stack.post('/v1/batch', `{"batch":[${events.join(',')}]}`, SERVER));
    }
    await Promise.all(requests);
    const took = (performance.now() - startedAt) / 1000;
    await untilCaughtUp(stack);
    const reply = await fetch(`${stack.url}/_local/status`);
    const { metrics } = (await reply.json()) as { metrics: readonly Summary[] };
    const lag = metrics.find(({ name, dimensions }) => name === 'SyncLag' && dimensions.Lane === 'critical');
    return {
      offeredPerSecond,
      seconds,
      sentPerSecond: (requests.length * batch) / took,
      p50: lag?.p50 ?? null,
      p99: lag?.p99 ?? null,
      writes: lag?.count ?? 0,
    };
  } finally {
    await end();
  }
}
