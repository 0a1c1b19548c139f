import type {
  ListedEntry,
  Quarantine,
  QuarantinedRecords,
  QuarantineEntry,
  QuarantineReader,
  RedriveMarks,
} from '../../shared/ports/quarantine.ts';

const HOUR_MS = 3_600_000;
const ARRIVED_AT = Date.UTC(2026, 10, 22, 23, 15);

function entryOf(changes: Partial<QuarantineEntry> = {}): QuarantineEntry {
  return {
    id: 'critical/shardId-000000000000/49665432109876543210987654321098765432109876543210987654',
    code: 'too_deep',
    reason: 'JSON nested deeper than 64 levels',
    path: 'properties.products[0]',
    functionName: 'fold-profiles',
    lane: 'critical',
    correlationId: '4bf92f3577b34da6a3ce929d0e0e4736',
    sequence: '49665432109876543210987654321098765432109876543210987654',
    arrivedAt: ARRIVED_AT,
    quarantinedAt: ARRIVED_AT + 250,
    bytes: Buffer.from('{"☕":').toString('base64'),
    ...changes,
  };
}

export interface QuarantineUnderTest {
  readonly quarantine: Quarantine;
  readonly reader: QuarantineReader;
  readonly marks: RedriveMarks;
  readonly records: QuarantinedRecords;
}

async function listed(reader: QuarantineReader, since = 0): Promise<readonly ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of reader.list(since)) entries.push(entry);
  return entries;
}

/** What every {@link Quarantine} and its reader do. `makeQuarantine` gives an empty one. */
export function behavesLikeAQuarantine(makeQuarantine: () => Promise<QuarantineUnderTest>): void {
  let quarantine: Quarantine;
  let reader: QuarantineReader;
  let marks: RedriveMarks;
  let records: QuarantinedRecords;
  beforeEach(async () => {
    ({ quarantine, reader, marks, records } = await makeQuarantine());
  });

  test('an empty quarantine lists nothing', async () => {
    await quarantine.keep([]);
    expect(await listed(reader)).toEqual([]);
  });

  test('an entry is read back whole', async () => {
    await quarantine.keep([entryOf()]);
    expect(await listed(reader)).toEqual([entryOf()]);
  });

  test('an entry without path, lane and sequence is read back without them', async () => {
    const entry: QuarantineEntry = {
      id: 'collector/m-1',
      code: 'no_subject',
      reason: 'neither userId nor anonymousId',
      functionName: 'collect-events',
      arrivedAt: ARRIVED_AT,
      quarantinedAt: ARRIVED_AT,
      bytes: 'e30=',
    };
    await quarantine.keep([entry]);
    expect(await listed(reader)).toEqual([entry]);
  });

  test('kept twice, hours apart, an entry is there once', async () => {
    await quarantine.keep([entryOf()]);
    await quarantine.keep([
      entryOf({ quarantinedAt: ARRIVED_AT + 30 * HOUR_MS }),
      entryOf({ id: 'another' }),
    ]);

    const ids = (await listed(reader)).map(({ id }) => id);

    expect(ids.sort()).toEqual(['another', entryOf().id]);
  });

  test('ids of any shape stay apart', async () => {
    const ids = [
      'a/b',
      'a%2Fb',
      'a b',
      'ä',
      '../..',
      'x'.repeat(2_000),
      `${'x'.repeat(2_000)}y`,
      '\ud800',
      '\ud801',
    ];
    await quarantine.keep(ids.map((id, index) => entryOf({ id, reason: String(index) })));

    const entries = await listed(reader);

    expect(new Set(entries.map(({ reason }) => Number(reason)))).toEqual(new Set(ids.keys()));
  });

  test('a list begins at its time and gives older hours first', async () => {
    const offsets = [25, 0, -1, 2, -30, 1];
    await quarantine.keep(
      offsets.map((hours) => entryOf({ id: `poison-${hours}`, arrivedAt: ARRIVED_AT + hours * HOUR_MS })),
    );
    await quarantine.keep([entryOf({ id: 'a minute early', arrivedAt: ARRIVED_AT - 60_000 })]);

    const ids = (await listed(reader, ARRIVED_AT)).map(({ id }) => id);

    expect(ids).toEqual(['poison-0', 'poison-1', 'poison-2', 'poison-25']);
  });

  test('a thousand and more entries are all there', async () => {
    const entries = Array.from({ length: 1_100 }, (_, index) => entryOf({ id: `poison-${index}` }));
    await quarantine.keep(entries);
    expect(new Set((await listed(reader)).map(({ id }) => id)).size).toBe(1_100);
  });

  test('how an event came in is read back with it', async () => {
    const entry = entryOf({
      arrival: { source: 'browser', provenUserId: 'ann', sentAt: 5, indexes: [0, 2] },
    });
    await quarantine.keep([entry]);
    expect(await listed(reader)).toEqual([entry]);
  });

  test('a mark is shown with its entry and with no other of its group, and the entry stays as it was', async () => {
    const entries = ['group/0', 'group/1', 'x'.repeat(2_000)].map((id) => entryOf({ id, group: 'group' }));
    await quarantine.keep(entries);
    const [first, , last] = entries;
    await marks.mark(
      entries.filter((entry) => entry === first || entry === last),
      'begun',
    );
    await marks.mark(
      entries.filter((entry) => entry === first),
      'done',
    );
    await marks.mark([], 'done');

    expect((await listed(reader)).map(({ redrive }) => redrive)).toEqual(['done', undefined, 'begun']);
    expect((await listed(reader, ARRIVED_AT)).map(({ redrive }) => redrive)).toEqual([
      'done',
      undefined,
      'begun',
    ]);
    expect(await listed(reader)).toMatchObject(entries);
  });

  test('an entry that is done stays done, though it is begun or kept once more', async () => {
    await quarantine.keep([entryOf()]);
    await marks.mark([entryOf()], 'done');
    await marks.mark([entryOf()], 'begun');
    await quarantine.keep([entryOf({ quarantinedAt: ARRIVED_AT + HOUR_MS })]);
    expect((await listed(reader)).map(({ redrive }) => redrive)).toEqual(['done']);
  });

  test('records are told by lane and hour of arrival, whatever else that hour brought', async () => {
    const entries = [
      entryOf({ id: 'critical/shardId-000000000000/7' }),
      entryOf({ id: 'critical/shardId-000000000001/70', arrivedAt: ARRIVED_AT + 44 * 60_000 }),
      entryOf({ id: 'critical/shardId-000000000000/8', arrivedAt: ARRIVED_AT + HOUR_MS }),
      entryOf({ id: 'critical/shardId-000000000000/6', arrivedAt: ARRIVED_AT - HOUR_MS }),
      entryOf({ id: 'bulk/shardId-000000000000/7' }),
      entryOf({ id: 'collect-events/m-1/0', group: 'collect-events/m-1' }),
    ];
    await quarantine.keep(entries);

    expect(await records.keptInHour('critical', ARRIVED_AT)).toEqual(
      new Set(['critical/shardId-000000000000/7', 'critical/shardId-000000000001/70']),
    );
    expect(await records.keptInHour('bulk', ARRIVED_AT)).toEqual(new Set(['bulk/shardId-000000000000/7']));
    expect(await records.keptInHour('bulk', ARRIVED_AT + HOUR_MS)).toEqual(new Set());
    expect(await records.discardedSince('critical', 0)).toEqual(new Set());
  });
}
