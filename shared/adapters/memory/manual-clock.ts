import type { Clock } from '../../ports/clock.ts';

export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(nowMs: number): void;
}

/** A clock that stands still until it is told otherwise. */
export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    set: (ms) => {
      nowMs = ms;
    },
  };
}
