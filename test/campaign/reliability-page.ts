import { provenance, readSection, writeSection } from '../bench/benchmark-page.ts';
import { figuresOf, type Finding } from './row.ts';
import { ROWS } from './rows.ts';

export const PAGE = 'docs/reliability.md';
export const SECTION = 'campaign';
const HEAD =
  '| Row | Input and fault | Must hold | Tried | Violations | Commit |\n| --- | --- | --- | --- | --- | --- |';

/** Of the code of which commits. */
export interface CommittedFinding extends Finding {
  readonly commits: readonly string[];
}

/** Brings the rows that were tried up to date, and leaves the others as they were. */
export async function writeFindings(findings: readonly CommittedFinding[]): Promise<void> {
  const lines = new Map(knownLines());
  const where = provenance(new Date());
  for (const finding of findings) lines.set(finding.row.name, lineOf(finding));
  const table = [HEAD, ...ROWS.map(({ name }) => lines.get(name) ?? `| ${name} | | | not yet | | |`)].join(
    '\n',
  );
  await writeSection(SECTION, `${table}\n\nLast written on ${where}`, PAGE);
}

function knownLines(): readonly (readonly [string, string])[] {
  return readSection(SECTION, PAGE)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => [line.split('|')[1]?.trim() ?? '', line] as const);
}

function lineOf({ row, violations, commits, ...finding }: CommittedFinding): string {
  const tried = figuresOf({ row, violations, ...finding });
  const cells = [row.name, row.input, row.holds, tried, String(violations.length), commits.join(', ')];
  return `| ${cells.join(' | ')} |`;
}
