import type { Place } from '../../shared/domain/place.ts';
import type { RegionCell } from '../../shared/domain/region-cell.ts';
import { knownRegions } from '../../functions/decide-checkout/known-regions.ts';
import { manualClock } from '../../shared/adapters/memory/manual-clock.ts';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import { decisionTime } from '../../functions/decide-checkout/decision-time.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryRegionStore } from '../../shared/adapters/memory/memory-region-store.ts';
import { addChoices, cellOf } from '../../shared/domain/region-cell.ts';
import { monthOf } from '../../shared/domain/time.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

interface Answer {
  readonly source: string;
  readonly degraded: boolean;
  readonly slots: Record<
    'payment' | 'shipping',
    {
      readonly source: string;
      readonly guardrails: readonly string[];
      readonly options: readonly {
        readonly id: string;
        readonly preselected: boolean;
        readonly reasons: readonly string[];
      }[];
    }
  >;
}

const SP = { country: 'BR', region: 'SP' };
const bought = (userId: string, more: object = {}, location: object = SP) => ({
  type: 'track',
  event: 'Order Completed',
  userId,
  messageId: `${userId} ${JSON.stringify(more)}`,
  context: { location },
  properties: { order_id: `${userId} order`, total: 10, currency: 'BRL', payment_method: 'boleto', ...more },
});
const shoppers = (count: number, more?: object, location?: object) =>
  Array.from({ length: count }, (_, index) =>
    bought(`${JSON.stringify(location ?? '')} ${index}`, more, location),
  );
const decide = async (stage: MemoryStage, more: object = {}, headers = AS_BROWSER): Promise<Answer> => {
  const body = {
    context: SP,
    checkout: { payment: ['credit_card', 'pix', 'boleto'].map((id) => ({ id })) },
    ...more,
  };
  const reply = await stage.decide(body, headers);
  if (reply.status !== 200) throw new Error(JSON.stringify(reply));
  return reply.body as Answer;
};
const seen = ({ slots }: Answer, slot: 'payment' | 'shipping' = 'payment') =>
  slots[slot].options.map(
    ({ id, reasons, preselected }) => `${id}${preselected ? '!' : ''} ${reasons.join()}`,
  );
const stageOf = async (events: readonly object[]): Promise<MemoryStage> => {
  const stage = memoryStage();
  for (let from = 0; from < events.length; from += 20) await stage.learn(events.slice(from, from + 20));
  await stage.countRegions();
  return stage;
};
const DEFAULT = ['credit_card store-default', 'pix store-default', 'boleto store-default'];

describe('a region', () => {
  test('speaks to somebody of whom nothing is known, not even an id', async () => {
    const stage = await stageOf(shoppers(30));
    const answer = await decide(stage);
    expect([answer.source, answer.degraded, answer.slots.payment.source]).toEqual([
      'regional',
      false,
      'regional',
    ]);
    expect(seen(answer)).toEqual([
      'boleto popular-in-region',
      'credit_card store-default',
      'pix store-default',
    ]);
    expect(stage.meter.sum('RegionalDecisions')).toBe(1);
  });

  test('of too few says nothing; its country may', async () => {
    const few = await stageOf(shoppers(19));
    expect([seen(await decide(few)), (await decide(few)).source]).toEqual([DEFAULT, 'default']);

    const stage = await stageOf([...shoppers(10), ...shoppers(10, {}, { country: 'BR', region: 'RJ' })]);
    expect(seen(await decide(stage))[0]).toBe('boleto popular-in-country');
    expect(seen(await decide(stage, { context: { country: 'br' } }))[0]).toBe('boleto popular-in-country');
    expect(seen(await decide(stage, { context: { country: 'AR', region: 'SP' } }))).toEqual(DEFAULT);
    expect(seen(await decide(stage, { context: {} }))).toEqual(DEFAULT);
  });

  test('counts one shopper once, however often one buys and however often it is delivered', async () => {
    const stage = await stageOf(
      Array.from({ length: 40 }, (_, index) => bought('ann', { order_id: `o${index}` })),
    );
    await stage.countRegions();
    expect(seen(await decide(stage))).toEqual(DEFAULT);
  });

  test('written once, is not written again for what it knows', async () => {
    const stage = await stageOf(shoppers(30));
    const cells = stage.regionStore.cells();
    await stage.countRegions();
    expect(stage.regionStore.cells()).toEqual(cells);
    expect(JSON.stringify(cells)).not.toMatch(/ann|order/);
  });

  test('does not outvote what a person did', async () => {
    const stage = await stageOf([...shoppers(30), bought('ann', { payment_method: 'pix' })]);
    const answer = await decide(stage, { userId: 'ann' }, AS_SERVER);
    expect(answer.source).toBe('personalized');
    expect(seen(answer)).toEqual([
      'pix! used-most,used-last,chosen-in-region',
      'boleto popular-in-region',
      'credit_card store-default',
    ]);
  });

  test('speaks to whoever refused to be known, as it does to a stranger', async () => {
    const stage = await stageOf([...shoppers(30), bought('ann', { payment_method: 'pix' })]);
    const refused = await decide(stage, { userId: 'ann' }, {
      ...AS_SERVER,
      'sec-gpc': '1',
    } as typeof AS_SERVER);
    expect([refused.source, seen(refused)]).toEqual(['regional', seen(await decide(stage))]);
  });

  test('is corrected by the law of the country like any other order', async () => {
    const stage = await stageOf(shoppers(30, { payment_method: 'invoice' }, { country: 'SE' }));
    const payment = [
      { id: 'debit', kind: 'debit' },
      { id: 'invoice', kind: 'invoice' },
    ];
    const answer = await decide(stage, { context: { country: 'SE' }, checkout: { payment } });
    expect([answer.source, seen(answer)[0]]).toEqual(['regional', 'debit store-default']);
  });

  test('speaks where the profile cannot be read, and the answer says that it is degraded', async () => {
    const stage = await stageOf(shoppers(30));
    stage.store.failNext('before');
    const answer = await decide(stage, { userId: 'ann' }, AS_SERVER);
    expect([answer.source, answer.degraded, seen(answer)[0]]).toEqual([
      'regional',
      true,
      'boleto popular-in-region',
    ]);
  });
});

describe('shipping', () => {
  const shipping = [
    { id: 'express', price: 990, etaDays: 1 },
    { id: 'post', price: 0, etaDays: 5 },
    { id: 'parcel', price: 490, etaDays: 3 },
  ];
  test('is ordered by own and regional choices; the cheapest is preselected all the same', async () => {
    const stage = await stageOf([
      ...shoppers(30, { shipping_method: 'parcel' }),
      bought('ann', { shipping_method: 'express' }),
    ]);
    const answer = await decide(stage, { userId: 'ann', checkout: { shipping } }, AS_SERVER);
    expect(answer.slots.shipping).toMatchObject({
      source: 'personalized',
      guardrails: ['cheapest-preselected'],
    });
    expect(seen(answer, 'shipping')).toEqual([
      'express used-most,used-last,chosen-in-region,fastest',
      'parcel popular-in-region',
      'post! cheapest',
    ]);
    expect(seen(await decide(stage, { checkout: { shipping } }), 'shipping')).toEqual([
      'parcel popular-in-region',
      'express chosen-in-region,fastest',
      'post! cheapest',
    ]);
  });

  test('unknown is in the order of the shop, and absent where nothing is shipped', async () => {
    const stage = memoryStage();
    expect(seen(await decide(stage, { checkout: { shipping } }), 'shipping')).toEqual([
      'express fastest',
      'post! cheapest',
      'parcel store-default',
    ]);
    expect(Object.keys((await decide(stage)).slots)).toEqual(['payment', 'offers', 'messages']);
    expect((await decide(stage, { slots: ['shipping'] })).slots).toMatchObject({ shipping: { options: [] } });
  });
});

describe('counting', () => {
  test('hands back what could not be stored, and counts it once when it comes again', async () => {
    for (const mode of ['before', 'after'] as const) {
      const stage = memoryStage();
      await stage.learn(shoppers(25));
      stage.regionStore.failNext(mode, 3);
      expect(await stage.countRegions()).not.toBeNull();
      expect(await stage.countRegions()).toBeNull();
      expect(seen(await decide(stage))[0]).toBe('boleto popular-in-region');
    }
  });

  test('is not stopped by a record that nobody can read, nor by a cell that nobody can', async () => {
    const stage = memoryStage();
    await stage.eventLog.append('critical', [{ partitionKey: 'x', data: 'no json' }]);
    await stage.learn(shoppers(25)).catch(() => undefined);
    expect(await stage.countRegions()).toBeNull();
    const [cell] = stage.regionStore.cells();
    await stage.regionStore.write({ ...cell, v: (cell?.v ?? 0) + 1, state: '{"payment"' } as RegionCell);
    expect(await stage.countRegions()).toBeNull();
  });
});

describe('counts in memory', () => {
  const PLACE = 'BR#SP' as const;
  const choice = {
    place: PLACE,
    month: monthOf(NOW),
    slot: 'payment',
    option: 'pix',
    subject: 'ann',
  } as const;
  const config = { refreshSeconds: 60, staleAfterSeconds: 600 };
  async function known() {
    const store = memoryRegionStore();
    const clock = manualClock(NOW);
    const timer = manualTimer(clock);
    await store.write(addChoices(undefined, cellOf(choice), [choice], NOW) as RegionCell);
    let reads = 0;
    const regions = knownRegions({
      store: { newest: (...args) => ((reads += 1), store.newest(...args)) },
      clock,
      timer,
      log: memoryLog(),
      config,
    });
    const hear = (place: Place) => timer.until(regions.ready([place], decisionTime(timer, 100)));
    const ask = async () => {
      await hear(PLACE);
      return regions.around({ region: PLACE }).region?.payment.population;
    };
    return { store, clock, timer, regions, hear, ask, reads: () => reads };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  test('are there for the first decision, and read again no sooner than they are due', async () => {
    const { ask, clock, reads } = await known();
    expect([await ask(), await ask(), reads()]).toEqual([1, 1, 1]);
    clock.advance(59_000);
    expect([await ask(), reads()]).toEqual([1, 1]);
    clock.advance(1_000);
    expect([await ask(), await ask(), reads()]).toEqual([1, 1, 2]);
  });

  test('of a place without any are asked for again sooner', async () => {
    const { clock, reads, hear } = await known();
    const ask = async () => {
      await hear('BR#RJ');
      await settle();
    };
    await ask();
    clock.advance(4_999);
    await ask();
    expect(reads()).toBe(1);
    clock.advance(1);
    await ask();
    expect(reads()).toBe(2);
  });

  test('are kept of so many places and no more, those asked for last', async () => {
    const { ask, reads, regions, hear } = await known();
    await ask();
    for (let index = 0; index < 255; index += 1) await hear(`BR#R${index}`);
    expect([await ask(), reads()]).toEqual([1, 256]);
    for (let index = 0; index < 256; index += 1) await hear(`AR#R${index}`);
    expect(regions.around({ region: PLACE }).region).toBeUndefined();
  });

  test('are not waited for once they were there: a silent store costs a decision nothing', async () => {
    const { ask, store, clock, timer } = await known();
    await ask();
    store.failNext('stall');
    clock.advance(60_000);
    const before = timer.elapsed();
    expect(await ask()).toBe(1);
    expect(timer.elapsed()).toBe(before);
  });

  test('are waited for but briefly the first time', async () => {
    const { ask, store, timer } = await known();
    store.failNext('stall');
    expect(await ask()).toBeUndefined();
    expect(timer.elapsed()).toBe(30);
  });

  test('are read again and grow old by the hour that passes, wherever the clock is set to', async () => {
    const { ask, store, clock, timer, reads } = await known();
    await ask();
    clock.advance(-86_400_000);
    await timer.advance(60_000);
    expect([await ask(), reads()]).toEqual([1, 2]);
    store.failNext('before', 1_000);
    await timer.advance(600_001);
    expect(await ask()).toBeUndefined();
  });

  test('are used while a refresh fails, until they are stale', async () => {
    const { ask, store, clock } = await known();
    await ask();
    store.failNext('before', 1_000);
    clock.advance(600_000);
    expect(await ask()).toBe(1);
    await settle();
    clock.advance(1);
    expect(await ask()).toBeUndefined();
  });
});
