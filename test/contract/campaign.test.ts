import { figuresOf, tryRow } from '../campaign/row.ts';
import { WIRE_ROWS } from '../campaign/rows.ts';

test.each(WIRE_ROWS)('$name: $holds', async (row) => {
  const finding = await tryRow(row, row.runs.short);
  process.stderr.write(`campaign, ${row.name}: ${figuresOf(finding)}\n`);

  expect(finding.violations).toEqual([]);
});
