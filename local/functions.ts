import { buildSync } from 'esbuild';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AwsMeters } from './aws-meters.ts';
import { parseEmf } from './emf.ts';
import { LocalFault } from './fault.ts';
import { type LambdaPool, lambdaPool } from './lambda-pool.ts';
import { type InvocationResult, THROTTLED } from './lambda-protocol.ts';
import type { MetricStore } from './metric-store.ts';
import type { FunctionPlan } from './plan.ts';
import type { RunClock } from './run-clock.ts';

const HTTP_WORKERS = 4;

export interface Functions {
  invoke(name: string, event: object): Promise<InvocationResult>;
  /** Runs these from now on; a function that is not among them stays as it is. */
  deploy(plans: readonly FunctionPlan[]): void;
  arnOf(name: string): string;
  end(): Promise<void>;
}

interface DeployedFunction {
  plan: FunctionPlan;
  readonly pool: LambdaPool;
  /** Calls under way. */
  running: number;
}

export interface FunctionsOptions {
  readonly plans: readonly FunctionPlan[];
  /** Names of those that a stream invokes: its shards bound how many run at once. */
  readonly streamed: ReadonlySet<string>;
  readonly environmentOf: (plan: FunctionPlan) => Readonly<Record<string, string>>;
  readonly metrics: MetricStore;
  readonly meters: AwsMeters;
  readonly clock: RunClock;
  readonly dir: string;
}

/** Makes the script that worker threads start with; plain JavaScript, so that no loader of ours runs in them. */
export function bundleWorker(dir: string): string {
  const outfile = join(dir, 'lambda-worker.mjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('lambda-worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  return outfile;
}

/**
 * Loads the functions. Their metrics go to the store, all else that they print to `logs/<logical id>.log`.
 *
 * @throws {LocalFault} if one does not load
 */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const { plans, metrics, meters, clock, dir } = options;
  const workerFile = bundleWorker(dir);
  const pools = new Map<string, DeployedFunction>();
  for (const plan of plans) {
    const log = createWriteStream(join(dir, 'logs', `${plan.id}.log`));
    const deployed: DeployedFunction = {
      plan,
      running: 0,
      pool: lambdaPool({
        plan,
        workerFile,
        environment: options.environmentOf(plan),
        maxWorkers: options.streamed.has(plan.name) ? Infinity : HTTP_WORKERS,
        clock,
        onLine(line) {
          const samples = parseEmf(line);
          if (samples) samples.forEach(metrics.record);
          else log.write(`${line}\n`);
        },
      }),
    };
    pools.set(plan.name, deployed);
  }
  const end = async (): Promise<void> => {
    await Promise.all([...pools.values()].map(({ pool }) => pool.end()));
  };
  const faults = await Promise.all(
    [...pools.values()].map(async ({ plan, pool }) => {
      const fault = await pool.warm();
      return fault === undefined
        ? undefined
        : `The function ${plan.id} does not load: ${fault.split('\n')[0]} (its log: ${join(dir, 'logs', `${plan.id}.log`)}).`;
    }),
  );
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) {
    await end();
    throw new LocalFault(fault);
  }

  const functionOf = (name: string): DeployedFunction => {
    const found = pools.get(name);
    if (!found) throw new LocalFault(`No stack has the function ${name}.`);
    return found;
  };
  return {
    async invoke(name, event) {
      const deployed = functionOf(name);
      const { reservedConcurrency = Infinity } = deployed.plan;
      if (deployed.running >= reservedConcurrency) {
        meters.throttled(name);
        return THROTTLED;
      }
      deployed.running += 1;
      const atOnce = deployed.running;
      const { result, durationMs } = await deployed.pool.invoke(event);
      deployed.running -= 1;
      meters.ran(name, { isError: !result.ok, durationMs, atOnce });
      return result;
    },
    deploy(nextPlans) {
      for (const plan of nextPlans) {
        const deployed = pools.get(plan.name);
        if (!deployed) continue;
        deployed.plan = plan;
        deployed.pool.deploy(plan, options.environmentOf(plan));
      }
    },
    arnOf: (name) => functionOf(name).plan.arn,
    end,
  };
}
