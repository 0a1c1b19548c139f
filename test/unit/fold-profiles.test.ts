import { failWrites, itemOf, keyOf, memoryStage, usesOf, type MemoryStage } from '../memory-stage.ts';

const by = (userId: string, event: string, properties: object = {}) => ({
  type: 'track',
  userId,
  event,
  properties,
});
const bought = (userId: string, order: string, method = 'boleto') =>
  by(userId, 'Order Completed', {
    order_id: order,
    total: 10,
    currency: 'EUR',
    payment_method: method,
  });

const send = (stage: MemoryStage, ...events: readonly object[]) => stage.collect('batch', { batch: events });
const sequences = (stage: MemoryStage) => stage.eventLog.records('critical').map(({ sequence }) => sequence);
interface Shown {
  readonly checkout: { readonly cart: { readonly lines: readonly { readonly productId: string }[] } | null };
  readonly orders: { readonly count: number };
}
const shown = async (stage: MemoryStage, userId: string) =>
  (await stage.profile(`u:${userId}`)).body as Shown;
const facts = (stage: MemoryStage) =>
  stage.store.items().map(({ key, item, state, watermark }) => [key, item, state, watermark]);

describe('a batch', () => {
  test('of many subjects lands whole, each subject in its order', async () => {
    const stage = memoryStage();
    await send(
      stage,
      { ...by('ann', 'Product Added', { product_id: 'p1' }), timestamp: '2026-01-15T11:00:01Z' },
      bought('bob', 'o1'),
      { ...by('ann', 'Product Removed', { product_id: 'p1' }), timestamp: '2026-01-15T11:00:02Z' },
      { ...by('ann', 'Product Added', { product_id: 'p2' }), timestamp: '2026-01-15T11:00:03Z' },
    );
    expect(await stage.deliver('critical')).toBeNull();

    expect((await shown(stage, 'ann')).checkout.cart?.lines.map(({ productId }) => productId)).toEqual([
      'p2',
    ]);
    expect((await shown(stage, 'bob')).orders.count).toBe(1);
    expect(itemOf(stage, 'u:ann')).toMatchObject({ v: 1, watermark: { sequence: sequences(stage)[3] } });
  });

  test('without records needs nothing', async () => {
    expect(await memoryStage().foldRecords('critical', [])).toBeNull();
  });

  test('tells what it did', async () => {
    const stage = memoryStage();
    const twice = { ...bought('ann', 'o1'), messageId: 'm1' };
    await send(
      stage,
      twice,
      twice,
      bought('bob', 'o2'),
      by('bob', 'Order Completed'),
      by('eve', 'Quiz Finished'),
    );
    stage.clock.advance(700);
    await stage.deliver('critical');
    await stage.deliver('bulk');

    const sums = (['EventsApplied', 'EventsDeduplicated', 'EventsQuarantined', 'FacetWrites'] as const).map(
      (name) => [stage.meter.sum(name, { Lane: 'critical' }), stage.meter.sum(name, { Lane: 'bulk' })],
    );
    expect(sums).toEqual([
      [2, 1],
      [1, 0],
      [1, 0],
      [4, 1],
    ]);
    expect(stage.meter.sum('UnknownEvents')).toBe(1);
    expect(stage.meter.recorded.filter(({ name }) => name === 'SyncLag').map(({ value }) => value)).toEqual([
      700, 700, 700,
    ]);
    expect(stage.meter.unflushed).toEqual([]);
  });
});

describe('exactly one effect', () => {
  test('given a batch that is delivered again, nothing changes', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), by('ann', 'Product Added', { product_id: 'p1' }));
    await stage.deliver('critical');
    const before = facts(stage);
    expect(await stage.foldRecords('critical', stage.eventLog.records('critical'))).toBeNull();
    expect(facts(stage)).toEqual(before);
  });

  test.each([1, 2, 3])(
    'given a write whose answer is lost, the %d. of all, the next delivery finishes the work',
    async (lost) => {
      const [clean, troubled] = [memoryStage(), memoryStage()];
      const events = [bought('ann', 'o1'), bought('bob', 'o2', 'card'), bought('ann', 'o3')];
      for (const stage of [clean, troubled])
        await send(stage, ...events.map((event, index) => ({ ...event, messageId: `m${index}` })));
      await clean.deliver('critical');
      failWrites(troubled, (_item, call) => call === lost && 'lost');

      expect(await troubled.deliver('critical')).not.toBeNull();
      expect(await troubled.deliver('critical')).toBeNull();
      expect(facts(troubled)).toEqual(facts(clean));
    },
  );

  test('given somebody else’s write in between, the fold reads again and applies its events once', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'));
    await stage.deliver('critical');
    await send(stage, bought('ann', 'o2', 'card'), bought('ann', 'o3', 'card'));
    const { read } = stage.store;
    const [, next] = stage.eventLog.records('critical');
    // The first read is overtaken by another invocation that takes the next record.
    stage.store.read = async (refs) => {
      const items = await read(refs);
      stage.store.read = read;
      await stage.foldRecords('critical', next ? [next] : []);
      return items;
    };
    expect(await stage.deliver('critical')).toBeNull();

    expect(await usesOf(stage, 'ann')).toEqual({ boleto: 1, card: 2 });
    expect(itemOf(stage, 'u:ann')).toMatchObject({ v: 3 });
  });

  test('a stream that was made anew begins anew', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), bought('ann', 'o2'));
    await stage.deliver('critical');
    const [first] = stage.eventLog.records('critical');
    const [renewed] = [{ ...first!, data: first!.data.replace('o1', 'o9').replace('content-', 'other-') }];
    await stage.foldRecords('critical', [renewed], { stream: 'critical-2' });
    expect(await usesOf(stage, 'ann')).toEqual({ boleto: 3 });
  });
});

describe('a store out of reach', () => {
  test('at the first read: everything stays, from the first record on, and lands later', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), bought('bob', 'o2'));
    stage.store.failNext('before');
    expect(await stage.deliver('critical')).toBe(sequences(stage)[0]);
    expect(stage.store.items()).toEqual([]);
    expect(await stage.deliver('critical')).toBeNull();
    expect([await usesOf(stage, 'ann'), await usesOf(stage, 'bob')]).toEqual([{ boleto: 1 }, { boleto: 1 }]);
  });

  test('for one subject: the others land, and the shard goes on from its first record', async () => {
    const stage = memoryStage();
    // Positions grow in length within the batch: 8, 9, 10, 11, 12.
    await send(
      stage,
      bought('ann', 'o1'),
      bought('bob', 'o2'),
      bought('eve', 'o3'),
      bought('bob', 'o4'),
      bought('ann', 'o5'),
    );
    failWrites(stage, (item) => item.key === keyOf('u:bob') && 'before');
    expect(await stage.deliver('critical')).toBe('9');

    expect([await usesOf(stage, 'ann'), await usesOf(stage, 'eve')]).toEqual([{ boleto: 2 }, { boleto: 1 }]);
    expect(itemOf(stage, 'u:bob')).toBeUndefined();
  });

  test('for two subjects: the lower of their positions is returned, as a number and not as a text', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), bought('bob', 'o2'), bought('eve', 'o3'));
    failWrites(stage, (item) => item.key !== keyOf('u:ann') && 'before');
    expect(await stage.deliver('critical')).toBe('9');
  });

  test('in the middle of a subject: none of its later records is taken', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), by('ann', 'Product Added', { product_id: 'p1' }));
    failWrites(stage, (item) => item.item === 'checkout' && 'before');
    expect(await stage.deliver('critical')).toBe(sequences(stage)[0]);
    expect(itemOf(stage, 'u:ann')).toBeUndefined();
  });

  test('at a link: the facet that would remember it is not written either', async () => {
    const stage = memoryStage();
    await send(stage, { ...bought('ann', 'o1'), anonymousId: 'laptop' });
    failWrites(stage, (item, call) => item.item.startsWith('link') && call < 2 && 'before');
    expect(await stage.deliver('critical')).toBe(sequences(stage)[0]);
    expect(itemOf(stage, 'u:ann')).toBeUndefined();

    expect(await stage.deliver('critical')).toBeNull();
    expect(itemOf(stage, 'a:laptop', 'link')).toBeDefined();
  });

  test('or contended beyond measure: the subject stays', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'));
    stage.store.write = () => Promise.resolve('conflict');
    expect(await stage.deliver('critical')).toBe(sequences(stage)[0]);
    expect(stage.quarantine.entries()).toEqual([]);
  });
});

describe('time that runs out', () => {
  test('leaves the remaining subjects for the next delivery', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), bought('bob', 'o2'), bought('eve', 'o3'));
    expect(await stage.deliver('critical', { remainingMs: [60_000, 2_000] })).toBe(sequences(stage)[1]);
    expect([itemOf(stage, 'u:ann'), itemOf(stage, 'u:bob'), itemOf(stage, 'u:eve')].map(Boolean)).toEqual([
      true,
      false,
      false,
    ]);

    expect(await stage.deliver('critical')).toBeNull();
    expect(await usesOf(stage, 'eve')).toEqual({ boleto: 1 });
  });
});
