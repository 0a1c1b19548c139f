/**
 * `npm run campaign` tries every row as `npm test` does, `-- --long` with the big numbers, `--minutes M` for no longer than
 * so long a row, `--row NAME` one alone, `--seed S` from a seed on (with `--runs 1`: the very run that a test named),
 * `--jobs N` in so many processes at a time, `--resume` goes on where the last one with it ended and adds to its figures (kept under
 * .local/campaign), and `--write` puts what came out into docs/reliability.md.
 */
import { parseArgs } from 'node:util';
import { commitNow } from '../bench/benchmark-page.ts';
import { keepFigures, NOTHING_YET, readEarlier, type EarlierFigures } from './earlier-figures.ts';
import { tryInParts } from './parts.ts';
import { writeFindings, type CommittedFinding } from './reliability-page.ts';
import { figuresOf, together, type Row } from './row.ts';
import { ROWS } from './rows.ts';

/** With `--resume`, what was found is kept this often: a machine that goes away takes little of it along. */
const KEPT_EVERY_MS = 10 * 60_000;

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1' },
    long: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    resume: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true },
    runs: { type: 'string' },
    seed: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const jobs = Number(values.jobs);
const limitMs = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes) * 60_000;
const wanted = values.row ?? ROWS.map(({ name }) => name);
const unknown = wanted.find((name) => !ROWS.some((row) => row.name === name));
if (unknown !== undefined) {
  console.error(`there is no row “${unknown}”; rows are: ${ROWS.map(({ name }) => name).join('; ')}`);
  process.exit(1);
}

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isInterrupted = true;
  });

let hasViolations = false;
for (const row of ROWS.filter(({ name }) => wanted.includes(name))) {
  if (isInterrupted) break;
  const finding = await campaignOf(row);
  // At once: a row that breaks off must not take the others' figures with it.
  if (values.write) await writeFindings([finding]);
  console.log(
    `${row.name}: ${figuresOf(finding)}; ${finding.violations.length} violations, ${Math.round(finding.seconds)} s`,
  );
  for (const violation of finding.violations) console.log(`  ${violation}`);
  hasViolations ||= finding.violations.length > 0;
}
process.exitCode = hasViolations ? 1 : 0;

async function campaignOf(row: Row): Promise<CommittedFinding> {
  const startedAt = performance.now();
  const runs = runsOf(row);
  let figures: EarlierFigures = values.resume ? await readEarlier(row) : NOTHING_YET;
  if (values.seed !== undefined) figures = { ...figures, nextSeed: Number(values.seed) };
  for (;;) {
    const left = limitMs - (performance.now() - startedAt);
    if (isInterrupted || left <= 0 || figures.runs >= runs || figures.violations.length > 0)
      return { ...figures, row };
    const goMs = values.resume ? Math.min(left, KEPT_EVERY_MS) : left;
    figures = await goOn(row, runs - figures.runs, goMs, figures);
    if (values.resume) await keepFigures(row, figures);
  }
}

async function goOn(row: Row, runs: number, goMs: number, before: EarlierFigures): Promise<EarlierFigures> {
  const { nextSeed } = before;
  const { lastSeed, ...found } = await tryInParts(row, runs, { jobs, firstSeed: nextSeed, limitMs: goMs });
  const { row: _, ...figures } = together(row, [before, found], before.seconds + found.seconds);
  const commits = [...new Set([...before.commits, commitNow()])];
  return { ...figures, nextSeed: lastSeed + 1, commits };
}

function runsOf({ runs }: Row): number {
  if (values.runs !== undefined) return Number(values.runs);
  return values.long ? runs.long : runs.short;
}
