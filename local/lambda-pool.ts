import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FromWorker, InvocationResult, ToWorker, WorkerInput } from './lambda-protocol.ts';
import type { FunctionPlan } from './plan.ts';
import type { RunClock } from './run-clock.ts';

const LOAD_WITHIN_MS = 10_000;
const END_WITHIN_MS = 2_000;

export interface LambdaPool {
  /** Loads one worker, so that the first request does not wait for it; answers why it cannot, if so. */
  warm(): Promise<string | undefined>;
  /** Runs the function once. What goes wrong in it is a result, never a rejection. */
  invoke(event: unknown): Promise<PooledInvocation>;
  /** Runs this from now on, in new workers: what a deploy does. Those at work end what they have begun. */
  deploy(plan: FunctionPlan, environment: Readonly<Record<string, string>>): void;
  /** Ends the workers after what they have printed has arrived. */
  end(): Promise<void>;
}

export interface PooledInvocation {
  readonly result: InvocationResult;
  /** How long the function ran; absent: it never began. */
  readonly durationMs?: number;
}

export interface LambdaPoolOptions {
  readonly plan: FunctionPlan;
  /** File of the bundled worker. */
  readonly workerFile: string;
  /** The function's whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly maxWorkers: number;
  readonly clock: Pick<RunClock, 'ahead'>;
  readonly onLine: (line: string) => void;
}

interface Runner {
  readonly worker: Worker;
  /** Settles once: loaded, or why not. */
  readonly loaded: Promise<string | undefined>;
  busy: boolean;
  /** Of a deploy before the last one: it takes nothing more. */
  isOutdated: boolean;
}

/** Runs a function as Lambda does: one event at a time in each of its workers, as many workers as are needed. */
export function lambdaPool(options: LambdaPoolOptions): LambdaPool {
  const { maxWorkers, clock } = options;
  let { plan, environment } = options;
  const runners = new Set<Runner>();
  const waiting: ((runner: Runner) => void)[] = [];

  const hasRoom = (): boolean => [...runners].filter(({ isOutdated }) => !isOutdated).length < maxWorkers;

  const release = (runner: Runner): void => {
    runner.busy = false;
    // Its exit serves the next one.
    if (runner.isOutdated) return void retire(runner.worker);
    const next = waiting.shift();
    if (!next) return;
    runner.busy = true;
    next(runner);
  };

  const start = (): Runner => {
    const worker = new Worker(options.workerFile, {
      workerData: {
        modulePath: moduleFile(plan.modulePath),
        exportName: plan.exportName,
        functionName: plan.name,
        functionArn: plan.arn,
        memoryMb: plan.memoryMb,
        ahead: clock.ahead,
      } satisfies WorkerInput,
      env: environment,
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: plan.memoryMb },
    });
    readLines(worker.stdout, options.onLine);
    readLines(worker.stderr, options.onLine);
    const runner: Runner = { worker, loaded: loading(worker), busy: true, isOutdated: false };
    runners.add(runner);
    worker.on('error', (cause) =>
      options.onLine(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)),
    );
    worker.once('exit', () => {
      runners.delete(runner);
      // Somebody may be waiting for the place that has become free.
      const next = hasRoom() ? waiting.shift() : undefined;
      if (next) next(start());
    });
    return runner;
  };

  const acquire = (): Promise<Runner> => {
    const idle = [...runners].find(({ busy, isOutdated }) => !busy && !isOutdated);
    if (idle) {
      idle.busy = true;
      return Promise.resolve(idle);
    }
    if (hasRoom()) return Promise.resolve(start());
    return new Promise((resolve) => waiting.push(resolve));
  };

  return {
    async warm() {
      const runner = await acquire();
      const fault = await runner.loaded;
      release(runner);
      return fault;
    },

    async invoke(event) {
      const runner = await acquire();
      const { timeoutMs } = plan;
      const fault = await runner.loaded;
      if (fault !== undefined) {
        void runner.worker.terminate();
        return { result: failed('Runtime.ExitError', fault) };
      }
      const startedAt = performance.now();
      const { outcome, reusable } = await run(runner.worker, JSON.stringify(event), timeoutMs);
      const durationMs = Math.round(performance.now() - startedAt);
      // A worker that is late or dead is not used again; its exit makes room for another.
      if (reusable) release(runner);
      else void runner.worker.terminate();
      return { result: outcome, durationMs };
    },

    deploy(nextPlan, nextEnvironment) {
      plan = nextPlan;
      environment = nextEnvironment;
      for (const runner of runners) {
        runner.isOutdated = true;
        if (!runner.busy) void retire(runner.worker);
      }
    },

    async end() {
      await Promise.all([...runners].map(({ worker }) => retire(worker)));
    },
  };
}

/** Ends a worker once what it has printed has arrived. */
async function retire(worker: Worker): Promise<void> {
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ type: 'end' } satisfies ToWorker);
  const patience = setTimeout(() => void worker.terminate(), END_WITHIN_MS);
  await gone;
  clearTimeout(patience);
}

function loading(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve('it did not load within 10 s'), LOAD_WITHIN_MS);
    worker.once('message', (message: FromWorker) => {
      clearTimeout(patience);
      resolve(message.type === 'broken' ? message.error.errorMessage : undefined);
    });
    worker.once('exit', (code) => {
      clearTimeout(patience);
      resolve(`its process exited with code ${code}`);
    });
  });
}

async function run(
  worker: Worker,
  event: string,
  timeoutMs: number,
): Promise<{ readonly outcome: InvocationResult; readonly reusable: boolean }> {
  return new Promise((resolve) => {
    const settle = (outcome: InvocationResult, reusable: boolean): void => {
      clearTimeout(deadline);
      worker.off('message', answered);
      worker.off('exit', died);
      resolve({ outcome, reusable });
    };
    const answered = (message: FromWorker): void => {
      if (message.type === 'result') settle(message, true);
    };
    const died = (code: number): void =>
      settle(failed('Runtime.ExitError', `its process exited with code ${code}`), false);
    const deadline = setTimeout(
      () =>
        settle(
          failed('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`),
          false,
        ),
      timeoutMs,
    );
    worker.on('message', answered);
    worker.once('exit', died);
    worker.postMessage({ type: 'invoke', event, timeoutMs } satisfies ToWorker);
  });
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage, trace: [] } };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}

function moduleFile(path: string): string {
  return ['.mjs', '.js', '.cjs'].map((extension) => path + extension).find(existsSync) ?? `${path}.mjs`;
}
