/**
 * The time of a run. It is the machine's, unless somebody moves it forward: alarms look back over hours, and a drill
 * cannot wait for them. It never goes back, and what happened before it was moved stays where it was.
 */
export interface RunClock {
  /** ms since the epoch. */
  now(): number;
  /** What this clock showed when the machine's showed `machineMs`. */
  at(machineMs: number): number;
  /** One number, by how many ms it is ahead of the machine's now; shared with the threads that functions run in. */
  readonly ahead: Float64Array;
  advance(ms: number): void;
}

export function runClock(machine: () => number = Date.now): RunClock {
  /** Oldest first. */
  const moves: { readonly since: number; readonly aheadMs: number }[] = [{ since: -Infinity, aheadMs: 0 }];
  const ahead = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  const at = (machineMs: number): number =>
    machineMs + (moves.findLast(({ since }) => since <= machineMs)?.aheadMs ?? 0);
  return {
    now: () => at(machine()),
    at,
    ahead,
    advance(ms) {
      if (!(ms > 0)) throw new RangeError('time goes forward');
      ahead[0] = (ahead[0] ?? 0) + ms;
      moves.push({ since: machine(), aheadMs: ahead[0] });
    },
  };
}
