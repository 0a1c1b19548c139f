/**
 * `npm run campaign` tries every row as `npm test` does, `-- --long` with the big numbers, `--minutes M` for no longer than
 * so long a row, `--row NAME` one alone, `--seed S` from a seed on (with `--runs 1`: the very run that a test named),
 * and `--write` puts what came out into docs/reliability.md.
 */
import { parseArgs } from 'node:util';
import { writeFindings } from './reliability-page.ts';
import { figuresOf, tryRow, type Finding, type Row } from './row.ts';
import { ROWS } from './rows.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    row: { type: 'string', multiple: true },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const wanted = values.row ?? ROWS.map(({ name }) => name);
const unknown = wanted.find((name) => !ROWS.some((row) => row.name === name));
if (unknown !== undefined) {
  console.error(`there is no row “${unknown}”; rows are: ${ROWS.map(({ name }) => name).join('; ')}`);
  process.exit(1);
}

const findings: Finding[] = [];
for (const row of ROWS.filter(({ name }) => wanted.includes(name))) {
  const finding = await tryRow(row, runsOf(row), {
    firstSeed: Number(values.seed),
    ...(values.minutes !== undefined && { limitMs: Number(values.minutes) * 60_000 }),
  });
  findings.push(finding);
  // At once: a row that breaks off must not take the others' figures with it.
  if (values.write) await writeFindings([finding]);
  console.log(
    `${row.name}: ${figuresOf(finding)}; ${finding.violations.length} violations, ${Math.round(finding.seconds)} s`,
  );
  for (const violation of finding.violations) console.log(`  ${violation}`);
}
process.exitCode = findings.some(({ violations }) => violations.length > 0) ? 1 : 0;

function runsOf({ runs }: Row): number {
  if (values.runs !== undefined) return Number(values.runs);
  return values.long ? runs.long : runs.short;
}
