import { kinesisEventLogReader } from '../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { kinesisEventLog } from '../../shared/adapters/kinesis/kinesis-event-log.ts';
import { memoryEventLog } from '../../shared/adapters/memory/memory-event-log.ts';
import { realPauses } from '../../shared/adapters/backoff.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { behavesLikeAnEventLog, recordsOf } from './event-log.behaviour.ts';
import { kinesaliteStreams, type KinesaliteStreams } from './kinesalite-streams.ts';

describe('the event log in memory', () => {
  behavesLikeAnEventLog(() => {
    const log = memoryEventLog({ shards: 3, clock: systemClock });
    return Promise.resolve({
      log,
      reader: log,
      recreate() {
        log.recreate('critical');
        log.recreate('bulk');
        return Promise.resolve({ log, reader: log });
      },
    });
  });
});

describe('the event log on Kinesis', () => {
  const pauses = { ...realPauses, sleep: () => Promise.resolve() };
  let kinesis: KinesaliteStreams;
  beforeAll(async () => {
    kinesis = await kinesaliteStreams();
  });
  afterAll(() => kinesis.close());

  const freshLog = async (shards: number) => {
    const { client } = kinesis;
    const streams = {
      critical: await kinesis.createStream(shards),
      bulk: await kinesis.createStream(shards),
    };
    return {
      streams,
      log: kinesisEventLog({ client, streams, pauses }),
      reader: kinesisEventLogReader({ client, streams, pauses }),
    };
  };

  behavesLikeAnEventLog(async () => ({ ...(await freshLog(3)), recreate: () => freshLog(3) }));

  test('after a split and a merge a key is read in order, parents before children', async () => {
    const { log, reader, streams } = await freshLog(1);
    const keys = Array.from({ length: 8 }, (_, index) => `subject-${index}`);
    const appendRound = (round: number) =>
      log.append(
        'critical',
        keys.map((partitionKey) => ({ partitionKey, data: String(round) })),
      );

    await appendRound(1);
    await kinesis.split(streams.critical);
    await appendRound(2);
    await kinesis.merge(streams.critical);
    await appendRound(3);

    const records = await recordsOf(reader, 'critical');
    expect(new Set(records.map(({ shardId }) => shardId)).size).toBe(4);
    for (const key of keys) {
      const rounds = records.filter(({ partitionKey }) => partitionKey === key).map(({ data }) => data);
      expect(rounds).toEqual(['1', '2', '3']);
    }
  });

  test('where a shard has nothing behind a time, it is read as nothing', async () => {
    const { log, reader } = await freshLog(1);
    await log.append('bulk', [{ partitionKey: 'subject-1', data: 'page' }]);
    const since = Date.now() + 60_000;
    const pages = reader.readShard('bulk', 'shardId-000000000000', { since, until: since });
    expect((await pages[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  test('a stream that is not there is out of reach, at once', async () => {
    const { client } = kinesis;
    const streams = { critical: 'elsewhere', bulk: 'elsewhere' };
    const unavailable = { name: 'LogUnavailable', code: 'log_unavailable' };

    await expect(
      kinesisEventLog({ client, streams }).append('bulk', [{ partitionKey: 'subject-1', data: 'page' }]),
    ).rejects.toMatchObject(unavailable);
    const reader = kinesisEventLogReader({ client, streams });
    await expect(recordsOf(reader, 'bulk')).rejects.toMatchObject(unavailable);
    await expect(reader.shards('bulk')).rejects.toMatchObject(unavailable);
    const pages = reader.readShard('bulk', 'shardId-000000000000', { until: Date.now() });
    await expect(pages[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
  });
});
