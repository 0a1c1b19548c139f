import { figuresOf, tryRow } from '../campaign/row.ts';
import { MEMORY_ROWS } from '../campaign/rows.ts';
import { trySchedule } from '../campaign/rows/any-schedule.ts';
import { runDecisions } from '../campaign/decision-run.ts';
import { decisionShop } from '../campaign/decision-shop.ts';
import { WRONG_BESIDE_HOT } from '../campaign/wrong-beside-hot.ts';
import { WRONG_DECIDERS } from '../campaign/wrong-deciders.ts';
import { tryHotSubject } from '../campaign/rows/hot-subject.ts';
import { tryMemberships } from '../campaign/rows/memberships.ts';
import { WRONG_ANNOUNCING } from '../campaign/wrong-announcing.ts';
import { tryErasing } from '../campaign/rows/erasing.ts';
import { WRONG_ERASINGS } from '../campaign/wrong-erasings.ts';
import { WRONG_FOLDS } from '../campaign/wrong-folds.ts';

/** Less than a test may take, so that a run that hangs names its seed. */
const RUN_LIMIT_MS = 50_000;

test.each(MEMORY_ROWS)('$name: $holds', async (row) => {
  const finding = await tryRow(row, row.runs.short, { runLimitMs: RUN_LIMIT_MS });
  process.stderr.write(`campaign, ${row.name}: ${figuresOf(finding)}\n`);

  expect(finding.violations).toEqual([]);
  if (row.aim !== undefined) expect(Object.keys(finding.counts)).toContain(row.aim.of);
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

describe('of a hot subject, it finds out', () => {
  test.each(WRONG_BESIDE_HOT)('$name', async ({ fold }) => {
    const { violations } = await tryHotSubject(1, { fold, hotEvents: 2_000 });

    expect(violations).not.toEqual([]);
  });

  test('nothing in the fold that ships', async () => {
    const { violations } = await tryHotSubject(1, { hotEvents: 2_000 });

    expect(violations).toEqual([]);
  });
});
