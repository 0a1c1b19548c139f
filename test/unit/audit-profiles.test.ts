import { recordDecider } from '../../functions/audit-profiles/decide-records.ts';
import { AUDIT_DISTANCE_MS, findingOf, type AuditedRecord } from '../../shared/domain/audit.ts';
import type { FacetName, StoredItem } from '../../shared/domain/item.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { QuarantineEntry } from '../../shared/ports/quarantine.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, itemOf, keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const HOUR_MS = 3_600_000;
const DISCARDED: QuarantineEntry = {
  id: 'critical/shardId-000000000000/0',
  code: 'record_age_exceeded',
  reason: 'given up',
  functionName: 'fold',
  lane: 'critical',
  arrivedAt: NOW,
  quarantinedAt: NOW + HOUR_MS,
  bytes: '',
};
const by = (userId: string, event: string, properties: object = {}, messageId?: string) => ({
  type: 'track',
  userId,
  event,
  properties,
  ...(messageId !== undefined && { messageId }),
});
const bought = (userId: string, order: string) =>
  by(userId, 'Order Completed', { order_id: order, total: 5, currency: 'EUR', payment_method: 'pix' }, order);
const viewed = (userId: string, product: string) => by(userId, 'Product Viewed', { product_id: product });

/** Old enough for an audit. */
const later = (stage: MemoryStage, ms = AUDIT_DISTANCE_MS + 1) => stage.clock.advance(ms);
/** As a person asks: everything, with nothing left out as too young. */
const asked = { audit: { distanceMs: 0 } };
const sums = (stage: MemoryStage) => ({
  gap: stage.meter.recorded.filter(({ name }) => name === 'ReconciliationGap').map(({ value }) => value),
  records: stage.meter.sum('RecordsAudited'),
  profiles: stage.meter.sum('ProfilesAudited'),
  mismatches: stage.meter.sum('ProfileMismatches'),
});
const idOf = (stage: MemoryStage, index: number, lane: 'critical' | 'bulk' = 'critical') =>
  `${lane}/shardId-000000000000/${stage.eventLog.records(lane)[index]?.sequence}`;
const tamper = (stage: MemoryStage, subject: string, facet: FacetName, change: Partial<StoredItem>) => {
  const item = itemOf(stage, subject, facet);
  if (!item) throw new Error(`there is no ${facet} of ${subject}`);
  stage.store.tamper({ ...item, ...change });
};

describe('every record is accounted for', () => {
  test('those that were applied, deduplicated or quarantined, in both lanes, of everybody', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought('ann', 'o1'),
      bought('ann', 'o1'),
      bought('bob', 'o2'),
      by('ann', 'Order Updated', { order_id: 'o1', total: 7, currency: 'EUR' }, 'u1'),
      by('ann', 'Order Updated', { order_id: 'o1', total: 7, currency: 'EUR' }, 'u1'),
      by('ann', 'Order Completed', { total: 5 }),
      viewed('ann', 'p1'),
      by('bob', 'Quiz Finished', {}, 'q1'),
      by('bob', 'Quiz Finished', {}, 'q1'),
      { type: 'group', userId: 'bob' },
    ]);
    await stage.learn([bought('eve', 'o3'), viewed('eve', 'p1')], AS_BROWSER);
    await stage.learn([{ ...bought('fay', 'o4'), anonymousId: 'laptop' }], AS_BROWSER);
    await stage.eventLog.append('bulk', [{ partitionKey: 'x', data: 'rubbish' }]);
    await stage.deliver('bulk');
    later(stage);

    expect(await stage.audit()).toMatchObject({
      isComplete: true,
      records: 14,
      applied: 9,
      deduplicated: 3,
      quarantined: 2,
      gap: 0,
      pending: 0,
      mismatches: [],
    });
    expect(sums(stage)).toEqual({ gap: [0], records: 14, profiles: 4, mismatches: 0 });
    expect(stage.meter.unflushed).toEqual([]);
  });

  test('what is put back from quarantine is a record of its own; the first one stays accounted for', async () => {
    const stage = memoryStage();
    await stage.learn([by('ann', 'Order Completed', { total: 5 })]);
    await stage.quarantine.mark(stage.quarantine.entries(), 'done');
    later(stage);
    expect(await stage.audit()).toMatchObject({ records: 1, quarantined: 1, gap: 0 });
  });

  test('a batch that Lambda gave up is in quarantine, though later records took the watermark past it', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1'), bought('ann', 'o2')] });
    const [first, second] = stage.eventLog.records('critical');
    await stage.foldRecords('critical', second ? [second] : []);
    stage.quarantine.discard([discarded(stage, 0)]);
    later(stage);
    expect(await stage.audit()).toMatchObject({
      records: 2,
      applied: 1,
      quarantined: 1,
      gap: 0,
      mismatches: [],
    });
    expect(first?.sequence).toBe('8');
  });

  test('of a recreated stream, what its former life had taken the facets to is not taken for its own', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    stage.eventLog.recreate('critical');
    await stage.collect('batch', { batch: [bought('ann', 'o2')] });
    expect(await stage.audit(asked)).toMatchObject({ gap: 1, gaps: [{ finding: 'behind' }] });
    await stage.foldRecords('critical', stage.eventLog.records('critical'), { stream: 'critical-2' });
    expect(await stage.audit(asked)).toMatchObject({ records: 1, applied: 1, gap: 0, mismatches: [] });
  });
});

describe('while a stream gives way to its next life', () => {
  /** Both lives have records of ann; the former are not delivered yet. */
  async function overlapping() {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1'), bought('ann', 'o2')] });
    const former = stage.eventLog.records('critical');
    later(stage);
    await stage.audit();
    stage.eventLog.recreate('critical');
    await stage.collect('batch', { batch: [bought('ann', 'o3'), bought('ann', 'o4')] });
    const next = stage.eventLog.records('critical');
    return {
      stage,
      next: (...of: Parameters<typeof next.slice>) =>
        stage.foldRecords('critical', next.slice(...of), { stream: 'critical-2' }),
      former: (...of: Parameters<typeof former.slice>) => stage.foldRecords('critical', former.slice(...of)),
    };
  }

  test('records of the next are taken though the former came last, and what came between is no mismatch', async () => {
    const { stage, next, former } = await overlapping();
    await next();
    await former();

    expect(await stage.audit(asked)).toMatchObject({
      records: 2,
      applied: 2,
      gap: 0,
      mismatches: [],
      profiles: { whole: 0, part: 1 },
    });
  });

  test('what an audit could not account for in the former is, when it has come after all', async () => {
    const { stage, next, former } = await overlapping();
    await next(0, 1);
    await former();
    await next();
    later(stage);
    expect(await stage.audit()).toMatchObject({ records: 2, applied: 2, gap: 0 });

    expect(sums(stage).gap).toEqual([2, 0]);
    expect(stage.log.lines.map(({ message }) => message)).not.toContain(
      'the stream has let go of a record that was never accounted for',
    );
  });

  test('a record of the next that was left out is named, however far the former has come', async () => {
    const { stage, next, former } = await overlapping();
    await next(0, 1);
    await former();
    expect(await stage.audit(asked)).toMatchObject({
      gap: 1,
      gaps: [{ id: idOf(stage, 1), finding: 'behind' }],
    });
  });

  test('a record asks for a facet once, whichever life came last', async () => {
    const { stage, next, former } = await overlapping();
    await next();
    await former();
    const { read } = stage.store;
    let reads = 0;
    const decider = recordDecider({
      store: {
        read: (refs) => {
          reads += 1;
          return read(refs);
        },
      },
      quarantine: stage.quarantine,
    });
    const [record] = stage.eventLog.records('critical');
    const audited: AuditedRecord = {
      lane: 'critical',
      incarnation: incarnationOf('critical-2'),
      shardId: record!.shardId,
      sequence: record!.sequence,
      arrivedAt: NOW,
      event: JSON.parse(record!.data) as AuditedRecord['event'],
    };
    const findings = [...(await decider.decide([audited])), ...(await decider.decide([audited]))];

    expect(findings.map(({ finding }) => finding)).toEqual(['taken', 'taken']);
    expect(reads).toBe(1);
  });
});

describe('of somebody who was erased', () => {
  const ALL = [bought('ann', 'o1'), bought('ann', 'o2'), viewed('ann', 'p1'), bought('bob', 'o3')].map(
    (event) => ({ ...event, timestamp: new Date(NOW).toISOString() }),
  );

  test('what happened before is suppressed, was it applied once or not; what came since is applied; nothing differs', async () => {
    const stage = memoryStage();
    await stage.learn(ALL);
    await stage.erase('u:ann');
    stage.clock.advance(1_000);
    await stage.learn([
      ...ALL,
      { ...bought('ann', 'o9'), timestamp: new Date(stage.clock.now()).toISOString() },
    ]);

    expect(await stage.audit(asked)).toMatchObject({
      records: 9,
      applied: 2,
      deduplicated: 1,
      suppressed: 6,
      quarantined: 0,
      gap: 0,
      mismatches: [],
      profiles: { whole: 2 },
    });
  });

  test('a record that no facet came to is a gap all the same', async () => {
    const stage = memoryStage();
    await stage.learn(ALL);
    await stage.erase('u:ann');
    await stage.collect('batch', { batch: [bought('ann', 'o4')] });

    expect(await stage.audit(asked)).toMatchObject({ suppressed: 3, gap: 1, gaps: [{ finding: 'behind' }] });
  });

  test('a tombstone that has lost its watermark is a gap, and one that says something a mismatch', async () => {
    const stage = memoryStage();
    await stage.learn(ALL);
    await stage.erase('u:ann');
    const { watermark: _watermark, ...lost } = itemOf(stage, 'u:ann', 'browse')!;
    stage.store.tamper(lost);
    const tomb = itemOf(stage, 'u:ann')!;
    stage.store.tamper({ ...tomb, state: '{"p":["pix","06vXMyN5ZoQOZ-T"]}' });

    expect(await stage.audit(asked)).toMatchObject({
      gap: 1,
      mismatches: [{ key: keyOf('u:ann'), facet: 'checkout', scope: 'whole' }],
    });
  });

  test('a record that an audit noted before it knew of erasings is decided by when it arrived', () => {
    const stage = memoryStage();
    const position = { incarnation: 'life', sequence: '5' };
    const due = {
      ...position,
      lane: 'critical' as const,
      shardId: 's',
      key: keyOf('u:ann'),
      facets: ['checkout' as const],
      mark: '0'.repeat(12),
      arrivedAt: stage.clock.now(),
    };
    const finding = (erasedAt: number) =>
      findingOf(
        due,
        () => ({ watermark: position, erasedAt }),
        () => false,
      );
    expect([finding(due.arrivedAt), finding(due.arrivedAt - 1)]).toEqual(['suppressed', 'skipped']);
  });
});

describe('a record that is not accounted for is named', () => {
  test('when its facets never came to it', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    await stage.collect('batch', { batch: [bought('ann', 'o2')] });
    expect(await stage.audit(asked)).toMatchObject({
      records: 2,
      applied: 1,
      gap: 1,
      gaps: [{ id: idOf(stage, 1), key: keyOf('u:ann'), facets: ['orders', 'checkout'], finding: 'behind' }],
    });
  });

  test('when it was skipped, though its facet went on', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: ['o1', 'o2', 'o3'].map((order) => bought('ann', order)) });
    const [first, , third] = stage.eventLog.records('critical');
    await stage.foldRecords(
      'critical',
      [first, third].filter((record) => record !== undefined),
    );
    expect(await stage.audit(asked)).toMatchObject({
      applied: 2,
      gap: 1,
      gaps: [{ id: idOf(stage, 1), finding: 'skipped' }],
    });
  });

  test.each<[FacetName, number]>([
    ['checkout', 2],
    ['orders', 2],
    ['browse', 1],
  ])('when its %s facet is lost', async (facet, gap) => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), bought('ann', 'o2'), viewed('ann', 'p1'), bought('bob', 'o3')]);
    stage.store.lose({ key: keyOf('u:ann'), item: facet });
    const report = await stage.audit(asked);
    expect(report).toMatchObject({ records: 4, gap });
    expect(new Set(report.gaps.map(({ key, finding }) => `${key} ${finding}`))).toEqual(
      new Set([`${keyOf('u:ann')} behind`]),
    );
  });

  test('when its facet was lost and begun anew', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    for (const item of ['orders', 'checkout'] as const) stage.store.lose({ key: keyOf('u:ann'), item });
    await stage.learn([bought('ann', 'o2')]);
    expect(await stage.audit(asked)).toMatchObject({ gaps: [{ id: idOf(stage, 0), finding: 'skipped' }] });
  });

  test('when a watermark was taken back', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    await stage.learn([bought('ann', 'o2')]);
    const { sequence = '' } = stage.eventLog.records('critical')[0] ?? {};
    tamper(stage, 'u:ann', 'checkout', { watermark: { incarnation: incarnationOf('critical-1'), sequence } });
    expect(await stage.audit(asked)).toMatchObject({ gap: 1, gaps: [{ id: idOf(stage, 1) }] });
  });

  test('when it can only be in quarantine and is not, whatever the watermark says', async () => {
    const stage = memoryStage();
    await stage.learn([by('ann', 'Order Completed', { total: 5 }), bought('ann', 'o1')]);
    await stage.eventLog.append('bulk', [{ partitionKey: 'x', data: 'rubbish' }]);
    await stage.deliver('bulk');
    for (const { id } of stage.quarantine.entries()) stage.quarantine.lose(id);
    expect(await stage.audit(asked)).toMatchObject({
      records: 3,
      applied: 1,
      gap: 2,
      gaps: [
        { id: idOf(stage, 0), facets: [], finding: 'unkept' },
        { id: idOf(stage, 0, 'bulk'), key: '', finding: 'unkept' },
      ],
    });
  });

  test('by its place and its stored key alone, in the log too', async () => {
    const stage = memoryStage();
    await stage.collect('batch', {
      batch: [by('ann@example.com', 'Coupon Applied', { coupon: 'SECRET' }, 'm-1')],
    });
    later(stage);
    await stage.audit();
    expect(stage.log.lines).toEqual([
      {
        level: 'error',
        message: 'a record is not accounted for',
        fields: {
          record: idOf(stage, 0),
          subject: keyOf('u:ann@example.com'),
          facets: 'checkout',
          finding: 'behind',
          arrivedAt: NOW,
        },
        cause: undefined,
      },
    ]);
    expect(JSON.stringify([await stage.auditStates.load(), await stage.audit(asked)])).not.toMatch(
      /example|SECRET|m-1/,
    );
  });
});

describe('in-flight is not lost', () => {
  test('on its schedule an audit leaves records alone that are younger than its distance', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1')] });
    later(stage, AUDIT_DISTANCE_MS - 1);
    expect(await stage.audit()).toMatchObject({ records: 0, gap: 0, isComplete: true });
    await stage.deliver('critical');
    later(stage, 1);
    expect(await stage.audit()).toMatchObject({ records: 1, applied: 1, gap: 0 });
  });

  test('asked by a person it looks at all, and calls what is young pending', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1')] });
    later(stage, 60_000);
    await stage.collect('batch', { batch: [bought('ann', 'o2')] });
    expect(await stage.audit({ audit: { distanceMs: 60_000 } })).toMatchObject({ pending: 1, gap: 1 });
    expect(await stage.audit({ audit: {} })).toMatchObject({ pending: 2, gap: 0, gaps: [] });
  });

  test('what lands between two looks is applied', async () => {
    const stage = memoryStage();
    await stage.collect('batch', {
      batch: [bought('ann', 'o1'), by('ann', 'Order Completed', { total: 1 })],
    });
    const { read } = stage.store;
    let reads = 0;
    stage.store.read = async (refs) => {
      const items = await read(refs);
      reads += 1;
      if (reads === 1) {
        stage.store.read = read;
        await stage.deliver('critical');
      }
      return items;
    };
    expect(await stage.audit(asked)).toMatchObject({ records: 2, applied: 1, quarantined: 1, gap: 0 });
  });
});

describe('what one page of records has taught', () => {
  test('of a facet is asked again for a record that it does not reach yet', async () => {
    const stage = memoryStage();
    const others = Array.from({ length: 120 }, (_, index) => bought(`user-${index}`, `x${index}`));
    await stage.collect('batch', { batch: [bought('ann', 'o1'), ...others, bought('ann', 'o2')] });
    const records = stage.eventLog.records('critical');
    await stage.foldRecords('critical', records.slice(0, 100));
    const { read } = stage.store;
    stage.store.read = async (refs) => {
      const items = await read(refs);
      stage.store.read = read;
      await stage.foldRecords('critical', records.slice(100));
      return items;
    };
    // Had it been open at the first look, nothing of ann could be compared.
    expect(await stage.audit(asked)).toMatchObject({ gap: 0, profiles: { whole: 121 } });
  });

  test('of discarded batches is asked again for records that are older', async () => {
    const { store, quarantine } = memoryStage();
    const decider = recordDecider({ store, quarantine });
    const recordAt = (sequence: string, arrivedAt: number): AuditedRecord => ({
      lane: 'critical',
      incarnation: 'life',
      shardId: 'shardId-000000000001',
      sequence,
      arrivedAt,
      event: null,
    });
    quarantine.discard([{ ...DISCARDED, id: 'critical/shardId-000000000001/5', quarantinedAt: NOW + 1 }]);
    const findings = [];
    for (const [sequence, arrivedAt] of [
      ['9', NOW + 2],
      ['5', NOW],
    ] as const)
      findings.push(...(await decider.decide([recordAt(sequence, arrivedAt)])));
    expect(findings.map(({ finding }) => finding)).toEqual(['unkept', 'quarantined']);
  });
});

describe('from one scheduled audit to the next', () => {
  test('it goes on where it ended, and looks at nothing twice', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), viewed('ann', 'p1')]);
    later(stage);
    await stage.audit();
    await stage.learn([bought('ann', 'o2')]);
    later(stage);
    expect(await stage.audit()).toMatchObject({ records: 1, applied: 1 });
    expect(await stage.audit()).toMatchObject({ records: 0, gap: 0 });
    expect(sums(stage)).toMatchObject({ gap: [0, 0, 0], records: 3 });
  });

  test('a gap is said again until it is closed, and logged as new once', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1'), viewed('ann', 'p1')] });
    later(stage);
    await stage.audit();
    await stage.deliver('bulk');
    await stage.audit();
    await stage.deliver('critical');
    expect(await stage.audit()).toMatchObject({ records: 0, gap: 0 });
    expect(sums(stage).gap).toEqual([2, 1, 0]);
    expect(stage.log.lines).toHaveLength(2);
  });

  test('a gap that the stream has let go of is said for the last time', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1')] });
    later(stage);
    await stage.audit();
    stage.eventLog.trim('critical', 1);
    later(stage, 25 * HOUR_MS);
    await stage.audit();
    await stage.audit();
    expect(sums(stage).gap).toEqual([1, 0, 0]);
    expect(stage.log.lines.map(({ message }) => message)).toContain(
      'the stream has let go of a record that was never accounted for',
    );
  });

  test('a gap of a stream that was recreated can be decided no more', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1')] });
    later(stage);
    await stage.audit();
    stage.eventLog.recreate('critical');
    await stage.audit();
    expect(sums(stage).gap).toEqual([1, 0]);
    expect(stage.log.lines.at(-1)?.message).toMatch(/has let go of a record/);
  });

  test('records that went before any audit saw them are spoken of', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    later(stage);
    await stage.audit();
    later(stage, 30 * HOUR_MS);
    await stage.audit();
    expect(stage.log.lines).toMatchObject([
      {
        message: 'the stream may have let go of records that no audit has seen',
        fields: { shard: 'critical/shardId-000000000000' },
      },
      { fields: { shard: 'bulk/shardId-000000000000' } },
    ]);
  });

  test('out of time, it ends, says how far behind it is, and goes on next time: nothing is left out', async () => {
    const stage = memoryStage();
    const orders = Array.from({ length: 250 }, (_, index) => bought(`user-${index}`, `o${index}`));
    await stage.learn([...orders, viewed('ann', 'p1')]);
    later(stage);

    // Asked before each shard and after each page of a hundred.
    const first = await stage.audit(undefined, [600_000, 600_000, 0]);
    expect(first).toMatchObject({ isComplete: false, records: 200 });
    expect(stage.meter.recorded.at(-1)).toMatchObject({ name: 'AuditLag', value: 24 * HOUR_MS });
    const second = await stage.audit();
    expect(second).toMatchObject({ isComplete: true, records: 51, gap: 0 });
    expect(stage.meter.recorded.at(-1)).toMatchObject({ name: 'AuditLag', value: AUDIT_DISTANCE_MS });
  });

  test('the shard that is furthest behind comes first: none starves', async () => {
    const stage = memoryStage();
    const some = (from: number) =>
      Array.from({ length: 100 }, (_, index) => bought(`u${index}`, `o${from + index}`));
    await stage.learn([...some(0), viewed('ann', 'p1')]);
    later(stage);
    await stage.audit(undefined, [600_000, 0]);
    await stage.learn(some(100));
    later(stage);
    const { position } = await stage.audit(undefined, [600_000, 600_000, 0]);
    expect(position['bulk/shardId-000000000000']?.until).toBeGreaterThan(NOW);
  });

  test('beyond a thousand open records it goes no further until they close', async () => {
    const stage = memoryStage();
    const batch = Array.from({ length: 1_500 }, (_, index) => bought(`user-${index}`, `o${index}`));
    await stage.collect('batch', { batch });
    later(stage);
    expect(await stage.audit()).toMatchObject({ isComplete: false, records: 1_000, gap: 1_000 });
    expect(await stage.audit()).toMatchObject({ isComplete: false, records: 0, gap: 1_000 });
    while ((await stage.deliver('critical')) !== null);
    await stage.audit();
    expect(await stage.audit()).toMatchObject({ isComplete: true, records: 500, gap: 0 });
    expect(sums(stage).gap.at(-1)).toBe(0);
  });

  test('ended by an error, it keeps what it has decided and what was open', async () => {
    const stage = memoryStage();
    const orders = Array.from({ length: 150 }, (_, index) => bought(`user-${index}`, `o${index}`));
    await stage.collect('batch', { batch: orders });
    await stage.foldRecords('critical', stage.eventLog.records('critical').slice(1));
    later(stage);
    const { read } = stage.store;
    let reads = 0;
    stage.store.read = (refs) =>
      ++reads === 2 ? Promise.reject(new StoreUnavailable('told to fail')) : read(refs);

    await expect(stage.audit()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(sums(stage).gap).toEqual([]);
    expect(await stage.audit()).toMatchObject({ records: 50, gap: 1, gaps: [{ id: idOf(stage, 0) }] });
  });

  test.each(['eventLog', 'quarantine', 'store', 'auditStates'] as const)(
    'when its %s is out of reach it fails and says nothing, rather than a gap of nought',
    async (part) => {
      const stage = memoryStage();
      await stage.learn([bought('ann', 'o1')]);
      later(stage);
      stage[part].failNext('before', 50);
      await expect(stage.audit()).rejects.toMatchObject({ code: expect.stringMatching(/_unavailable$/) });
      expect(stage.meter.recorded.filter(({ name }) => name === 'ReconciliationGap')).toEqual([]);
    },
  );

  test('what a person asks for changes nothing of it', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    later(stage);
    await stage.audit();
    const kept = await stage.auditStates.load();
    const metrics = stage.meter.recorded.length;
    expect(await stage.audit(asked)).toMatchObject({ records: 1, applied: 1 });
    expect(await stage.auditStates.load()).toEqual(kept);
    expect(stage.meter.recorded).toHaveLength(metrics);
  });
});

describe('asked by a person', () => {
  test('it looks at what arrived since a time, and up to one', async () => {
    const stage = memoryStage();
    for (const order of ['o1', 'o2', 'o3']) {
      await stage.learn([bought('ann', order)]);
      later(stage, HOUR_MS);
    }
    const between = { since: NOW + 1, until: NOW + HOUR_MS };
    expect(await stage.audit({ audit: between })).toMatchObject({ records: 1, applied: 1 });
  });

  test('it goes on from where the answer before ended', async () => {
    const stage = memoryStage();
    await stage.learn(Array.from({ length: 250 }, (_, index) => bought(`user-${index}`, `o${index}`)));
    const first = await stage.audit(asked, [600_000, 0]);
    const { position, until } = first;
    const second = await stage.audit({ audit: { ...asked.audit, position, until } });
    expect([first.isComplete, first.records, second.isComplete, second.records]).toEqual([
      false,
      100,
      true,
      150,
    ]);
  });

  test('it answers within its budget', async () => {
    const stage = memoryStage();
    await stage.learn(Array.from({ length: 250 }, (_, index) => bought(`user-${index}`, `o${index}`)));
    const { read } = stage.store;
    stage.store.read = (refs) => {
      stage.clock.advance(600);
      return read(refs);
    };
    expect(await stage.audit({ audit: { budgetMs: 1_000 } })).toMatchObject({
      records: 200,
      isComplete: false,
    });
  });

  test('it compares as many profiles as are wanted', async () => {
    const stage = memoryStage();
    await stage.learn(Array.from({ length: 30 }, (_, index) => bought(`user-${index}`, `o${index}`)));
    for (const profiles of [0, 7, 1_000]) {
      const report = await stage.audit({ audit: { profiles } });
      expect(report.profiles.whole).toBe(Math.min(30, profiles));
    }
  });

  test('what cannot be understood is refused with its path', async () => {
    const stage = memoryStage();
    await expect(stage.audit({ audit: { since: 'yesterday' } })).rejects.toThrow(
      /audit\.since must be number/,
    );
    await expect(stage.audit({ source: 'aws.events' })).rejects.toThrow(/scheduled is missing/);
    await expect(stage.audit('now')).rejects.toThrow(/cannot be asked for like this/);
    expect(stage.meter.recorded).toEqual([]);
  });
});

describe('profiles are computed anew', () => {
  test('and are what their events say, however batches were cut and whatever came twice', async () => {
    const stage = memoryStage();
    const orders = Array.from({ length: 90 }, (_, index) => ({
      ...bought('ann', `o${index}`),
      timestamp: new Date(NOW - (90 - index) * 60_000).toISOString(),
    }));
    for (const order of orders) await stage.learn([order]);
    await stage.learn(orders.slice(80));
    await stage.foldRecords('critical', stage.eventLog.records('critical'));
    expect(await stage.audit(asked)).toMatchObject({
      records: 100,
      gap: 0,
      profiles: { whole: 1, part: 0 },
      mismatches: [],
    });
  });

  test.each<[FacetName, (state: string) => string]>([
    ['checkout', (state) => state.replace('pix', 'pax')],
    ['orders', (state) => state.replace('500', '501')],
    ['browse', (state) => state.replace('p1', 'p2')],
    ['orders', () => '{"e":[]}'],
    ['checkout', () => 'rubbish'],
    ['orders', () => 'rubbish'],
  ])('a changed byte of %s is found and named', async (facet, change) => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), viewed('ann', 'p1'), bought('bob', 'o2')]);
    const before = itemOf(stage, 'u:ann', facet)?.state ?? '';
    tamper(stage, 'u:ann', facet, { state: change(before) });
    expect(change(before)).not.toBe(before);

    later(stage);
    const { mismatches, gap } = await stage.audit();
    expect([gap, mismatches]).toMatchObject([0, [{ key: keyOf('u:ann'), facet, scope: 'whole' }]]);
    expect(sums(stage).mismatches).toBe(1);
    expect(stage.log.lines).toMatchObject([
      { message: 'a profile is not what its events say', fields: { subject: keyOf('u:ann'), facet } },
    ]);
  });

  test.each<[string, (item: StoredItem) => Partial<StoredItem>]>([
    [
      'a ring that knows a message which never came',
      ({ ring }) => ({ ring: Uint8Array.of(1, 2, 3, 4, 5, 6, ...(ring ?? [])) }),
    ],
    ['a freshness that no event has', () => ({ newestReceivedAt: NOW + 5 })],
  ])('%s is found too', async (_, change) => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), bought('ann', 'o2')]);
    const item = itemOf(stage, 'u:ann');
    if (item) stage.store.tamper({ ...item, ...change(item) });
    const { gap, mismatches } = await stage.audit(asked);
    expect([gap, mismatches]).toMatchObject([0, [{ facet: 'checkout', scope: 'whole' }]]);
  });

  test('when and how often a facet was written makes no difference', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    tamper(stage, 'u:ann', 'checkout', { v: 99, writtenAt: 1 });
    expect((await stage.audit(asked)).mismatches).toEqual([]);
  });

  test('an order that lies in a page is compared too, and so is the sum that stands for the page', async () => {
    const stage = memoryStage();
    const orders = Array.from({ length: 90 }, (_, index) => bought('ann', `o${index}`));
    await stage.learn(orders);
    const ledger = JSON.parse(itemOf(stage, 'u:ann', 'orders')?.state ?? '') as { p: [string, number[]][] };
    const [page = ''] = ledger.p[0] ?? [];
    const [stored] = await stage.store.read([{ key: keyOf('u:ann'), item: `orders#${page}` }]);
    if (!stored) throw new Error('there is no page');

    stage.store.tamper({ ...stored, state: stored.state.replace('500', '400') });
    expect((await stage.audit(asked)).mismatches).toMatchObject([{ facet: 'orders' }]);
    stage.store.lose(stored);
    expect((await stage.audit(asked)).mismatches).toMatchObject([{ facet: 'orders' }]);
    stage.store.tamper(stored);
    expect((await stage.audit(asked)).mismatches).toEqual([]);
    ledger.p[0]?.[1].splice(0, 1, 99);
    tamper(stage, 'u:ann', 'orders', { state: JSON.stringify(ledger) });
    expect((await stage.audit(asked)).mismatches).toMatchObject([{ facet: 'orders' }]);
  });

  test('of a facet whose beginning the stream no longer holds, only its money is compared', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), bought('ann', 'o2')]);
    await stage.learn([
      bought('ann', 'o3'),
      by('ann', 'Order Refunded', { refund_id: 'r1', total: 1, currency: 'EUR' }),
    ]);
    stage.eventLog.trim('critical', 2);
    expect(await stage.audit(asked)).toMatchObject({ profiles: { whole: 0, part: 1 }, mismatches: [] });

    const { state = '' } = itemOf(stage, 'u:ann', 'orders') ?? {};
    const ledger = JSON.parse(state) as { e: (string | number)[][] };
    const refund = ledger.e.findIndex(([id]) => String(id).startsWith('r'));
    tamper(stage, 'u:ann', 'orders', { state: JSON.stringify({ e: ledger.e.toSpliced(refund, 1) }) });
    expect((await stage.audit(asked)).mismatches).toMatchObject([{ facet: 'orders', scope: 'part' }]);
    tamper(stage, 'u:ann', 'orders', { state: state.replace(/(\["r.*?),100,/, '$1,99,') });
    expect((await stage.audit(asked)).mismatches).toMatchObject([{ facet: 'orders', scope: 'part' }]);
    tamper(stage, 'u:ann', 'orders', { state });
    expect((await stage.audit(asked)).mismatches).toEqual([]);
  });

  test('a facet that was begun before first records were named is compared in its money alone', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1'), viewed('bob', 'p1')]);
    for (const item of stage.store.items()) {
      const { first: _, ...old } = item;
      stage.store.tamper(old);
    }
    expect(await stage.audit(asked)).toMatchObject({ profiles: { whole: 0, part: 1 }, mismatches: [] });
  });

  test('a facet that has taken more than the audit reads is compared in its money alone', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    later(stage, 1_000);
    await stage.learn([bought('ann', 'o2')]);
    const untilFirst = { audit: { until: NOW, distanceMs: 0 } };
    expect(await stage.audit(untilFirst)).toMatchObject({
      records: 1,
      gap: 0,
      profiles: { whole: 0, part: 1 },
      mismatches: [],
    });
  });

  test('a facet that moves on while it is compared is left to another audit', async () => {
    const stage = memoryStage();
    await stage.learn([bought('ann', 'o1')]);
    const { read } = stage.store;
    stage.store.read = async (refs) =>
      (await read(refs)).map((item) =>
        item.item === 'checkout' ? { ...item, v: Math.floor(Math.random() * 1e9), state: '{}' } : item,
      );
    expect(await stage.audit(asked)).toMatchObject({ mismatches: [] });
  });

  test('a subject of whom something is in quarantine is not compared: what it lost is known', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1'), bought('ann', 'o2')] });
    await stage.foldRecords('critical', stage.eventLog.records('critical').slice(0, 1));
    stage.quarantine.discard([discarded(stage, 1)]);
    expect(await stage.audit(asked)).toMatchObject({ quarantined: 1, profiles: { whole: 0, part: 0 } });
  });

  test('poison is skipped by both: it does not stop a profile from being compared', async () => {
    const stage = memoryStage();
    await stage.learn([
      by('ann', 'Order Completed', { total: 5 }),
      bought('ann', 'o1'),
      by('ann', 'Order Completed', {}),
    ]);
    expect(await stage.audit(asked)).toMatchObject({
      quarantined: 2,
      profiles: { whole: 1, part: 0 },
      mismatches: [],
    });
  });

  test('few reads do for many records: facets once, quarantine by the hour', async () => {
    const stage = memoryStage();
    for (let round = 0; round < 5; round++) {
      await stage.learn(Array.from({ length: 100 }, (_, index) => bought(`u${index}`, `o${round}-${index}`)));
    }
    const refs: number[] = [];
    const { read } = stage.store;
    stage.store.read = (wanted) => {
      refs.push(wanted.length);
      return read(wanted);
    };
    let lists = 0;
    const { keptInHour } = stage.quarantine;
    stage.quarantine.keptInHour = (lane, at) => {
      lists += 1;
      return keptInHour(lane, at);
    };
    expect(await stage.audit(asked)).toMatchObject({ records: 500, profiles: { whole: 100 } });
    // Both facets of a hundred subjects, to decide; and once more to compare.
    expect(refs).toEqual([200, 200]);
    expect(lists).toBe(1);
  });
});

function discarded(stage: MemoryStage, index: number): QuarantineEntry {
  return { ...DISCARDED, id: idOf(stage, index) };
}
