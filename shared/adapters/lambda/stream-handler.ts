import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Log } from '../../ports/telemetry.ts';

export type KinesisHandler = (
  event: KinesisStreamEvent,
  context: Context,
) => Promise<KinesisStreamBatchResponse>;

/** Thrown in the place of what was: Lambda prints what a function throws whole, and messages may quote events. */
export class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
  readonly code = 'invocation_failed';
}

/**
 * Runs a batch and is the one place where the unexpected ends: to the log what of it may be logged, to Lambda, which
 * delivers the batch again, a constant error.
 *
 * @example
 * export const handler = streamHandler((event, context) => foldProfiles(event, context, dependencies), log);
 */
export function streamHandler(handle: KinesisHandler, log: Log): KinesisHandler {
  return async (event, context) => {
    try {
      return await handle(event, context);
    } catch (error) {
      log.error('unexpected, the batch stays', { records: event.Records.length }, error);
      throw new InvocationFailed('the batch failed: the line before this one says how');
    }
  };
}
