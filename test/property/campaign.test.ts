import { figuresOf, tryRow } from '../campaign/row.ts';
import { MEMORY_ROWS } from '../campaign/rows.ts';
import { trySchedule } from '../campaign/rows/any-schedule.ts';
import { runDecisions } from '../campaign/decision-run.ts';
import { decisionShop } from '../campaign/decision-shop.ts';
import { WRONG_DECIDERS } from '../campaign/wrong-deciders.ts';
import { tryMemberships } from '../campaign/rows/memberships.ts';
import { WRONG_ANNOUNCING } from '../campaign/wrong-announcing.ts';
import { tryErasing } from '../campaign/rows/erasing.ts';
import { WRONG_ERASINGS } from '../campaign/wrong-erasings.ts';
import { WRONG_FOLDS } from '../campaign/wrong-folds.ts';

test.each(MEMORY_ROWS)('$name: $holds', async (row) => {
  const finding = await tryRow(row, row.runs.short);
  process.stderr.write(`campaign, ${row.name}: ${figuresOf(finding)}\n`);

  expect(finding.violations).toEqual([]);
});

const MOST_SEEDS = 1_000;

describe('the simulator finds out', () => {
  test.each(WRONG_ERASINGS)('$name', async (wrong) => {
    const found: number[] = [];
    for (let seed = 1; seed <= MOST_SEEDS && found.length === 0; seed++) {
      const { violations } = await tryErasing(seed, wrong);
      if (violations.length > 0) found.push(seed);
    }

    expect(found).toHaveLength(1);
  });
});

describe('the simulator finds out', () => {
  test.each(WRONG_FOLDS)('$name', async ({ fold, expected, schedule }) => {
    const found: number[] = [];
    for (let seed = 1; seed <= MOST_SEEDS && found.length === 0; seed++) {
      const { violations } = await trySchedule(seed, { ...schedule, fold, ...(expected && { expected }) });
      if (violations.length > 0) found.push(seed);
    }

    expect(found).toHaveLength(1);
  });
});

describe('the campaign of decisions finds out', () => {
  test.each(WRONG_DECIDERS)('$name', async (change) => {
    const shop = await decisionShop();
    const found: number[] = [];
    for (let seed = 1; seed <= 100 && found.length === 0; seed++) {
      const { violations } = await runDecisions(seed, shop, change);
      if (violations.length > 0) found.push(seed);
    }

    expect(found).toHaveLength(1);
  });
});

describe('of memberships, it finds out', () => {
  test.each(WRONG_ANNOUNCING)('$name', async ({ fold, schedule }) => {
    const found: number[] = [];
    for (let seed = 1; seed <= MOST_SEEDS && found.length === 0; seed++) {
      const { violations } = await tryMemberships(seed, { ...schedule, fold: fold() });
      if (violations.length > 0) found.push(seed);
    }

    expect(found).toHaveLength(1);
  });
});
