import type { Log } from '../../ports/telemetry.ts';
import { errorSummary } from '../telemetry/error-summary.ts';

/** Thrown in the place of what was: Lambda prints what a function throws whole, and messages may quote events. */
class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
  readonly code = 'invocation_failed';
}

/**
 * Runs an invocation that nobody is answered for with a status, and is the one place where the unexpected ends: to the
 * log what of it may be logged, to Lambda (which delivers a batch again) an error that says its name and code alone.
 *
 * @example
 * export const handler = quietHandler((event: KinesisStreamEvent, context) => foldProfiles(event, context, all), log);
 */
export function quietHandler<Event, Context, Reply>(
  handle: (event: Event, context: Context) => Promise<Reply>,
  log: Log,
): (event: Event, context: Context) => Promise<Reply> {
  return async (event, context) => {
    try {
      return await handle(event, context);
    } catch (error) {
      log.error('unexpected, the invocation fails', {}, error);
      const { name, code = 'no code' } = errorSummary(error);
      throw new InvocationFailed(`${name} (${code}); the log line before this one says more`);
    }
  };
}
