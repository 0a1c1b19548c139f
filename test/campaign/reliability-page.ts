import { provenance, readSection, writeSection } from '../bench/benchmark-page.ts';
import { figuresOf, type Finding, type Row } from './row.ts';
import { ROWS } from './rows.ts';

export const PAGE = 'docs/reliability.md';
export const SECTION = 'campaign';
const COLUMNS = ['Row', 'Input and fault', 'Must hold', 'Aim', 'Tried', 'Violations', 'Commit'] as const;
type Line = Readonly<Record<(typeof COLUMNS)[number], string>>;

const RULE =
  'An aim is reached (✓) when “Tried” counts as many of the same; until then it says how much of it that is. A row without one is tried as long as there is time.';

/** Of the code of which commits. */
export interface CommittedFinding extends Finding {
  readonly commits: readonly string[];
}

/** Brings the rows that were tried up to date, and leaves the others as they were. */
export async function writeFindings(findings: readonly CommittedFinding[]): Promise<void> {
  const table = tableOf(ROWS, findings, readSection(SECTION, PAGE));
  await writeSection(SECTION, `${table}\n\nLast written on ${provenance(new Date())}`, PAGE);
}

/**
 * The table of all rows.
 *
 * @param before the one that stands there: of a row that was not tried now, all but how much of its aim was tried is as it says
 */
export function tableOf(rows: readonly Row[], findings: readonly CommittedFinding[], before: string): string {
  const known = knownLines(before);
  const lines = rows.map((row) => {
    const finding = findings.find((one) => one.row.name === row.name);
    const line = finding === undefined ? (known.get(row.name) ?? untried(row)) : lineOf(finding);
    return markdownOf({ ...line, Aim: aimText(row, line.Tried) });
  });
  const head = [markdownOf(Object.fromEntries(COLUMNS.map((name) => [name, name])) as Line)];
  return `${RULE}\n\n${[...head, `| ${COLUMNS.map(() => '---').join(' | ')} |`, ...lines].join('\n')}`;
}

/** `1,000,000 schedules (35 %)`, `100,000 events ✓` */
export function aimText({ aim }: Pick<Row, 'aim'>, tried: string): string {
  if (aim === undefined) return '–';
  const share = countIn(tried, aim.of) / aim.atLeast;
  const reached = share >= 1 ? '✓' : `(${Math.floor(share * 100)} %)`;
  return `${aim.atLeast.toLocaleString('en')} ${aim.of} ${reached}`;
}

/** `countIn('4 events, 1,200 schedules; 3 events a second', 'schedules')` → 1200 */
function countIn(tried: string, of: string): number {
  for (const part of tried.split(/, |; /)) {
    const [, count, name] = /^([\d,]+) (.*)$/.exec(part) ?? [];
    if (name === of) return Number(count?.replaceAll(',', ''));
  }
  return 0;
}

/** By row; a table with other columns, of an earlier campaign, too. */
function knownLines(before: string): ReadonlyMap<string, Line> {
  const [head, , ...lines] = before
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const at = COLUMNS.map((column) => [column, head?.indexOf(column) ?? -1] as const);
  return new Map(
    lines.map((cells) => {
      const line = Object.fromEntries(at.map(([column, index]) => [column, cells[index] ?? ''])) as Line;
      return [line.Row, line];
    }),
  );
}

function untried({ name }: Row): Line {
  return {
    Row: name,
    'Input and fault': '',
    'Must hold': '',
    Aim: '',
    Tried: 'not yet',
    Violations: '',
    Commit: '',
  };
}

function lineOf({ row, violations, commits, ...finding }: CommittedFinding): Line {
  return {
    Row: row.name,
    'Input and fault': row.input,
    'Must hold': row.holds,
    Aim: '',
    Tried: figuresOf({ row, violations, ...finding }),
    Violations: String(violations.length),
    Commit: commits.join(', '),
  };
}

function markdownOf(line: Line): string {
  return `| ${COLUMNS.map((column) => line[column]).join(' | ')} |`;
}
