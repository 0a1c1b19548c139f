import { claimsOf, settle, type Account, type RetainedRecord } from '../../shared/domain/reconcile.ts';
import type { FacetName } from '../../shared/domain/item.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { AS_BROWSER, keyOf, memoryStage, type MemoryStage } from '../memory-stage.ts';

const LANES: readonly Lane[] = ['critical', 'bulk'];
const by = (event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  userId: 'ann',
  event,
  properties,
  ...more,
});
const bought = (order: string, more: object = {}) =>
  by('Order Completed', { order_id: order, total: 1, currency: 'EUR' }, { messageId: order, ...more });

const retained = (stage: MemoryStage): readonly RetainedRecord[] =>
  LANES.flatMap((lane) =>
    stage.eventLog.records(lane).map(({ incarnation, shardId, sequence, partitionKey, data }) => {
      const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
      return {
        lane,
        incarnation: incarnationOf(incarnation),
        shardId,
        sequence,
        event: parsed.ok ? parsed.value : null,
      };
    }),
  );

/** How often each message of these events was acknowledged. */
function acknowledged(events: readonly object[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) {
    const parsed = parseMessage(event);
    const messageId = parsed.ok ? parsed.value.message.messageId : 'rejected';
    counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  }
  return counts;
}

/** What an auditor finds of a stage, as the replay's last line has it. */
function audit(stage: MemoryStage, accepted: readonly object[]): Account {
  const traces = new Map(stage.store.items().map((item) => [`${item.key}/${item.item}`, item]));
  const quarantined = new Set(stage.quarantine.entries().map(({ id }) => id));
  return settle(
    acknowledged(accepted),
    claimsOf(retained(stage), () => true),
    (key, facet) => traces.get(`${key}/${facet}`),
    (id) => quarantined.has(id),
  );
}

describe('an account', () => {
  test('adds up: applied, deduplicated and quarantined are all that was accepted', async () => {
    const stage = memoryStage();
    const batch = [
      bought('o1'),
      bought('o1'),
      bought('o2', { userId: 'bob' }),
      by('Order Updated', { order_id: 'o1', total: 2 }, { messageId: 'm1' }),
      by('Order Updated', { order_id: 'o1', total: 2 }, { messageId: 'm1' }),
      by('Order Completed', { total: 5 }),
      by('Coupon Denied'),
      by('Product Viewed', { product_id: 'p1' }, { messageId: 'v1' }),
      by('Product Viewed', { product_id: 'p1' }, { messageId: 'v1' }),
      { type: 'group', userId: 'ann' },
      { type: 'page', anonymousId: 'a1' },
    ];
    await stage.collect('batch', { batch });
    expect(audit(stage, batch)).toEqual({
      applied: 0,
      deduplicated: 0,
      quarantined: 0,
      suppressed: 0,
      gap: 11,
    });

    await stage.deliver('critical');
    expect(audit(stage, batch)).toMatchObject({ gap: 4 });
    await stage.deliver('bulk');
    expect(audit(stage, batch)).toEqual({
      applied: 7,
      deduplicated: 3,
      quarantined: 1,
      suppressed: 0,
      gap: 0,
    });
  });

  test('agrees with what the folds counted', async () => {
    const stage = memoryStage();
    const claimed = [
      bought('o1'),
      bought('o1'),
      by('Order Cancelled', { order_id: 'o1' }, { messageId: 'm9' }),
      by('Product Viewed'),
    ];
    const batch = [...claimed, ...claimed.map((event) => ({ ...event, anonymousId: 'a1' }))];
    await stage.collect('batch', { batch }, AS_BROWSER);
    for (const lane of LANES) await stage.deliver(lane);

    const { applied, deduplicated, gap } = audit(stage, batch);
    expect([applied, deduplicated, gap]).toEqual([
      stage.meter.sum('EventsApplied'),
      stage.meter.sum('EventsDeduplicated'),
      0,
    ]);
  });

  test('is not changed by redelivery', async () => {
    const stage = memoryStage();
    const batch = [bought('o1'), bought('o2')];
    await stage.learn(batch);
    const before = audit(stage, batch);
    await stage.foldRecords('critical', stage.eventLog.records('critical'));
    expect(audit(stage, batch)).toEqual(before);
  });

  test('has a gap for a record whose facet is not there yet, and for one of two facets', async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1')]);
    const { write } = stage.store;
    stage.store.write = (item) => (item.item === 'checkout' ? Promise.resolve('conflict') : write(item));
    await stage.collect('batch', { batch: [bought('o2')] });
    await stage.deliver('critical');
    expect(audit(stage, [bought('o1'), bought('o2')])).toMatchObject({ applied: 1, gap: 1 });
  });

  test('has a gap for what was acknowledged and is in no stream', async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1')]);
    expect(audit(stage, [bought('o1'), bought('o1'), bought('o2')])).toMatchObject({ applied: 1, gap: 2 });
  });

  test("does not take another life's watermark for its own", async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1')]);
    stage.eventLog.recreate('critical');
    await stage.collect('batch', { batch: [bought('o2')] });
    expect(audit(stage, [bought('o2')])).toMatchObject({ applied: 0, gap: 1 });
  });
});

test('an account knows what a facet took of one life of its stream after it heard of another', async () => {
  const stage = memoryStage();
  await stage.collect('batch', { batch: [bought('o1'), bought('o2')] });
  const old = stage.eventLog.records('critical');
  stage.eventLog.recreate('critical');
  await stage.collect('batch', { batch: [bought('o3')] });
  await stage.foldRecords('critical', stage.eventLog.records('critical'), { stream: 'critical-2' });
  await stage.foldRecords('critical', old.slice(0, 1));

  expect(audit(stage, [bought('o3')])).toMatchObject({ applied: 1, gap: 0 });
});

describe('a batch that was sent again, because its answer was lost', () => {
  const sentTwice = async () => {
    const stage = memoryStage();
    stage.eventLog.failNext('after');
    expect((await stage.collect('batch', { batch: [bought('o1')] })).status).toBe(503);
    await stage.collect('batch', { batch: [bought('o1')] });
    return stage;
  };

  test('counts as often as it was acknowledged', async () => {
    const stage = await sentTwice();
    expect(audit(stage, [bought('o1')])).toMatchObject({ applied: 0, gap: 1 });
    await stage.deliver('critical');
    expect(audit(stage, [bought('o1')])).toMatchObject({ applied: 1, deduplicated: 0, gap: 0 });
  });

  test('does not stand in for an event that was lost', async () => {
    const stage = await sentTwice();
    await stage.deliver('critical');
    expect(audit(stage, [bought('o1'), bought('lost')])).toMatchObject({ applied: 1, gap: 1 });
  });

  test('is open as long as either of its records is: it may be the acknowledged one', async () => {
    const stage = await sentTwice();
    await stage.foldRecords('critical', stage.eventLog.records('critical').slice(0, 1));
    expect(audit(stage, [bought('o1')])).toMatchObject({ gap: 1 });
  });
});

describe('what is to be shown', () => {
  test('is said of the events in scope; others still tell what was repeated', async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1')]);
    stage.clock.advance(1_000);
    await stage.learn([bought('o1')]);
    const [, second] = stage.eventLog.records('critical');
    const claims = claimsOf(retained(stage), (event) => event.receivedAt === stage.clock.now());

    expect(claims).toEqual([
      {
        messageId: 'o1',
        quarantineId: `critical/shardId-000000000000/${second?.sequence}`,
        key: keyOf('u:ann'),
        facets: ['orders', 'checkout'],
        position: { incarnation: incarnationOf('critical-1'), sequence: second?.sequence },
        at: stage.clock.now(),
        isRepeated: true,
      },
    ]);
  });

  test.each<[string, number, number]>([
    ['critical', 32, 31],
    ['critical', 32, 32],
    ['bulk', 128, 127],
    ['bulk', 128, 128],
  ])(
    'in %s, a message within the last %d of its subject is repeated, as the fold sees it (%d in between)',
    async (lane, window, between) => {
      const stage = memoryStage();
      const event = (messageId: string) =>
        by(lane === 'critical' ? 'Coupon Applied' : 'Quiz Finished', {}, { messageId });
      const batch = [
        event('m0'),
        ...Array.from({ length: between }, (_, index) => event(`x${index}`)),
        event('m0'),
      ];
      await stage.learn(batch);

      const expected = between < window ? 1 : 0;
      expect(stage.meter.sum('EventsDeduplicated')).toBe(expected);
      expect(audit(stage, batch)).toMatchObject({ deduplicated: expected, gap: 0 });
    },
  );

  test('is nothing of a record that is no event', () => {
    const record = { lane: 'bulk', incarnation: 'x', shardId: 's', sequence: '1', event: null } as const;
    expect(claimsOf([record], () => true)).toEqual([]);
  });

  test('names every facet of the event: it is applied when the last of them has passed it', () => {
    const position = { incarnation: 'life', sequence: '10' };
    const claim = {
      messageId: 'm',
      quarantineId: 'q',
      key: 'k',
      facets: ['orders', 'checkout'] as const,
      position,
      at: 1,
      isRepeated: false,
    };
    const at = (sequences: Partial<Record<FacetName, string>>) =>
      settle(
        new Map([['m', 1]]),
        [claim],
        (_key, facet) =>
          sequences[facet] === undefined
            ? undefined
            : { watermark: { incarnation: 'life', sequence: sequences[facet] } },
        () => false,
      ).gap;
    expect([
      at({}),
      at({ orders: '10' }),
      at({ orders: '10', checkout: '9' }),
      at({ orders: '10', checkout: '10' }),
      at({ orders: '100', checkout: '11' }),
    ]).toEqual([1, 1, 1, 0, 0]);
  });
});
