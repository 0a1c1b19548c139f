/**
 * Waits for `reply`, but no longer than until `signal` aborts; then rejects with an error whose cause is the
 * signal's reason. The work behind `reply` goes on.
 */
export async function unlessAborted<Reply>(reply: Promise<Reply>, signal: AbortSignal): Promise<Reply> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new Error('aborted', { cause: signal.reason }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([reply, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
