import type { Lane } from '../../shared/domain/stream-event.ts';
import type { EventLog, EventLogReader, LogEntry, LogRecord } from '../../shared/ports/event-log.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  readonly reader: EventLogReader;
  /** Ends this life of both streams and begins the next. */
  recreate(): Promise<Pick<LogUnderTest, 'log' | 'reader'>>;
}

export async function recordsOf(reader: EventLogReader, lane: Lane): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of reader.read(lane)) records.push(record);
  return records;
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
}
