import type { Lane } from '../../shared/domain/stream-event.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  EventLog,
  EventLogReader,
  LogEntry,
  LogRecord,
  ShardReader,
  ShardSpan,
} from '../../shared/ports/event-log.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  readonly reader: EventLogReader & ShardReader;
  /** Ends this life of both streams and begins the next. */
  recreate(): Promise<Pick<LogUnderTest, 'log' | 'reader'>>;
}

export async function recordsOf(reader: EventLogReader, lane: Lane): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of reader.read(lane)) records.push(record);
  return records;
}

/** A lane read shard by shard. */
async function spanOf(
  reader: ShardReader,
  lane: Lane,
  spanIn: (shardId: string) => ShardSpan,
): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for (const { shardId } of await reader.shards(lane)) {
    for await (const page of reader.readShard(lane, shardId, spanIn(shardId))) records.push(...page);
  }
  return records;
}

/** A time after all that is in the log and before all that will be. */
async function pauseNow(): Promise<number> {
  await sleep(5);
  const now = Date.now();
  await sleep(5);
  return now;
}

/** Positions are compared by length, then as text. */
export function isAfter(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}

function entriesOf(keys: readonly string[], rounds: number): readonly LogEntry[] {
  return Array.from({ length: rounds }, (_, round) =>
    keys.map((partitionKey) => ({ partitionKey, data: JSON.stringify({ partitionKey, round }) })),
  ).flat();
}

const KEYS = Array.from({ length: 12 }, (_, index) => `subject-${index}`);

/** What every {@link EventLog} and its reader do. `makeLog` gives an empty one with several shards a lane. */
export function behavesLikeAnEventLog(makeLog: () => Promise<LogUnderTest>): void {
  let tested: LogUnderTest;
  beforeEach(async () => {
    tested = await makeLog();
  });

  test('an empty log reads as nothing', async () => {
    expect(await recordsOf(tested.reader, 'critical')).toEqual([]);
  });

  test('appending nothing leaves nothing', async () => {
    await tested.log.append('critical', []);
    expect(await recordsOf(tested.reader, 'critical')).toEqual([]);
  });

  test('what was appended is read back byte for byte', async () => {
    const data = JSON.stringify({ name: 'Zoë ☕ 🛒', quote: '"\\\u0000', big: 'x'.repeat(30_000) });
    await tested.log.append('critical', [{ partitionKey: 'subject-1', data }]);

    const records = await recordsOf(tested.reader, 'critical');

    expect(records).toMatchObject([
      {
        partitionKey: 'subject-1',
        data,
        sequence: expect.stringMatching(/^[1-9]\d*$/),
        incarnation: expect.any(String),
        shardId: expect.stringMatching(/^shardId-\d{12}$/),
      },
    ]);
  });

  test('lanes share nothing', async () => {
    await tested.log.append('critical', [{ partitionKey: 'subject-1', data: 'cart' }]);
    await tested.log.append('bulk', [{ partitionKey: 'subject-1', data: 'page' }]);

    const [critical] = await recordsOf(tested.reader, 'critical');
    const [bulk] = await recordsOf(tested.reader, 'bulk');

    expect([critical?.data, bulk?.data]).toEqual(['cart', 'page']);
    expect(critical?.incarnation).not.toBe(bulk?.incarnation);
  });

  test('a partition key stays on one shard and in order', async () => {
    const entries = entriesOf(KEYS, 10);
    await tested.log.append('bulk', entries.slice(0, 50));
    await tested.log.append('bulk', entries.slice(50));

    const records = await recordsOf(tested.reader, 'bulk');

    for (const key of KEYS) {
      const ofKey = records.filter(({ partitionKey }) => partitionKey === key);
      expect(ofKey.map(({ data }) => data)).toEqual(
        entries.filter(({ partitionKey }) => partitionKey === key).map(({ data }) => data),
      );
      expect(new Set(ofKey.map(({ shardId }) => shardId)).size).toBe(1);
    }
    expect(new Set(records.map(({ shardId }) => shardId)).size).toBeGreaterThan(1);
  });

  test('positions grow within a shard and never repeat', async () => {
    await tested.log.append('bulk', entriesOf(KEYS, 10));

    const records = await recordsOf(tested.reader, 'bulk');

    const strays = records.filter(({ shardId, sequence }, index) => {
      const before = records[index - 1];
      return before?.shardId === shardId && !isAfter(sequence, before.sequence);
    });
    expect(strays).toEqual([]);
    expect(new Set(records.map(({ shardId, sequence }) => `${shardId} ${sequence}`)).size).toBe(120);
  });

  test('more entries than one call takes are all there', async () => {
    const entries = Array.from({ length: 1_201 }, (_, index) => ({
      partitionKey: `subject-${index % 97}`,
      data: String(index),
    }));
    await tested.log.append('bulk', entries);

    const records = await recordsOf(tested.reader, 'bulk');

    expect(records.map(({ data }) => Number(data)).sort((one, other) => one - other)).toEqual(
      entries.map((_, index) => index),
    );
  });

  test('all records of one life of a stream have its incarnation, those of the next have another', async () => {
    await tested.log.append('critical', entriesOf(KEYS, 2));
    const before = await recordsOf(tested.reader, 'critical');

    const next = await tested.recreate();
    await next.log.append('critical', entriesOf(KEYS, 1));
    const after = await recordsOf(next.reader, 'critical');

    expect(after).toHaveLength(KEYS.length);
    const incarnations = new Set(before.map(({ incarnation }) => incarnation));
    expect(incarnations.size).toBe(1);
    expect(after.filter(({ incarnation }) => incarnations.has(incarnation))).toEqual([]);
  });

  test('shard by shard, the same records are read as by lane', async () => {
    await tested.log.append('bulk', entriesOf(KEYS, 30));
    const shards = await tested.reader.shards('bulk');
    const records = await spanOf(tested.reader, 'bulk', () => ({ until: Date.now() }));

    expect(records).toHaveLength(360);
    expect(records).toEqual(await recordsOf(tested.reader, 'bulk'));
    for (const { shardId, incarnation } of records) expect(shards).toContainEqual({ shardId, incarnation });
  });

  test('reading goes on behind a record, with nothing twice and nothing left out', async () => {
    await tested.log.append('bulk', entriesOf(KEYS, 30));
    const all = await recordsOf(tested.reader, 'bulk');
    const { shardId = '', sequence = '' } = all[7] ?? {};
    await tested.log.append('bulk', entriesOf(KEYS, 1));
    const after = await spanOf(tested.reader, 'bulk', (shard) => ({
      ...(shard === shardId && { after: sequence }),
      until: Date.now(),
    }));

    const read = new Set(after.map((record) => `${record.shardId} ${record.sequence}`));
    expect(read.size).toBe(after.length);
    expect(after).toHaveLength(372 - 8);
    for (const record of all.slice(0, 8)) expect(read).not.toContain(`${record.shardId} ${record.sequence}`);
  });

  test('a span ends before what arrived later, and leaves out what arrived before it', async () => {
    const append = (data: string) =>
      tested.log.append(
        'bulk',
        KEYS.map((partitionKey) => ({ partitionKey, data })),
      );
    await append('early');
    const since = await pauseNow();
    await append('wanted');
    const until = await pauseNow();
    await append('late');

    const dataOf = async (span: ShardSpan) =>
      new Set((await spanOf(tested.reader, 'bulk', () => span)).map(({ data }) => data));
    expect(await dataOf({ until })).toEqual(new Set(['early', 'wanted']));
    expect(await dataOf({ since, until })).toEqual(new Set(['wanted']));
    expect(await dataOf({ since: until, until: Date.now() })).toEqual(new Set(['late']));
  });

  test('the shards of the next life have its incarnation', async () => {
    const before = await tested.reader.shards('critical');
    const next = await tested.recreate();
    const after = await next.reader.shards('critical');

    expect(after).toHaveLength(before.length);
    const incarnations = new Set(before.map(({ incarnation }) => incarnation));
    expect(after.filter(({ incarnation }) => incarnations.has(incarnation))).toEqual([]);
  });
}
