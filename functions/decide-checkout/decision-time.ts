import type { Timer } from '../../shared/ports/timer.ts';

/** Of the deadline, what is left for deciding and answering once the store has had its time; less of a short one. */
const RESERVE_MS = 15;
const MOST_RESERVED = 0.25;
/** Of the deadline, what may go into finding out who asks: what comes after needs most of it. */
const CALLER_SHARE = 0.35;
/** A place never asked for since the function started is worth so much, beside the profile's own read, and no more. */
const FIRST_REGION_MS = 30;

/** The time that one decision has, counted from the handler's entry. Each part has its own share and ends alone. */
export interface DecisionTime {
  /** ms since the handler's entry */
  spentMs(): number;
  /** Aborts when nobody waits any longer for what tells who asks. */
  caller(): AbortSignal;
  /** Aborts when what was read of profiles must do. */
  reads(): AbortSignal;
  /** Aborts when a place that was never heard of must do without its counts. */
  firstRegion(): AbortSignal;
}

/** Starts the time of one decision. @param deadlineMs for the whole of it */
export function decisionTime(timer: Timer, deadlineMs: number): DecisionTime {
  const enteredAt = timer.elapsed();
  const readsEndMs = deadlineMs - Math.min(RESERVE_MS, deadlineMs * MOST_RESERVED);
  const spentMs = (): number => timer.elapsed() - enteredAt;
  const endingAt = (ms: number): AbortSignal => timer.abortAfter(ms - spentMs());
  return {
    spentMs,
    // Counted from now on: a function that has just started has spent much of its time before it comes to this.
    caller: () => endingAt(Math.min(spentMs() + deadlineMs * CALLER_SHARE, readsEndMs)),
    reads: () => endingAt(readsEndMs),
    firstRegion: () => endingAt(Math.min(spentMs() + FIRST_REGION_MS, readsEndMs)),
  };
}
