import type { Meter } from '../../ports/telemetry.ts';

/**
 * Counts a function that has started, once, while it starts: nothing waits for a first invocation to be told.
 *
 * @param functionName of the repository, `fold-profiles-bulk`: physical names change from deploy to deploy
 * @example
 * countColdStart('decide-checkout', meter);
 */
export function countColdStart(functionName: string, meter: Meter): void {
  if (process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'provisioned-concurrency') return;
  meter.record('ColdStarts', 1, { Function: functionName });
  meter.flush();
}

/** A question whose answer is true the first time that it is asked, and then never again. */
export function trueOnce(): () => boolean {
  let isFirst = true;
  return () => {
    const answer = isFirst;
    isFirst = false;
    return answer;
  };
}
