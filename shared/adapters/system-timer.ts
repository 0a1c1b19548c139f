import { setMaxListeners } from 'node:events';
import type { Timer } from '../ports/timer.ts';

/** One signal ends all reads of an account, each of which listens more than once. */
const MAX_LISTENERS = 100;
const TIME_IS_UP = new DOMException('the time is up', 'TimeoutError');

export const systemTimer: Timer = {
  elapsed: () => performance.now(),
  abortAfter(ms) {
    if (ms <= 0) return AbortSignal.abort();
    // AbortSignal.timeout is the same with a registry of what was collected, and costs several times as much.
    const controller = new AbortController();
    setMaxListeners(MAX_LISTENERS, controller.signal);
    setTimeout(() => controller.abort(TIME_IS_UP), Math.ceil(ms)).unref();
    return controller.signal;
  },
};
