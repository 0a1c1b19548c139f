import { readSection } from '../bench/benchmark-page.ts';
import { aimText, PAGE, SECTION, tableOf, type CommittedFinding } from '../campaign/reliability-page.ts';
import { pureRow, type Row } from '../campaign/row.ts';
import { ROWS } from '../campaign/rows.ts';

const rowOf = (name: string, aim?: Row['aim']): Row =>
  pureRow({
    name,
    input: `input of ${name}`,
    holds: `what ${name} holds`,
    ...(aim && { aim }),
    runs: { short: 1, long: 1 },
    run: () => Promise.resolve({ counts: {}, violations: [] }),
  });
const MANY = rowOf('many', { atLeast: 1_000_000, of: 'schedules' });
const FEW = rowOf('few', { atLeast: 2_000, of: 'events' });
const AIMLESS = rowOf('aimless');
const WITHOUT_AIMS = `
| Row  | Input and fault | Must hold | Tried                                              | Violations | Commit  |
| ---- | --------------- | --------- | -------------------------------------------------- | ---------- | ------- |
| many | as it was       | as before | 354,103 schedules, 4 crashes; 9 events a second    | 0          | 8a5a8ba |
| few  | another         | the same  | 3 schedules, 20,000 records, 2,000 events          | 1          | e1f181b |

Last written on a machine.
`;
const rowsIn = (table: string): readonly (readonly string[])[] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('the table of the campaign', () => {
  test('keeps what it says of rows that were not tried now, and tells how much of their aim that is', () => {
    const [head, , ...lines] = rowsIn(tableOf([MANY, FEW, AIMLESS], [], WITHOUT_AIMS));

    expect(head).toEqual(['Row', 'Input and fault', 'Must hold', 'Aim', 'Tried', 'Violations', 'Commit']);
    expect(lines).toEqual([
      [
        'many',
        'as it was',
        'as before',
        '1,000,000 schedules (35 %)',
        '354,103 schedules, 4 crashes; 9 events a second',
        '0',
        '8a5a8ba',
      ],
      [
        'few',
        'another',
        'the same',
        '2,000 events ✓',
        '3 schedules, 20,000 records, 2,000 events',
        '1',
        'e1f181b',
      ],
      ['aimless', '', '', '–', 'not yet', '', ''],
    ]);
    const table = tableOf([MANY, FEW, AIMLESS], [], WITHOUT_AIMS);
    expect(tableOf([MANY, FEW, AIMLESS], [], table)).toBe(table);
  });

  test('tells of what was tried now', () => {
    const finding: CommittedFinding = {
      row: MANY,
      runs: 7,
      counts: { schedules: 999_999 },
      most: {},
      samples: {},
      seconds: 1,
      violations: ['many, seed 3: lost'],
      commits: ['e1f181b', '0970813'],
    };
    const [, , line] = rowsIn(tableOf([MANY], [finding], WITHOUT_AIMS));

    expect(line).toEqual([
      'many',
      'input of many',
      'what many holds',
      '1,000,000 schedules (99 %)',
      '999,999 schedules',
      '1',
      'e1f181b, 0970813',
    ]);
  });

  test.each(ROWS)('says how much of its aim was tried of $name', (row) => {
    const lines = rowsIn(readSection(SECTION, PAGE));
    const [name, , , aim, tried = ''] = lines.find(([one]) => one === row.name) ?? [];

    expect([name, aim]).toEqual([row.name, aimText(row, tried)]);
    // What is aimed at is counted under that very name.
    expect(tried === 'not yet' || row.aim === undefined || aimText(row, tried) !== aimText(row, '')).toBe(
      true,
    );
  });
});
