import { AnnouncementsUnavailable, type Announcements } from '../../ports/announcements.ts';
import { announcementOf } from '../../protocol/announcement.ts';
import { streamWriter, type StreamWriterOptions } from './stream-writer.ts';

export interface KinesisAnnouncementsOptions extends StreamWriterOptions {
  readonly stream: string;
}

/** A stage's stream of changes: one person's lie in one shard. */
export function kinesisAnnouncements({ stream, ...options }: KinesisAnnouncementsOptions): Announcements {
  const write = streamWriter(options);
  return {
    async announce(key, crossings) {
      const entries = crossings.map((crossing) => ({
        partitionKey: key,
        data: JSON.stringify(announcementOf(key, crossing)),
      }));
      try {
        await write(stream, entries);
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new AnnouncementsUnavailable(`crossings are not known to be told (${name})`, { cause });
      }
    },
  };
}
