import { setTimeout as pause } from 'node:timers/promises';
import type { ShardReader } from '../../shared/ports/event-log.ts';
import { parseAnnouncement, type Announcement } from '../../shared/protocol/announcement.ts';

const PAUSE_MS = 1_000;

export interface FollowOptions {
  /** Reads the stream of changes, whichever lane it is asked for. */
  readonly reader: ShardReader;
  /** ms */
  readonly since: number;
  readonly now?: () => number;
  readonly rest?: () => Promise<unknown>;
}

/** What is told in a stream of changes, and goes on being told; what else is in it is left out. */
export async function* followChanges(options: FollowOptions): AsyncGenerator<Announcement> {
  const { reader, since, now = Date.now, rest = () => pause(PAUSE_MS) } = options;
  const lastOf = new Map<string, string>();
  for (;;) {
    for (const { shardId } of await reader.shards('critical')) {
      const after = lastOf.get(shardId);
      const span = { since, until: now(), ...(after !== undefined && { after }) };
      for await (const page of reader.readShard('critical', shardId, span)) {
        for (const { sequence, data } of page) {
          lastOf.set(shardId, sequence);
          const announcement = parseAnnouncement(data);
          if (announcement !== null) yield announcement;
        }
      }
    }
    await rest();
  }
}
