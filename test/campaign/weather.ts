import type { Random } from '../bench/ranking/seeded-random.ts';

/**
 * What becomes of one call to a store.
 *
 * - `well`; `before`: refused, nothing is applied; `lost`: applied, and the answer is lost.
 * - `late`: the caller gives up, and the call, which is on the wire, is applied only later, perhaps behind the next try.
 * - `slow`: it waits while others go on, then all is well.
 * - `crash before`, `crash after`: the invocation ends here, as by its time-out, and what called never hears of it.
 * - `crash late`: the invocation ends here, and its call is applied only later.
 */
export type Fate =
  'well' | 'slow' | 'before' | 'lost' | 'late' | 'crash before' | 'crash after' | 'crash late';

export type Odds = Readonly<Partial<Record<Exclude<Fate, 'well'>, number>>>;

export interface Weather {
  /** @param call what is called, and with what: `write <key> checkout` */
  next(call: string): Fate;
  /** How many steps of others a slow or late call is late by. */
  lateness(): number;
  /** How often a new invocation is told that it still has time; then it has none. */
  timeChecks(): number;
}

const MOST_LATE = 20;
/** Invocations that run out of time. */
const SHORT_OF_TIME = 0.1;
/** Subjects that such a one gets through at most: fewer than a batch has. */
const MOST_IN_TIME = 5;

/** @param storms calls after which it is fair for good: every schedule comes to its end */
export function seededWeather(random: Random, odds: Odds, storms: number): Weather {
  const fates = Object.entries(odds) as [Fate, number][];
  let left = storms;
  return {
    lateness: () => 1 + Math.floor(random() * MOST_LATE),
    timeChecks: () => (left > 0 ? someTimeChecks(random) : Number.POSITIVE_INFINITY),
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

/** Enough for everything, or for a few subjects, or for none. */
export function someTimeChecks(random: Random): number {
  return random() < SHORT_OF_TIME ? Math.floor(random() * (MOST_IN_TIME + 1)) : Number.POSITIVE_INFINITY;
}
