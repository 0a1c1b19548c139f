import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { runSchedule, type ScheduleOptions } from '../schedule.ts';
import { BUYING, LOOKING } from '../shop-events.ts';

/** Most schedules are small, which find most; some are long, and some are one visitor's who looks at or buys everything. */
export function scheduleSize(seed: number): Pick<ScheduleOptions, 'shop' | 'batchSize' | 'storms'> {
  if (seed % 500 === 0)
    return {
      shop: { events: 500, mix: LOOKING, users: ['ann'], devices: ['phone'] },
      batchSize: 400,
    };
  // So many orders that most lie in pages.
  if (seed % 100 === 50)
    return { shop: { events: 250, mix: BUYING, users: ['ann'], devices: ['phone'], orders: 1_000 } };
  if (seed % 20 === 0) return { shop: { events: 60 } };
  return { shop: { events: 2 + (seed % 7) }, storms: 20 };
}

export async function trySchedule(seed: number, options: ScheduleOptions): Promise<Trial> {
  const { records, invocations, crashes, violations } = await runSchedule(seed, {
    ...scheduleSize(seed),
    ...options,
  });
  return { counts: { schedules: 1, records, invocations, crashes }, violations };
}

export const anySchedule: Row = pureRow({
  name: 'any schedule',
  input:
    'simulator: throw, time-out, crash before and after each write, answers lost, calls applied late, time that runs out, any batch split',
  holds: 'per-subject order kept, each effect once: violations 0',
  aim: { atLeast: 1_000_000, of: 'schedules' },
  runs: { short: 1_000, long: 1_000_000 },
  run: (seed) => trySchedule(seed, {}),
});

/** One visitor's alone, and so much that a batch of one life is more than a ring remembers. */
export const LONGER_THAN_A_RING: Pick<ScheduleOptions, 'shop' | 'batchSize'> = {
  shop: { events: 700, mix: LOOKING, users: ['ann'], devices: ['phone'] },
  batchSize: 800,
};

export const streamsChange: Row = pureRow({
  name: 'streams change',
  input:
    'split, merge and recreation of streams under load, some while the former life is delivered, and delivered again; with the faults of the row above',
  holds: 'inversions 0, losses 0',
  runs: { short: 400, long: 100_000 },
  run(seed) {
    const random = seededRandom(seed);
    const shop = { events: 10 + Math.floor(random() * 30) };
    const lives = 1 + Math.floor(random() * 3);
    const reshards = 1 + Math.floor(random() * 3);
    if (seed % 2 === 1) return trySchedule(seed, { shop, lives, reshards });
    return trySchedule(seed, {
      ...(seed % 10 === 0 ? LONGER_THAN_A_RING : { shop, batchSize: 10 }),
      lives: Math.max(2, lives),
      isOverlapping: true,
      reshards,
    });
  },
});
