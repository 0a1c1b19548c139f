import type { Lane } from '../../domain/stream-event.ts';
import { LogUnavailable, type EventLog } from '../../ports/event-log.ts';
import { streamWriter, type StreamWriterOptions } from './stream-writer.ts';

/** Stream names by lane. */
export type StreamNames = Readonly<Record<Lane, string>>;

export interface KinesisEventLogOptions extends StreamWriterOptions {
  readonly streams: StreamNames;
}

/**
 * The durable streams on Kinesis. Entries go out in their order; one that has to be tried again may come to lie
 * behind later ones of its key.
 *
 * @example
 * const log = kinesisEventLog({ client: kinesisClient(), streams: { critical: 'c-1', bulk: 'b-1' } });
 * await log.append('critical', [{ partitionKey, data: JSON.stringify(event) }]);
 */
export function kinesisEventLog({ streams, ...options }: KinesisEventLogOptions): EventLog {
  const write = streamWriter(options);
  return {
    async append(lane, entries, limits) {
      try {
        await write(streams[lane], entries, limits);
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new LogUnavailable(`entries are not known to be in the ${lane} log (${name})`, { cause });
      }
    },
  };
}
