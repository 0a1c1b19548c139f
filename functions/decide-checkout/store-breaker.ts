import type { Log } from '../../shared/ports/telemetry.ts';
import type { Timer } from '../../shared/ports/timer.ts';

/** Decisions in a row that got nothing from the store before the next ones stop waiting for it. */
const FAILURES_TO_OPEN = 5;
/** How long nobody tries, at first; twice as long after each try in vain … */
const FIRST_PAUSE_MS = 500;
/** … up to so long: a store that is well again is noticed no later. */
const LONGEST_PAUSE_MS = 4_000;

/**
 * Keeps decisions from waiting for a store that keeps failing. It is one running function's own: what it knows it has
 * seen itself, and nothing is shared that could fail too.
 */
export interface StoreBreaker {
  /** What a decision needs to read; null: it is not to wait. After a pause one at a time may, to see if all is well. */
  admit(): Admission | null;
}

export interface Admission {
  /** Once the decision has read: whether the store gave anything at all, or failed throughout. Must be called. */
  settle(outcome: 'answered' | 'failed'): void;
}

/**
 * @example
 * const admission = storeBreaker({ timer: systemTimer, log }).admit();
 * if (admission !== null) admission.settle('answered');
 */
export function storeBreaker({ timer, log }: { readonly timer: Timer; readonly log: Log }): StoreBreaker {
  let failures = 0;
  let pauseMs = 0;
  let pausedAt = 0;
  let isProbing = false;

  const open = (): void => {
    pauseMs = pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    pausedAt = timer.elapsed();
    log.warn('the store keeps failing: decisions stop waiting for it', { failures, pauseMs });
  };
  const close = (): void => {
    if (pauseMs > 0) log.info('the store answers again: decisions read it', { failures });
    failures = 0;
    pauseMs = 0;
  };

  return {
    admit() {
      const isOpen = pauseMs > 0;
      if (isOpen && (isProbing || timer.elapsed() - pausedAt < pauseMs)) return null;
      isProbing = isOpen;
      return {
        settle(outcome) {
          if (isOpen) isProbing = false;
          if (outcome === 'answered') return close();
          failures += 1;
          // Decisions that began before it opened and fail only now tell nothing new.
          if (isOpen || (pauseMs === 0 && failures >= FAILURES_TO_OPEN)) open();
        },
      };
    },
  };
}
