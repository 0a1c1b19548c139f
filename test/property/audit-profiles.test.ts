import fc from 'fast-check';
import { dueOf, recordId } from '../../shared/domain/audit.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, type MemoryStage } from '../memory-stage.ts';

const LANES: readonly Lane[] = ['critical', 'bulk'];
const HOUR_MS = 3_600_000;
const order = fc.integer({ min: 0, max: 90 }).map((number) => `o${number}`);
const sketch = fc.oneof(
  fc.record({
    event: fc.constantFrom('Order Completed', 'Order Updated', 'Order Cancelled'),
    order_id: order,
    total: fc.nat(99),
    payment_method: fc.constantFrom('pix', 'card'),
  }),
  fc.record({ event: fc.constant('Order Refunded'), refund_id: order, total: fc.nat(9) }),
  fc.record({ event: fc.constant('Product Added'), product_id: fc.constantFrom('p1', 'p2') }),
  fc.record({
    event: fc.constantFrom('Product Viewed', 'Quiz Finished'),
    product_id: fc.constantFrom('p1', 'p2'),
  }),
  // Poison: no order id, an amount that is none.
  fc.record({ event: fc.constant('Order Completed'), total: fc.nat(9) }),
  fc.record({ event: fc.constant('Order Completed'), order_id: order, total: fc.constant('12,50') }),
);
const someone = fc.record({
  userId: fc.constantFrom('ann', 'bob', 'eve'),
  anonymousId: fc.option(fc.constantFrom('laptop', 'kiosk'), { nil: undefined }),
});
const sent = fc.record({
  details: sketch,
  who: someone,
  times: fc.constantFrom(1, 1, 1, 2),
  as: fc.constantFrom(AS_SERVER, AS_BROWSER),
});
type Sent = typeof sent extends fc.Arbitrary<infer Value> ? Value : never;

/** The collector takes each of them; `from` keeps messages apart. */
async function collect(stage: MemoryStage, list: readonly Sent[], from: number): Promise<void> {
  for (const as of [AS_SERVER, AS_BROWSER]) {
    const batch = list.flatMap(({ details: { event, ...properties }, who, times, as: source }, index) =>
      source !== as
        ? []
        : Array.from({ length: times }, () => ({
            type: 'track',
            event,
            messageId: `m${from + index}`,
            ...who,
            properties: { currency: 'EUR', ...properties },
          })),
    );
    if (batch.length > 0) await stage.collect('batch', { batch }, as);
  }
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('send' as const), events: fc.array(sent, { maxLength: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), size: fc.integer({ min: 1, max: 30 }) }),
  },
  fc.record({ do: fc.constant('again' as const), size: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('audit' as const), pages: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('fail' as const), part: fc.constantFrom('store', 'quarantine') }),
  fc.record({ do: fc.constant('recreate' as const), lane: fc.constantFrom(...LANES) }),
);

/** The folds, delivering batch by batch as Lambda does, from the oldest record that is not settled. */
function folds(stage: MemoryStage) {
  const life: Record<Lane, number> = { critical: 1, bulk: 1 };
  const settled: Record<Lane, number> = { critical: 0, bulk: 0 };
  const one = async (lane: Lane, from: number, size: number): Promise<number> => {
    const batch = stage.eventLog.records(lane).slice(from, from + size);
    if (batch.length === 0) return from;
    const failed = await stage.foldRecords(lane, batch, { stream: `${lane}-${life[lane]}` });
    const index = batch.findIndex(({ sequence }) => sequence === failed);
    return from + (index < 0 ? batch.length : index);
  };
  return {
    async deliver(size: number) {
      for (const lane of LANES) settled[lane] = await one(lane, settled[lane], size);
    },
    /** Records that were delivered before come once more, in other batches. */
    async again(size: number) {
      for (const lane of LANES) await one(lane, 0, Math.min(size, settled[lane]));
    },
    async deliverAll() {
      for (let tries = 0; tries < 500; tries++) {
        await this.deliver(100);
        if (LANES.every((lane) => settled[lane] === stage.eventLog.records(lane).length)) return;
      }
      throw new Error('a lane is blocked');
    },
    recreate(lane: Lane) {
      stage.eventLog.recreate(lane);
      life[lane] += 1;
      settled[lane] = 0;
    },
  };
}

/** Audits until one comes to the end; `failed` is told of those that did not come back. */
async function auditAll(stage: MemoryStage, failed: () => void, event?: object) {
  for (let tries = 0; tries < 50; tries++) {
    const report = await stage.audit(event).catch(failed);
    if (report?.isComplete) return report;
  }
  throw new Error('the audit does not end');
}

test('whatever is sent twice, fails, comes again or begins anew, in the end all is accounted for and every profile is what its events say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
      const stage = memoryStage();
      const running = folds(stage);
      let records = 0;
      let sentSoFar = 0;
      let failedAudits = 0;
      const failed = () => void failedAudits++;
      const mismatches: object[] = [];
      for (const one of steps) {
        stage.clock.advance(HOUR_MS / 4);
        switch (one.do) {
          case 'send':
            await collect(stage, one.events, sentSoFar);
            sentSoFar += one.events.length;
            break;
          case 'deliver':
            await running.deliver(one.size);
            break;
          case 'again':
            await running.again(one.size);
            break;
          case 'fail':
            if (one.part === 'store') failOnce(stage);
            else stage.quarantine.failNext('after');
            break;
          case 'audit': {
            const times = Array.from({ length: one.pages }, () => 600_000);
            await stage
              .audit({}, [...times, 0])
              .then((report) => mismatches.push(...report.mismatches), failed);
            break;
          }
          case 'recreate':
            // What a stream still holds when it goes is lost to everybody: here nothing is.
            await running.deliverAll();
            stage.clock.advance(HOUR_MS);
            mismatches.push(...(await auditAll(stage, failed)).mismatches);
            records += stage.eventLog.records(one.lane).length;
            running.recreate(one.lane);
            // Real positions are never the same in two lives of a stream, as these are.
            for (const { id, lane } of stage.quarantine.entries())
              if (lane === one.lane) stage.quarantine.lose(id);
            break;
        }
      }
      await running.deliverAll();
      stage.clock.advance(HOUR_MS);
      const last = await auditAll(stage, failed);
      for (const lane of LANES) records += stage.eventLog.records(lane).length;

      expect([...mismatches, ...last.mismatches]).toEqual([]);
      expect(last.gap).toBe(0);
      // An audit that fails has decided records, and says nothing.
      if (failedAudits === 0) expect(stage.meter.sum('RecordsAudited')).toBe(records);

      const whole = await auditAll(stage, failed, { audit: { distanceMs: 0 } });
      expect([whole.gap, whole.mismatches]).toEqual([0, []]);
      expect(whole.records).toBe(whole.applied + whole.deduplicated + whole.quarantined);
      expect(whole.quarantined).toBe(inQuarantine(stage));
    }),
    { numRuns: 150 },
  );
});

/** One answer of the store is lost. */
function failOnce(stage: MemoryStage): void {
  const { write } = stage.store;
  stage.store.write = async (item) => {
    stage.store.write = write;
    await write(item);
    throw new StoreUnavailable('told to lose its answer');
  };
}

function inQuarantine(stage: MemoryStage): number {
  const sequences = new Set(
    LANES.flatMap((lane) => stage.eventLog.records(lane).map(({ sequence }) => `${lane} ${sequence}`)),
  );
  return stage.quarantine.entries().filter(({ lane, sequence }) => sequences.has(`${lane} ${sequence}`))
    .length;
}

describe('whatever is broken on purpose is named', () => {
  /** Few enough that no ring forgets. */
  const history = fc.array(sent, { minLength: 1, maxLength: 25 });
  const pick = fc.nat();

  const dueRecords = (stage: MemoryStage) =>
    LANES.flatMap((lane) =>
      stage.eventLog
        .records(lane)
        .map(({ incarnation, shardId, sequence, partitionKey, data, arrivedAt = 0 }) => {
          const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
          const event = parsed.ok ? parsed.value : null;
          return dueOf({
            lane,
            incarnation: incarnationOf(incarnation),
            shardId,
            sequence,
            arrivedAt,
            event,
          });
        }),
    );
  const audited = (stage: MemoryStage) => stage.audit({ audit: { distanceMs: 0 } });
  const namedBy = (report: Awaited<ReturnType<typeof audited>>) => report.gaps.map(({ id }) => id).sort();

  test('a record that was never delivered', async () => {
    await fc.assert(
      fc.asyncProperty(history, pick, async (events, index) => {
        const stage = memoryStage();
        await collect(stage, events, 0);
        const all = dueRecords(stage);
        // A message that came twice is not lost with one of its records, nor is what no ring holds seen here.
        const losable = all.filter(
          (one) =>
            one.facets.some((facet) => facet !== 'orders') &&
            all.filter(({ mark, key }) => mark === one.mark && key === one.key).length === 1,
        );
        fc.pre(losable.length > 0);
        const lost = losable[index % losable.length];
        for (const lane of LANES) {
          const delivered = stage.eventLog
            .records(lane)
            .filter(({ sequence }) => lane !== lost?.lane || sequence !== lost.sequence);
          await stage.foldRecords(lane, delivered);
        }

        expect(namedBy(await audited(stage))).toEqual(lost ? [recordId(lost)] : []);
      }),
    );
  });

  test('a facet that is gone: all records that it had taken', async () => {
    await fc.assert(
      fc.asyncProperty(history, pick, async (events, index) => {
        const stage = memoryStage();
        await collect(stage, events.slice(0, 10), 0);
        for (const lane of LANES) await stage.deliver(lane);
        const facets = stage.store.items().filter(({ watermark }) => watermark !== undefined);
        fc.pre(facets.length > 0);
        const gone = facets[index % facets.length];
        if (gone) stage.store.lose(gone);

        const concerned = dueRecords(stage).filter(
          ({ key, facets: own }) => key === gone?.key && own.some((facet) => facet === gone.item),
        );
        expect(namedBy(await audited(stage))).toEqual(concerned.map(recordId).sort());
      }),
    );
  });

  test('an entry that is gone from quarantine', async () => {
    await fc.assert(
      fc.asyncProperty(history, pick, async (events, index) => {
        const stage = memoryStage();
        await collect(stage, events, 0);
        for (const lane of LANES) await stage.deliver(lane);
        const entries = stage.quarantine.entries().filter(({ sequence }) => sequence !== undefined);
        fc.pre(entries.length > 0);
        const { id = '' } = entries[index % entries.length] ?? {};
        stage.quarantine.lose(id);
        expect(namedBy(await audited(stage))).toEqual([id]);
      }),
    );
  });

  test('a character that is another in the state of a facet, or one of its ring', async () => {
    await fc.assert(
      fc.asyncProperty(history, pick, pick, async (events, index, at) => {
        const stage = memoryStage();
        await collect(stage, events, 0);
        for (const lane of LANES) await stage.deliver(lane);
        const facets = stage.store.items().filter(({ watermark }) => watermark !== undefined);
        fc.pre(facets.length > 0);
        const item = facets[index % facets.length];
        const changed = item && withOneOther(item, at);
        fc.pre(changed !== undefined);
        if (changed) stage.store.tamper(changed);

        const { mismatches, gap } = await audited(stage);
        const isRing = changed?.state === item?.state;
        // A message that its facet's ring does not know any more is a gap, which says it already.
        if (!isRing || gap === 0) expect(mismatches).toMatchObject([{ key: item?.key, facet: item?.item }]);
        if (!isRing) expect(gap).toBe(0);
      }),
    );
  });
});

/**
 * The item with one letter, digit or byte of its ring changed; undefined: it has none. What is kept for segments is left
 * alone: a window may well be another than a fold from nothing makes, where the configuration came later.
 */
function withOneOther(item: StoredItem, at: number): StoredItem | undefined {
  const facts = item.state.replace(/"w":.*$/s, '');
  const places = [...facts.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index);
  const { ring = new Uint8Array() } = item;
  const place = at % Math.max(1, places.length + ring.length);
  const index = places[place];
  if (index === undefined) {
    const other = Uint8Array.from(ring);
    if (other.length === 0) return undefined;
    other[place - places.length] = (other[place - places.length] ?? 0) ^ 1;
    return { ...item, ring: other };
  }
  const found = item.state.charAt(index);
  const other = /\d/.test(found) ? String((Number(found) + 1) % 10) : found === 'x' ? 'y' : 'x';
  return { ...item, state: item.state.slice(0, index) + other + item.state.slice(index + 1) };
}
