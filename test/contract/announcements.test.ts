import { followChanges } from '../../local/cli/follow-changes.ts';
import { kinesisAnnouncements } from '../../shared/adapters/kinesis/kinesis-announcements.ts';
import { kinesisEventLogReader } from '../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { memoryAnnouncements } from '../../shared/adapters/memory/memory-announcements.ts';
import { realPauses } from '../../shared/adapters/backoff.ts';
import type { Crossing } from '../../shared/domain/segments/standing.ts';
import { AnnouncementsUnavailable } from '../../shared/ports/announcements.ts';
import type { Announcement } from '../../shared/protocol/announcement.ts';
import { kinesaliteStreams, type KinesaliteStreams } from './kinesalite-streams.ts';

const crossing = (version: number, isIn = true): Crossing => ({
  segment: 'high-value',
  isIn,
  at: Date.UTC(2026, 0, 15),
  version,
  because: 'events',
});
const WANTED = [
  { type: 'membership', subject: 'ann', segment: 'high-value', state: 'in', version: 1, because: 'events' },
  { type: 'membership', subject: 'ann', segment: 'high-value', state: 'out', version: 4, because: 'events' },
];

test('announcements in memory are told in their order', async () => {
  const announcements = memoryAnnouncements();
  await announcements.announce('ann', [crossing(1), crossing(4, false)]);

  expect(announcements.told()).toMatchObject(WANTED);
});

describe('announcements on Kinesis', () => {
  const pauses = { ...realPauses, sleep: () => Promise.resolve() };
  let kinesis: KinesaliteStreams;
  beforeAll(async () => {
    kinesis = await kinesaliteStreams();
  });
  afterAll(() => kinesis.close());

  const follow = (stream: string, count: number) =>
    firstOf(
      followChanges({
        reader: kinesisEventLogReader({
          client: kinesis.client,
          streams: { critical: stream, bulk: stream },
          pauses,
        }),
        since: 0,
        rest: () => Promise.resolve(),
      }),
      count,
    );

  test('one person’s are told in their order, to whoever follows the stream, also what comes later', async () => {
    const stream = await kinesis.createStream(2);
    const announcements = kinesisAnnouncements({ client: kinesis.client, stream, pauses });
    await announcements.announce('ann', [crossing(1)]);
    const followed = follow(stream, 2);
    await announcements.announce('ann', [crossing(4, false)]);

    expect(await followed).toMatchObject(WANTED);
  });

  test('what is told twice has one id', async () => {
    const stream = await kinesis.createStream();
    const announcements = kinesisAnnouncements({ client: kinesis.client, stream, pauses });
    await announcements.announce('ann', [crossing(1)]);
    await announcements.announce('ann', [crossing(1)]);
    const [first, second] = await follow(stream, 2);

    expect(second).toEqual(first);
  });

  test('what is not known to be told is said', async () => {
    const announcements = kinesisAnnouncements({ client: kinesis.client, stream: 'there-is-none', pauses });

    await expect(announcements.announce('ann', [crossing(1)])).rejects.toThrow(AnnouncementsUnavailable);
  });
});

async function firstOf(
  announcements: AsyncIterable<Announcement>,
  count: number,
): Promise<readonly Announcement[]> {
  const found: Announcement[] = [];
  for await (const one of announcements) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}
