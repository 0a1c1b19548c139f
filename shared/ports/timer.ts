/** Durations. Unlike a {@link Clock}, nobody can set it: what must be over in time is over, whatever the clock says. */
export interface Timer {
  /** ms since a moment of its own; never goes back */
  elapsed(): number;
  /** A signal that aborts after so many ms; where that is not above 0, it has aborted. */
  abortAfter(ms: number): AbortSignal;
}
