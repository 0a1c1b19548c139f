import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepFigures, NOTHING_YET, readEarlier } from '../campaign/earlier-figures.ts';
import { dies, loops, throws, waits } from '../campaign/failing-rows.ts';
import { tryInParts, type PartsOptions } from '../campaign/parts.ts';
import { figuresOf, together, tryRow, type Row } from '../campaign/row.ts';
import { anySchedule } from '../campaign/rows/any-schedule.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;
const FAILING: PartsOptions = {
  jobs: 2,
  firstSeed: 1,
  limitMs: NO_LIMIT,
  runLimitMs: 200,
  silenceMs: 10_000,
  rows: new URL('../campaign/failing-rows.ts', import.meta.url),
};

describe('a campaign in parts', () => {
  test('tries the seeds that one process would, each once', async () => {
    const whole = await tryRow(anySchedule, 21, { firstSeed: 5 });
    const parts = await tryInParts(anySchedule, 21, { jobs: 2, firstSeed: 5, limitMs: NO_LIMIT });

    expect(parts).toMatchObject({ runs: 21, counts: whole.counts, violations: [], lastSeed: 25 });
  });

  test('goes on behind what was tried before', async () => {
    const first = await tryRow(anySchedule, 8, { firstSeed: 1 });
    const second = await tryRow(anySchedule, 5, { firstSeed: 9 });
    const whole = await tryRow(anySchedule, 13, { firstSeed: 1 });

    const sum = together(anySchedule, [first, second], 1);
    expect(figuresOf(sum)).toBe(figuresOf(whole));
    expect(sum.runs).toBe(13);
  });

  test('whose process dies tells so', async () => {
    const nowhere: Row = { ...anySchedule, name: 'nowhere' };

    await expect(tryInParts(nowhere, 1, { jobs: 1, firstSeed: 1, limitMs: NO_LIMIT })).rejects.toThrow(
      'a part of “nowhere” ended with 1 before its first run',
    );
  });

  test.each([
    {
      row: throws,
      violation: /^throws, seed 3: ends with RangeError: the shard is blocked \(at .*failing-rows/,
    },
    { row: waits, violation: /^waits for ever, seed 3: has not ended after 0.2 s$/ },
    { row: loops, violation: /^loops for ever, seed 3: its process said nothing for 10 s and was killed$/ },
    { row: dies, violation: /^dies, seed 3: its process ended with SIGKILL$/ },
  ])('of which a run $row.name names its seed, and the others stand', async ({ row, violation }) => {
    const { violations, counts, lastSeed } = await tryInParts(row, 6, FAILING);

    expect(violations).toEqual([expect.stringMatching(violation)]);
    // Seeds 2, 4 and 6 were the other process's.
    expect(counts.runs).toBeGreaterThanOrEqual(3);
    expect(lastSeed).toBe(6);
  });

  test('goes on after a run that throws, and ends after one that does not end', async () => {
    const thrown = await tryRow(throws, 5);
    const hung = await tryRow(waits, 5, { runLimitMs: 20 });

    expect(thrown).toMatchObject({ runs: 5, counts: { runs: 4 } });
    expect(hung).toMatchObject({ runs: 3, counts: { runs: 2 } });
  });

  test('begins anew where something was wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cartwright-campaign-'));
    expect(await readEarlier(anySchedule, folder)).toEqual(NOTHING_YET);

    const figures = { ...NOTHING_YET, runs: 7, nextSeed: 8, commits: ['e1f181b'] };
    await keepFigures(anySchedule, figures, folder);
    expect(await readEarlier(anySchedule, folder)).toEqual(figures);

    await keepFigures(anySchedule, { ...figures, violations: ['seed 3: lost'] }, folder);
    expect(await readEarlier(anySchedule, folder)).toEqual(NOTHING_YET);
  });
});
