import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepFigures, NOTHING_YET, readEarlier } from '../campaign/earlier-figures.ts';
import { tryInParts } from '../campaign/parts.ts';
import { figuresOf, together, tryRow, type Row } from '../campaign/row.ts';
import { anySchedule } from '../campaign/rows/any-schedule.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;

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
      'a part of “nowhere” ended with 1 and told nothing',
    );
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
