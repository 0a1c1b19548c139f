/**
 * `npm run bench -- segment-speed [ROUNDS]`: how many profiles a second are judged by 50, 500 and 5,000 rules, beside
 * other engines, in turns. Writes its section of docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { store } from '../../store.config.ts';
import { ROOT } from '../e2e/local-stack.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { seededRandom } from './ranking/seeded-random.ts';
import { CONTENDERS, type Judge } from './segments/engines.ts';
import { leavesIn, madeUpProfile, madeUpRules } from './segments/made-up-rules.ts';

const rounds = Number(process.argv[2] ?? 7);
const SIZES = [50, 500, 5_000];
const PROFILES = 2_000;
/** What is measured at a time. */
const SLICE_MS = 300;
/** Profiles on which all must say the same. */
const COMPARED = 100;
const COLD_STARTS = 9;

const random = seededRandom(20_261_124);
const profiles = Array.from({ length: PROFILES }, () => madeUpProfile(random));
const rows: string[] = [];
const loads: string[] = [];
for (const size of SIZES) {
  const rules = madeUpRules(random, size);
  const judges: { readonly name: string; readonly judge: Judge }[] = [];
  for (const { name, load } of CONTENDERS) {
    const startedAt = performance.now();
    const judge = load(rules);
    if (judges.length === 0)
      loads.push(`${size.toLocaleString('en')} in ${(performance.now() - startedAt).toFixed(1)} ms`);
    judges.push({ name, judge });
  }
  await compare(judges);
  const speeds = new Map(judges.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const order = judges.map((_, at) => judges[(at + round) % judges.length]!);
    for (const { name, judge } of order) speeds.get(name)?.push(await measure(judge));
  }
  const base = speeds.get('GrowthBook') ?? [];
  const leaves = rules.reduce((sum, rule) => sum + leavesIn(rule), 0);
  for (const [name, measured] of speeds) {
    const ratio = spread(
      measured.map((speed, at) => speed / base[at]!),
      ratioText,
    );
    rows.push(
      `| ${size.toLocaleString('en')} (${leaves.toLocaleString('en')}) | ${name} | ${spread(measured, rateText)} | ${ratio} |`,
    );
    console.log(rows.at(-1));
  }
}

const { bytes, zipped } = await bundled();
const cold = await coldLoad();
const shipped = Object.keys(store.segments.named).length + Object.keys(store.segments.journey).length;
await writeSection(
  'segment-speed',
  [
    '## Judging people by rules',
    `\`npm run bench -- segment-speed\`. ${provenance(new Date())} Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
    `Profiles judged by all rules, a second of CPU: median (least to most) of ${rounds} rounds, in each of which every engine had ${SLICE_MS} ms, in turns; ` +
      `the ratio is that of each round. ${PROFILES.toLocaleString('en')} made-up profiles of 24 fields; on the first ${COMPARED} all engines give identical answers. ` +
      'json-rules-engine is given its facts flat, since looking into objects would slow it down further.',
    ['| rules (tests in them) | | profiles a second | ÷ GrowthBook |', '|---|---|---:|---:|', ...rows].join(
      '\n',
    ),
    `Rules are read, checked and indexed when a function starts: those that ship (${shipped} conditions) in ${cold.toFixed(1)} ms of CPU, ` +
      `the median of ${COLD_STARTS} fresh processes; of the rules above, one after the other in this process, ${loads.join(', ')}. ` +
      `What reads, checks, indexes and judges comes to ${bytes.toLocaleString('en')} bytes of \`decide-checkout\`, minified (${zipped.toLocaleString('en')} gzipped). It generates no code.`,
  ].join('\n\n'),
);

async function compare(judges: readonly { readonly name: string; readonly judge: Judge }[]): Promise<void> {
  for (const { nested, flat } of profiles.slice(0, COMPARED)) {
    const answers = await Promise.all(judges.map(async ({ judge }) => (await judge(nested, flat)).join()));
    const different = answers.findIndex((answer) => answer !== answers[0]);
    if (different >= 0) throw new Error(`${judges[different]?.name} differs of ${JSON.stringify(flat)}`);
  }
}

async function measure(judge: Judge): Promise<number> {
  let done = 0;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let elapsed = 0;
  // A clock is read now and then only: of the quickest, reading it would be a good part.
  while (elapsed < SLICE_MS) {
    const { nested, flat } = profiles[done % PROFILES]!;
    const judged = judge(nested, flat);
    if (judged instanceof Promise) await judged;
    done += 1;
    if (judged instanceof Promise || done % 8 === 0) elapsed = performance.now() - startedAt;
  }
  // Whoever else uses the machine takes time from all, but not from each the same.
  const { user, system } = process.cpuUsage(before);
  return (done * 1_000_000) / (user + system);
}

/** What it takes a process that has just been started to read, check and index the segments that ship, ms of CPU. */
async function coldLoad(): Promise<number> {
  const code = await bundle(
    "import { segmentsOfConfig } from './shared/domain/segments/compile-segments.ts'; import { store } from './store.config.ts';" +
      'const before = process.cpuUsage(); segmentsOfConfig(store.segments); const { user, system } = process.cpuUsage(before);' +
      'console.log((user + system) / 1000);',
  );
  const times = Array.from({ length: COLD_STARTS }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module'], {
        input: Buffer.from(code),
        encoding: 'utf8',
      }),
    ),
  );
  return times.sort((one, other) => one - other)[Math.floor(COLD_STARTS / 2)]!;
}

/** Bytes of what judges, as it stands in a function's bundle. */
async function bundled(): Promise<{ readonly bytes: number; readonly zipped: number }> {
  const code = await bundle(
    "export { segmentsOfConfig } from './shared/domain/segments/compile-segments.ts'; export { membershipOf } from './shared/domain/segments/membership.ts';",
  );
  return { bytes: code.length, zipped: gzipSync(code).length };
}

async function bundle(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return outputFiles[0]!.contents;
}

function spread(values: readonly number[], text: (value: number) => string): string {
  const sorted = [...values].sort((one, other) => one - other);
  return `${text(sorted[Math.floor(sorted.length / 2)]!)} (${text(sorted[0]!)} to ${text(sorted.at(-1)!)})`;
}

function rateText(rate: number): string {
  return Number(rate.toPrecision(3)).toLocaleString('en');
}

function ratioText(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(2) : Math.round(ratio).toLocaleString('en')} ×`;
}
