import type { Pauses } from '../backoff.ts';

export interface ManualPauses extends Pauses {
  /** Every pause taken, ms. */
  readonly slept: readonly number[];
}

/** Pauses that take no time: sleeping moves their clock, and chance is always the same. */
export function manualPauses(chance = 0.5): ManualPauses {
  const slept: number[] = [];
  let nowMs = 0;
  return {
    slept,
    now: () => nowMs,
    chance: () => chance,
    sleep(ms) {
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}
