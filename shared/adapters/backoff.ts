import { setTimeout as sleepFor } from 'node:timers/promises';
import { systemClock } from './system-clock.ts';

/** What waiting needs from outside; tests bring their own. */
export interface Pauses {
  /** ms on any clock that only grows */
  now(): number;
  sleep(ms: number): Promise<unknown>;
  /** 0 ≤ chance < 1 */
  chance(): number;
}

export const realPauses: Pauses = { now: systemClock.now, sleep: (ms) => sleepFor(ms), chance: Math.random };

export interface BackoffLimits {
  /** All pauses and whatever happens between them. */
  readonly budgetMs: number;
  readonly baseMs: number;
  readonly capMs: number;
}

export interface Backoff {
  /** Waits before the next try; `false`, at once, if the budget has no room for it. */
  pause(): Promise<boolean>;
}

/**
 * Exponential back-off with full jitter, so that many callers do not come back at the same instant. The budget
 * runs from this call on.
 */
export function backoff(limits: BackoffLimits, pauses: Pauses = realPauses): Backoff {
  const deadline = pauses.now() + limits.budgetMs;
  let tries = 0;
  return {
    async pause() {
      const pauseMs = pauses.chance() * Math.min(limits.capMs, limits.baseMs * 2 ** tries);
      tries += 1;
      if (pauses.now() + pauseMs >= deadline) return false;
      await pauses.sleep(pauseMs);
      return true;
    },
  };
}
