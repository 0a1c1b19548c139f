import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorker } from '../../local/functions.ts';
import { lambdaPool, type LambdaPool } from '../../local/lambda-pool.ts';
import type { FunctionPlan } from '../../local/plan.ts';
import { type RunClock, runClock } from '../../local/run-clock.ts';

const HANDLER = `
import { threadId } from 'node:worker_threads';
export const handler = async (event, context) => {
  if (event.exit) process.exit(3);
  if (event.reject) void Promise.reject(new Error('nobody awaits this'));
  if (event.throw) throw new TypeError(event.throw);
  if (event.print) console.log(event.print);
  if (event.spin) for (;;);
  if (event.ms) await new Promise((resolve) => setTimeout(resolve, event.ms));
  return {
    threadId,
    environment: process.env,
    times: [Date.now(), new Date().getTime(), new Date(7).getTime()],
    left: context.getRemainingTimeInMillis(),
    name: context.functionName,
    requestId: context.awsRequestId,
  };
};`;

interface Answer {
  readonly threadId: number;
  readonly environment: Record<string, string>;
  readonly times: readonly [number, number, number];
  readonly left: number;
  readonly name: string;
}

describe('a function in its workers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cartwright-pool-'));
  const lines: string[] = [];
  let pool: LambdaPool;
  let clock: RunClock;

  const planOf = (timeoutMs = 2_000, modulePath = join(dir, 'index')): FunctionPlan => ({
    id: 'Function',
    name: 'function-1',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:function-1',
    modulePath,
    exportName: 'handler',
    handler: 'index.handler',
    timeoutMs,
    memoryMb: 256,
    environment: {},
  });
  const open = (timeoutMs = 2_000, modulePath = join(dir, 'index')): LambdaPool =>
    lambdaPool({
      plan: planOf(timeoutMs, modulePath),
      workerFile: bundleWorker(dir),
      environment: { ONLY: 'this' },
      maxWorkers: 2,
      clock,
      onLine: (line) => lines.push(line),
    });
  const call = async (event: object): Promise<Answer> => {
    const { result } = await pool.invoke(event);
    if (!result.ok) throw new Error(result.error.errorMessage);
    return JSON.parse(result.payload) as Answer;
  };

  beforeAll(() => writeFileSync(join(dir, 'index.mjs'), HANDLER));
  beforeEach(() => {
    lines.length = 0;
    clock = runClock();
    pool = open();
  });
  afterEach(() => pool.end());
  afterAll(() => rmSync(dir, { recursive: true }));

  it('sees its own environment and nothing of ours', async () => {
    const { environment, name, left } = await call({});
    expect(environment).toEqual({ ONLY: 'this' });
    expect(name).toBe('function-1');
    expect(left).toBeGreaterThan(1_000);
  });

  it('a worker takes one event at a time; there are no more of them than allowed', async () => {
    const one = await call({});
    expect((await call({})).threadId).toBe(one.threadId);
    const many = await Promise.all(Array.from({ length: 6 }, () => call({ ms: 20 })));
    expect(new Set(many.map(({ threadId }) => threadId)).size).toBe(2);
  });

  it('what it throws is an answer, and the worker lives on', async () => {
    const { threadId } = await call({});
    expect(await pool.invoke({ throw: 'no such thing' })).toMatchObject({
      result: { ok: false, error: { errorType: 'TypeError', errorMessage: 'no such thing' } },
      durationMs: expect.any(Number),
    });
    expect((await call({})).threadId).toBe(threadId);
  });

  it.each([['exit'], ['reject']])('a worker that dies (%s) fails its event and is replaced', async (how) => {
    const { threadId } = await call({});
    const dying = pool.invoke({ [how]: true, ms: 500 });
    expect((await dying).result).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
    expect((await call({})).threadId).not.toBe(threadId);
  });

  it('events that wait for a worker that dies are served by its successor', async () => {
    const calls = await Promise.all([
      pool.invoke({ exit: true }),
      pool.invoke({ exit: true }),
      pool.invoke({}),
      pool.invoke({}),
    ]);
    expect(calls.map(({ result }) => result.ok)).toEqual([false, false, true, true]);
  });

  it.each([
    ['ms', 60_000],
    ['spin', 1],
  ])('one that takes too long (%s) is ended', async (how, value) => {
    await pool.end();
    pool = open(200);
    expect((await pool.invoke({ [how]: value })).result).toMatchObject({
      ok: false,
      error: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 0.20 seconds' },
    });
    expect((await call({})).left).toBeGreaterThan(0);
  });

  it('what it printed has arrived when it has ended', async () => {
    await pool.invoke({ print: 'x'.repeat(100_000) });
    await pool.end();
    expect(lines).toEqual(['x'.repeat(100_000)]);
  });

  it('its clock is the run’s: ahead as soon as that is moved', async () => {
    const { times, threadId } = await call({});
    expect(Math.abs(times[0] - Date.now())).toBeLessThan(5_000);
    clock.advance(6 * 3_600_000);
    const later = await call({});
    expect(later.threadId).toBe(threadId);
    expect(later.times[0] - times[0]).toBeGreaterThanOrEqual(6 * 3_600_000);
    expect(later.times[1] - later.times[0]).toBeLessThan(1_000);
    expect(later.times[2]).toBe(7);
  });

  it('after a deploy it runs as it is now, and what was under way ends as it began', async () => {
    const file = join(dir, 'index.mjs');
    const before = await call({});
    const slow = call({ ms: 200 });
    writeFileSync(file, 'export const handler = async () => ({ threadId: -1 });');
    pool.deploy(planOf(), { ONLY: 'this' });
    try {
      expect((await call({})).threadId).toBe(-1);
      expect((await slow).threadId).toBe(before.threadId);
    } finally {
      writeFileSync(file, HANDLER);
    }
    pool.deploy(planOf(), { ONLY: 'that' });
    expect((await call({})).environment).toEqual({ ONLY: 'that' });
  });

  it('a bundle that does not load says why', async () => {
    writeFileSync(join(dir, 'broken.mjs'), 'throw new Error("no secrets today");');
    const broken = open(200, join(dir, 'broken'));
    expect(await broken.warm()).toBe('no secrets today');
    expect(await broken.invoke({})).toMatchObject({ result: { ok: false } });
    await broken.end();
  });
});
