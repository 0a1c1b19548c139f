import type { ManualClock } from '../../shared/adapters/memory/manual-clock.ts';
import type { Turns } from './turns.ts';

/** Lets what comes at a time wait for it, and time move on from one that waits to the next. */
export interface Arrivals {
  /** Waits until it is so late, ms. */
  until(at: number): Promise<void>;
  /** Nothing waits any more. */
  end(): void;
}

/**
 * Time that goes on beside a schedule: whatever came earliest of all that waits goes first.
 *
 * @param isBusy so much is going on that time stands still: who is slow must not be left behind
 */
export function arrivalsInOrder(clock: ManualClock, turns: Turns, isBusy: () => boolean): Arrivals {
  const waiting: { readonly at: number; readonly go: () => void }[] = [];
  const time = { isOver: false };
  const letGo = (): void => {
    if (waiting.length === 0) return;
    const earliest = waiting.reduce((first, one, index) => (one.at < waiting[first]!.at ? index : first), 0);
    const [next] = waiting.splice(earliest, 1);
    clock.set(Math.max(clock.now(), next!.at));
    next!.go();
  };
  const goOn = async (): Promise<void> => {
    while (!time.isOver) {
      await turns.take();
      if (!isBusy()) letGo();
    }
  };
  void goOn();
  return {
    until: (at) =>
      at <= clock.now() ? Promise.resolve() : new Promise((go) => void waiting.push({ at, go })),
    end: () => (time.isOver = true),
  };
}
