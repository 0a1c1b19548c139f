import type { Random } from '../bench/ranking/seeded-random.ts';

/**
 * What becomes of one call to a store.
 *
 * - `well`; `before`: refused, nothing is applied; `lost`: applied, and the answer is lost.
 * - `slow`: it waits while others go on, then all is well.
 * - `crash before`, `crash after`: the invocation ends here, as by its time-out, and what called never hears of it.
 * - `late`: the invocation ends here, and its call, which is on the wire, is applied only later.
 */
export type Fate = 'well' | 'slow' | 'before' | 'lost' | 'crash before' | 'crash after' | 'late';

export type Odds = Readonly<Partial<Record<Exclude<Fate, 'well'>, number>>>;

export interface Weather {
  next(): Fate;
  /** How many steps of others a slow or late call is late by. */
  lateness(): number;
}

const MOST_LATE = 20;

/** @param storms calls after which it is fair for good: every schedule comes to its end */
export function seededWeather(random: Random, odds: Odds, storms: number): Weather {
  const fates = Object.entries(odds) as [Fate, number][];
  let left = storms;
  return {
    lateness: () => 1 + Math.floor(random() * MOST_LATE),
    next() {
      if (left-- <= 0) return 'well';
      let chance = random();
      for (const [fate, share] of fates) {
        chance -= share;
        if (chance < 0) return fate;
      }
      return 'well';
    },
  };
}
