import { figuresOf, tryRow } from '../campaign/row.ts';
import { STACK_ROWS } from '../campaign/rows.ts';

test.each(STACK_ROWS)(
  '$name: $holds',
  async (row) => {
    const finding = await tryRow(row, row.runs.short);
    process.stderr.write(`campaign, ${row.name}: ${figuresOf(finding)}\n`);

    expect(finding.violations).toEqual([]);
  },
  180_000,
);
