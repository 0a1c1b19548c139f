/**
 * How a call fails: `before` anything was applied, `after` all of it was (the reply is lost), or it `stall`s:
 * it applies nothing and answers only once its signal aborts.
 */
export type FaultMode = 'before' | 'after' | 'stall';

export interface Faults {
  /** The next `calls` calls fail this way; calls told of earlier come first. */
  failNext(mode: FaultMode, calls?: number): void;
}

/**
 * What makes a memory adapter fail as its port allows: callers must take an error for an unknown, so tests need
 * both kinds of lost calls.
 */
export function faultPlan(unavailable: (message: string, options?: ErrorOptions) => Error) {
  const planned: FaultMode[] = [];

  const stalled = (signal: AbortSignal | undefined) =>
    new Promise<never>((_resolve, reject) => {
      const abort = () => reject(unavailable('aborted', { cause: signal?.reason }));
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    failNext(mode: FaultMode, calls = 1): void {
      for (let call = 0; call < calls; call += 1) planned.push(mode);
    },

    async run<Reply>(apply: () => Reply, signal?: AbortSignal): Promise<Reply> {
      const mode = planned.shift();
      await Promise.resolve();
      if (mode === 'stall') return stalled(signal);
      if (signal?.aborted) throw unavailable('aborted', { cause: signal.reason });
      if (mode === 'before') throw unavailable('told to fail before applying');
      const reply = apply();
      if (mode === 'after') throw unavailable('told to fail after applying');
      return reply;
    },
  };
}
