/**
 * `npm run bench -- decide-checkout [ROUNDS]`: our function beside a conventional one that gives the same answers, in one
 * process and in turns. Writes its section of docs/benchmarks.md.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../e2e/local-stack.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { leanBundle } from './lean/lean-bundles.ts';
import { startLeanStub } from './lean/lean-environment.ts';
import { leanConfig, leanEvent, leanRules, leanShopper, queryReply } from './lean/lean-shop.ts';
import type { Measured, MeasuredRound, MeasureTask } from './lean/measure-process.ts';
import { spreadText, textOfAim } from './lean/spread.ts';
import { seededRandom } from './ranking/seeded-random.ts';
import { leavesIn } from './segments/made-up-rules.ts';

const rounds = Number(process.argv[2] ?? 9);
const SEED = 20_261_127;
const SEGMENTS = 50;
const SHOPPERS = 400;
const BLOCK = 20;
const WARM_UP = 12;

const random = seededRandom(SEED);
const rules = leanRules(random, SEGMENTS);
const shoppers = Array.from({ length: SHOPPERS }, (_, index) => leanShopper(random, index));
const events = shoppers.map((shopper) => leanEvent(shopper, random));
const dir = mkdtempSync(join(ROOT, '.lean-'));
const stub = await startLeanStub(shoppers);
try {
  const config = leanConfig(rules);
  const run = async (isTimed: boolean): Promise<Measured> => {
    const cartwright = await leanBundle('cartwright', dir, { config, isTimed });
    const conventional = await leanBundle('conventional', dir, { config, isTimed });
    return measureIn({
      cartwright: cartwright.path,
      conventional: conventional.path,
      events,
      rounds,
      warmUp: WARM_UP,
      block: BLOCK,
    });
  };
  await report(await run(false), await run(true));
} finally {
  stub.end();
  rmSync(dir, { recursive: true });
}

async function measureIn(task: MeasureTask): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('lean/measure-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...stub.environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`measuring ended with ${code}`)));
    child.once('message', (message: Measured | { readonly failed: string }) =>
      'failed' in message ? reject(new Error(message.failed)) : resolve(message),
    );
    child.send(task);
  });
}

async function report(whole: Measured, timed: Measured): Promise<void> {
  const line = (
    name: string,
    measured: Measured,
    of: (round: MeasuredRound) => number,
    unit: string,
    aim: number,
  ): string => {
    const ours = measured.cartwright.map(of);
    const theirs = measured.conventional.map(of);
    const ratios = ours.map((value, round) => value / theirs[round]!);
    const text = (value: number): string => `${Number(value.toPrecision(3))} ${unit}`;
    return `| ${name} | ${spreadText(ours, text)} | ${spreadText(theirs, text)} | ${spreadText(ratios, (ratio) => ratio.toFixed(2))} | ${textOfAim(ratios, aim)} |`;
  };
  const table = [
    '| | Cartwright | conventional | ratio | aim |',
    '|---|---:|---:|---:|---|',
    line('CPU outside the SDK’s call', timed, ({ cpu, sdkCpu }) => cpu - sdkCpu, 'µs', 0.25),
    line('CPU within the SDK’s call', timed, ({ sdkCpu }) => sdkCpu, 'µs', 1),
    line('CPU of a whole request', whole, ({ cpu }) => cpu, 'µs', 1),
    line('a whole request, p50', whole, ({ latencies }) => quantile(latencies, 0.5), 'ms', 1),
    line('a whole request, p99', whole, ({ latencies }) => quantile(latencies, 0.99), 'ms', 1),
  ];
  console.log(table.join('\n'));
  const leaves = rules.reduce((sum, rule) => sum + leavesIn(rule), 0);
  const bytes = (of: (index: number) => string): string =>
    Math.round(
      shoppers.reduce((sum, _, index) => sum + of(index).length, 0) / shoppers.length,
    ).toLocaleString('en');
  await writeSection(
    'decide-checkout',
    [
      '## A decision beside a conventional one',
      `\`npm run bench -- decide-checkout\`. ${provenance(new Date())} Seed ${SEED}. Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
      `\`decide-checkout\` as it is bundled and deployed, and a function for the same request put together from what is usual: middy, Powertools, zod, lib-dynamodb over items of native attributes, ` +
        `GrowthBook’s conditions. Both with ${SEGMENTS} segments (${leaves} tests), over ${SHOPPERS} made-up shoppers of one to fifteen orders; their answers (orders, what is preselected, reasons, guardrails, segments, journey stage) ` +
        `are compared before anything is measured and are identical. One process, one request at a time, blocks of ${BLOCK} in turns, the table a stub in another process (replies of ${bytes((index) => queryReply(shoppers[index]!.items))} bytes for ours, ` +
        `${bytes((index) => queryReply(shoppers[index]!.nativeItems))} for theirs). Median (least to most) of ${rounds} rounds of ${SHOPPERS} requests after ${WARM_UP} that warm up; the ratio is that of each round.`,
      table.join('\n'),
      'The CPU outside is the process’s, less what passes between the beginning of a call of the SDK’s client and its answer. What turns attributes into values is outside for both: lib-dynamodb does it within the call ' +
        'of a client of its own, and is taken out of it. In favour of the conventional one: it knows no regions, devices, tokens, pending events, consent or deadlines, keeps no keys but plain ones, and counts three metrics to our seven.',
    ].join('\n\n'),
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
