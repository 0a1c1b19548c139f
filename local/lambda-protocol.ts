/** What the pool and its worker threads say to each other. */
export interface WorkerInput {
  readonly modulePath: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  /** By how many ms the run's clock is ahead of the machine's, at any time: one number in shared memory. */
  readonly ahead: Float64Array;
}

export type ToWorker =
  { readonly type: 'invoke'; readonly event: string; readonly timeoutMs: number } | { readonly type: 'end' };

export interface InvocationError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** `payload` is what the handler returned, as JSON. */
export type InvocationResult =
  { readonly ok: true; readonly payload: string } | { readonly ok: false; readonly error: InvocationError };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'broken'; readonly error: InvocationError }
  | ({ readonly type: 'result' } & InvocationResult);

/** What Lambda answers when there is no concurrency left. */
export const THROTTLED: InvocationResult = {
  ok: false,
  error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.', trace: [] },
};

/** Whether a call was turned away: the function knows nothing of it. */
export function isThrottle(result: InvocationResult): boolean {
  return result === THROTTLED;
}
