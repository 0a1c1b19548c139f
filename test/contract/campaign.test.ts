import { figuresOf, tryRow, type OpenRow } from '../campaign/row.ts';
import { WIRE_ROWS } from '../campaign/rows.ts';
import { openWireCollector } from '../campaign/rows/wire-collector.ts';
import { openWireFold } from '../campaign/rows/wire-fold.ts';
import { WRONG_LOGS, WRONG_ON_THE_WIRE } from '../campaign/wrong-on-the-wire.ts';

test.each(WIRE_ROWS)('$name: $holds', async (row) => {
  const finding = await tryRow(row, row.runs.short);
  process.stderr.write(`campaign, ${row.name}: ${figuresOf(finding)}\n`);

  expect(finding.violations).toEqual([]);
});

describe('on the wire it finds out', () => {
  test.each(WRONG_ON_THE_WIRE)('$name', async (wrong) => {
    expect(await isFound(await openWireFold(wrong), 300)).toBe(true);
  });

  test.each(WRONG_LOGS)('$name', async ({ change }) => {
    expect(await isFound(await openWireCollector(change), 20)).toBe(true);
  });
});

async function isFound(open: OpenRow, mostSeeds: number): Promise<boolean> {
  try {
    for (let seed = 1; seed <= mostSeeds; seed++)
      if ((await open.run(seed)).violations.length > 0) return true;
    return false;
  } finally {
    await open.close();
  }
}
