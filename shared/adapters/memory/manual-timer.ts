import { setMaxListeners } from 'node:events';
import { setImmediate as rest } from 'node:timers/promises';
import type { Timer } from '../../ports/timer.ts';
import type { ManualClock } from './manual-clock.ts';

export interface ManualTimer extends Timer {
  /** Resolves after so many ms of this timer's time. */
  sleep(ms: number): Promise<void>;
  /** Lets so much time pass, and all that is due in it happen in its turn. */
  advance(ms: number): Promise<void>;
  /** Lets time pass, from one thing that is due to the next, until `work` is done. Rejects if time alone never gets it done. */
  until<Value>(work: Promise<Value>): Promise<Value>;
}

/**
 * Time that passes only as fast as a test has seen all that happens in it: an hour takes as long as what goes on in it.
 * Work that is measured by it must wait for nothing else, such as a socket or another thread.
 *
 * @param clock goes on with it
 */
export function manualTimer(clock?: Pick<ManualClock, 'advance'>): ManualTimer {
  let elapsedMs = 0;
  let due: { readonly at: number; readonly happen: () => void }[] = [];

  const after = (ms: number, happen: () => void): void => {
    due.push({ at: elapsedMs + ms, happen });
  };
  const pass = (to: number): void => {
    clock?.advance(to - elapsedMs);
    elapsedMs = to;
  };
  /** Whether there was something due by then. */
  const happenNext = (by: number): boolean => {
    const next = due.reduce<(typeof due)[number] | undefined>(
      (first, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    );
    if (next === undefined || next.at > by) return false;
    due = due.filter((one) => one !== next);
    pass(next.at);
    next.happen();
    return true;
  };

  return {
    elapsed: () => elapsedMs,
    abortAfter(ms) {
      if (ms <= 0) return AbortSignal.abort();
      const controller = new AbortController();
      setMaxListeners(0, controller.signal);
      after(ms, () => controller.abort(new Error('the time is up')));
      return controller.signal;
    },
    sleep: (ms) => new Promise((resolve) => after(Math.max(0, ms), resolve)),
    async advance(ms) {
      const to = elapsedMs + ms;
      do await rest();
      while (happenNext(to));
      pass(to);
    },
    async until(work) {
      const state = { isDone: false };
      work.then(
        () => (state.isDone = true),
        () => (state.isDone = true),
      );
      for (;;) {
        // Whatever can go on without time passing does so first.
        await rest();
        if (state.isDone) return work;
        if (!happenNext(Number.POSITIVE_INFINITY)) throw new Error('it waits for what no time brings');
      }
    },
  };
}
