import { setMaxListeners } from 'node:events';
import type { Timer } from '../ports/timer.ts';

/** One signal ends all reads of an account, each of which listens more than once. */
const MAX_LISTENERS = 100;

export const systemTimer: Timer = {
  elapsed: () => performance.now(),
  abortAfter(ms) {
    if (ms <= 0) return AbortSignal.abort();
    const signal = AbortSignal.timeout(Math.ceil(ms));
    setMaxListeners(MAX_LISTENERS, signal);
    return signal;
  },
};
