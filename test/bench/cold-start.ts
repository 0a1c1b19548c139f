/**
 * `npm run bench -- cold-start [RUNS]`: what a fresh process needs to load a function and give its first answer: ours, the
 * official SDK alone, and the bundle that one usually deploys, in turns. Writes its section of docs/benchmarks.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../e2e/local-stack.ts';
import { store as shipped } from '../../store.config.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { leanBundle, type LeanBundle } from './lean/lean-bundles.ts';
import { startLeanStub } from './lean/lean-environment.ts';
import { leanConfig, leanEvent, leanRules, leanShopper } from './lean/lean-shop.ts';
import { medianOf, spreadText, textOfAim } from './lean/spread.ts';
import { seededRandom } from './ranking/seeded-random.ts';

const runs = Number(process.argv[2] ?? 100);
const SEED = 20_261_127;
/** Plain JavaScript: a loader of TypeScript would be part of what is measured. */
const STARTER = `import { writeSync } from 'node:fs';
const [path, event] = process.argv.slice(2);
const context = { functionName: 'lean', memoryLimitInMB: '1024', invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:lean', awsRequestId: 'lean' };
const asked = JSON.parse(event);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const { handler } = await import(path);
const { statusCode } = await handler(asked, context);
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
if (statusCode !== 200) process.exit(1);
writeSync(3, JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));
process.exit(0);
`;

const random = seededRandom(SEED);
const shopper = leanShopper(random, 0);
const event = { ...leanEvent(shopper, random), key: shopper.key };
// GrowthBook's conditions look back at nothing: as many that it can judge, in the place of those that ship.
const config = leanConfig(leanRules(random, Object.keys(shipped.segments.named).length));
const dir = mkdtempSync(join(ROOT, '.lean-'));
const stub = await startLeanStub([shopper]);
try {
  const contenders = [
    { name: '`decide-checkout` as deployed', bundle: await leanBundle('cartwright', dir) },
    { name: 'official SDK alone, ESM', bundle: await leanBundle('sdk-alone', dir) },
    {
      name: 'SDK, Powertools, zod, middy, CommonJS',
      bundle: await leanBundle('conventional', dir, { how: 'as-usual', config }),
    },
    { name: 'the same as ESM, minified', bundle: await leanBundle('conventional', dir, { config }) },
  ];
  const starter = join(dir, 'start.mjs');
  writeFileSync(starter, STARTER);
  const measured = contenders.map(() => [] as ColdStart[]);
  for (let run = 0; run <= runs; run++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (turn + run) % contenders.length;
      const start = await coldStart(starter, contenders[at]!.bundle);
      // The first run only warms the disk's cache.
      if (run > 0) measured[at]!.push(start);
    }
  }
  await report(
    contenders.map((contender, at) => ({
      ...contender,
      ms: measured[at]!.map(({ ms }) => ms),
      cpuMs: measured[at]!.map(({ cpuMs }) => cpuMs),
    })),
  );
} finally {
  stub.end();
  rmSync(dir, { recursive: true });
}

/** From before the import until the first answer. */
interface ColdStart {
  readonly ms: number;
  /** Of the process. Unlike the time it does not hang on who else is at work. */
  readonly cpuMs: number;
}

/** In a process of its own. */
async function coldStart(starter: string, { path }: LeanBundle): Promise<ColdStart> {
  const child = spawn(process.execPath, [starter, path, JSON.stringify(event)], {
    env: { PATH: process.env.PATH, ...stub.environment },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let said = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0 || said === '') throw new Error(`${path} did not start: ${code}, "${said}"`);
  return JSON.parse(said) as ColdStart;
}

interface Started {
  readonly name: string;
  readonly bundle: LeanBundle;
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
}

async function report(started: readonly Started[]): Promise<void> {
  const [ours, alone, usual] = started as readonly [Started, Started, Started];
  const ratiosTo = ({ ms }: Started): readonly number[] => ours.ms.map((own, run) => own / ms[run]!);
  const cpuRatiosTo = ({ cpuMs }: Started): readonly number[] =>
    ours.cpuMs.map((own, run) => own / cpuMs[run]!);
  const ratioText = (ratios: readonly number[]): string =>
    spreadText(middle(ratios), (value) => value.toFixed(2));
  const msText = (value: number): string => `${value.toFixed(0)} ms`;
  const table = [
    '| | bytes | CPU until then | ours ÷ it | import and first answer | ours ÷ it | aim |',
    '|---|---:|---:|---:|---:|---:|---|',
    ...started.map((one) => {
      const aim =
        one === alone ? textOfAim(ratiosTo(one), 1.5) : one === usual ? textOfAim(ratiosTo(one), 0.5) : '';
      const ratio = one === ours ? '' : ratioText(ratiosTo(one));
      const cpuRatio = one === ours ? '' : ratioText(cpuRatiosTo(one));
      return `| ${one.name} | ${one.bundle.bytes.toLocaleString('en')} | ${spreadText(middle(one.cpuMs), msText)} | ${cpuRatio} | ${spreadText(middle(one.ms), msText)} | ${ratio} | ${aim} |`;
    }),
  ];
  console.log(table.join('\n'));
  console.log(started.map(({ name, ms }) => `${name}: ${medianOf(ms).toFixed(1)} ms`).join('; '));
  await writeSection(
    'cold-start',
    [
      '## Cold start',
      `\`npm run bench -- cold-start\`. ${provenance(new Date())} Seed ${SEED}. Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
      `From before the import of a bundle until its first answer, in a fresh process, ${runs} times each, in turns; the table and the secrets are a stub in another process. Median (5th to 95th percentile); the ratio is that of each turn. ` +
        'Ours reads its secrets, compiles the shop’s segments, opens its connection, then decides one checkout of a known shopper. The SDK alone makes one Query and answers with its items. The third and fourth are the function of ' +
        '“A decision beside a conventional one”, bundled as CDK’s `NodejsFunction` does it if told nothing, and as ours is, except that ours alone is ' +
        'without the SDK’s search for credentials outside the environment. CPU is the process’s, less what Node.js takes to start; the aim is for the time.',
      table.join('\n'),
    ].join('\n\n'),
  );
}

/** Without the lowest and the highest twentieth: one run in a hundred says more of the machine than of the code. */
function middle(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((left, right) => left - right);
  const cut = Math.floor(sorted.length / 20);
  return sorted.slice(cut, sorted.length - cut);
}
