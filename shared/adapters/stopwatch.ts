import type { Clock } from '../ports/clock.ts';
import type { Timer } from '../ports/timer.ts';

/** ms since it was started. */
export type Stopwatch = () => number;

/**
 * Starts measuring an age. Whichever says more is believed: while a function sleeps the timer may stand still, and the
 * clock can be set back. What must not grow too old then rather counts as too old.
 *
 * @example
 * const age = stopwatch({ clock: systemClock, timer: systemTimer });
 * age(); // 12.5
 */
export function stopwatch({ clock, timer }: { readonly clock: Clock; readonly timer: Timer }): Stopwatch {
  const startedAt = clock.now();
  const elapsedBefore = timer.elapsed();
  return () => Math.max(clock.now() - startedAt, timer.elapsed() - elapsedBefore);
}
