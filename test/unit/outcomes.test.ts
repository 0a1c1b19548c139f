import { joinOutcomes, outcomeFacetsIn, type Outcome } from '../../shared/domain/outcomes.ts';
import {
  meanRank,
  outcomeTable,
  reciprocalRank,
  rowOf,
  wilsonInterval,
} from '../../shared/domain/outcome-table.ts';
import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { AS_BROWSER, keyOf, memoryStage, NOW, tokenFor, type MemoryStage } from '../memory-stage.ts';

const HOUR = 3_600_000;
const PHONE = { anonymousId: 'phone' };
let messages = 0;

const track = (event: string, who: object, properties: object, hoursAgo: number) => ({
  type: 'track',
  event,
  ...who,
  messageId: `m${++messages}`,
  timestamp: new Date(NOW - hoursAgo * HOUR).toISOString(),
  properties,
});
const shown = (who: object, properties: object = {}, hoursAgo = 30) =>
  track(
    'Checkout Decision Shown',
    who,
    {
      decision_id: decisionIdOf(`d${messages}`, keyOf),
      checkout_id: 'c1',
      slots: { payment: { source: 'personalized', order: ['pix', 'card', 'boleto'], preselected: 'pix' } },
      ...properties,
    },
    hoursAgo,
  );
const bought = (who: object, properties: object = {}, hoursAgo = 29) =>
  track(
    'Order Completed',
    who,
    {
      order_id: `o${messages}`,
      checkout_id: 'c1',
      total: 5,
      currency: 'EUR',
      payment_method: 'card',
      ...properties,
    },
    hoursAgo,
  );

async function outcomesOf(stage: MemoryStage, windowMs = 24 * HOUR): Promise<readonly Outcome[]> {
  const { facets, unreadable } = await outcomeFacetsIn(stage.store.items());
  expect(unreadable).toBe(0);
  return joinOutcomes(facets, { now: stage.clock.now(), windowMs });
}
const statusesOf = async (stage: MemoryStage) => (await outcomesOf(stage)).map(({ status }) => status);
async function after(...events: readonly object[]): Promise<MemoryStage> {
  const stage = memoryStage();
  await stage.learn(events);
  return stage;
}

describe('a checkout that was shown a decision', () => {
  test('is completed by its order, and what was chosen has a place', async () => {
    expect(await outcomesOf(await after(shown(PHONE), bought(PHONE)))).toMatchObject([
      { status: 'completed', isSettled: true, rung: 'personalized', rank: 2, tookPreselected: false },
    ]);
    const taken = await after(shown(PHONE), bought(PHONE, { payment_method: 'pix' }));
    expect(await outcomesOf(taken)).toMatchObject([{ rank: 1, tookPreselected: true }]);
  });

  test('is completed also if the order came first', async () => {
    const stage = await after(bought(PHONE));
    await stage.learn([shown(PHONE)]);
    expect(await statusesOf(stage)).toEqual(['completed']);
  });

  test('is open for a day, and then not completed', async () => {
    const stage = await after(shown(PHONE, {}, 0));
    expect(await statusesOf(stage)).toEqual(['open']);
    stage.clock.advance(24 * HOUR - 1);
    expect(await statusesOf(stage)).toEqual(['open']);
    stage.clock.advance(1);
    expect(await statusesOf(stage)).toEqual(['not-completed']);
  });

  test('is not completed by an order that comes after its day', async () => {
    expect(await statusesOf(await after(shown(PHONE, {}, 60), bought(PHONE, {}, 35)))).toEqual([
      'not-completed',
    ]);
    expect(await statusesOf(await after(shown(PHONE, {}, 60), bought(PHONE, {}, 36)))).toEqual(['completed']);
  });

  test('is not settled before its day is over, though completed', async () => {
    expect(await outcomesOf(await after(shown(PHONE, {}, 2), bought(PHONE, {}, 1)))).toMatchObject([
      { status: 'completed', isSettled: false },
    ]);
  });

  test('counts once, in the order that was shown last', async () => {
    const slots = { payment: { source: 'regional', order: ['card', 'pix'] } };
    const stage = await after(shown(PHONE), shown(PHONE, { slots }, 29.5), bought(PHONE), bought(PHONE));
    expect(await outcomesOf(stage)).toMatchObject([{ rung: 'regional', rank: 1 }]);
  });

  test('with a method that was not in the order has no place, with an unknown one none that is known', async () => {
    const cash = await after(shown(PHONE), bought(PHONE, { payment_method: 'cash' }));
    expect(await outcomesOf(cash)).toMatchObject([{ rank: null, tookPreselected: false }]);
    const [unknown] = await outcomesOf(
      await after(shown(PHONE), bought(PHONE, { payment_method: undefined })),
    );
    expect(unknown).not.toHaveProperty('rank');
    expect(unknown).not.toHaveProperty('tookPreselected');
  });

  test('where the order does not say how it was paid, what was entered last before it does', async () => {
    const entered = (payment_method: string, hoursAgo: number) =>
      track('Payment Info Entered', PHONE, { checkout_id: 'c1', payment_method }, hoursAgo);
    const stage = await after(
      entered('boleto', 31),
      shown(PHONE),
      entered('pix', 29.8),
      entered('boleto', 29.5),
      bought(PHONE, { payment_method: undefined }),
      entered('card', 28),
    );
    expect(await outcomesOf(stage)).toMatchObject([{ rank: 3 }]);
  });

  test('has an outcome for each slot', async () => {
    const slots = {
      payment: { source: 'personalized', order: ['pix', 'card'] },
      shipping: { source: 'default', order: ['post', 'express'], preselected: 'post' },
    };
    const stage = await after(shown(PHONE, { slots }), bought(PHONE, { shipping_method: 'express' }));
    expect(await outcomesOf(stage)).toMatchObject([
      { slot: 'payment', rank: 2 },
      { slot: 'shipping', rank: 2, tookPreselected: false },
    ]);
  });
});

describe('shown to one and bought by another subject', () => {
  test('a guest who signs in while buying completes what the device was shown', async () => {
    const stage = await after(shown(PHONE), bought({ ...PHONE, userId: 'ann' }));
    expect(await statusesOf(stage)).toEqual(['completed']);
  });

  test('the checkout joins them, also where nothing links the two', async () => {
    expect(await statusesOf(await after(shown(PHONE), bought({ userId: 'ann' })))).toEqual(['completed']);
    const other = await after(shown(PHONE), bought({ userId: 'ann' }, { checkout_id: 'c2' }));
    expect(await statusesOf(other)).toEqual(['not-completed']);
  });

  test('told of by device and user it counts once', async () => {
    const decision_id = decisionIdOf('one', keyOf);
    const stage = await after(
      shown(PHONE, { decision_id }),
      shown({ userId: 'ann' }, { decision_id }, 29.9),
      bought({ userId: 'ann' }),
    );
    expect(await outcomesOf(stage)).toHaveLength(1);
  });

  test('a claim in somebody’s name says nothing of outcomes', async () => {
    const stage = memoryStage();
    await stage.learn([shown({ userId: 'ann' })], AS_BROWSER);
    expect(await outcomesOf(stage)).toEqual([]);
    await stage.collect('batch', { batch: [shown({ userId: 'ann' })], token: tokenFor('ann') }, AS_BROWSER);
    await stage.deliver('critical');
    expect(await outcomesOf(stage)).toHaveLength(1);
  });
});

describe('an order that does not say its checkout', () => {
  const plain = { checkout_id: undefined };

  test('completes the newest that its person was shown within the day before', async () => {
    const stage = await after(
      shown(PHONE, { checkout_id: 'c1' }, 40),
      shown(PHONE, { checkout_id: 'c2' }, 30),
      shown(PHONE, { checkout_id: 'c3' }, 28),
      bought({ ...PHONE, userId: 'ann' }, plain),
    );
    expect(await statusesOf(stage)).toEqual(['not-completed', 'completed', 'not-completed']);
  });

  test('completes nothing that is older, later or somebody else’s', async () => {
    expect(await statusesOf(await after(shown(PHONE, {}, 60), bought(PHONE, plain)))).toEqual([
      'not-completed',
    ]);
    expect(await statusesOf(await after(shown(PHONE, {}, 28), bought(PHONE, plain)))).toEqual([
      'not-completed',
    ]);
    const other = await after(shown(PHONE), bought({ userId: 'ann' }, plain));
    expect(await statusesOf(other)).toEqual(['not-completed']);
  });

  test('told of a second time with its checkout completes that one and no other', async () => {
    const stage = await after(
      shown(PHONE, { checkout_id: 'c1' }, 30),
      shown(PHONE, { checkout_id: 'c2' }, 29.5),
      bought(PHONE, { checkout_id: 'c2', order_id: 'o' }, 29.1),
      bought(PHONE, { ...plain, order_id: 'o' }, 29),
    );
    expect(await statusesOf(stage)).toEqual(['not-completed', 'completed']);
  });

  test('a page that does not say the checkout either is joined by its person', async () => {
    expect(await statusesOf(await after(shown(PHONE, plain), bought(PHONE)))).toEqual(['completed']);
  });
});

describe('what the public makes up', () => {
  test('a decision that was made speaks for one checkout, one that a browser kept for ten', async () => {
    const decision_id = decisionIdOf('one', keyOf);
    const forged = (source: string) =>
      Array.from({ length: 30 }, (_, index) =>
        shown(
          { anonymousId: `forger ${index}` },
          {
            decision_id,
            checkout_id: `made up ${source} ${index}`,
            slots: { payment: { source, order: ['x'] } },
          },
        ),
      );
    expect(await outcomesOf(await after(...forged('personalized')))).toHaveLength(1);
    expect(await outcomesOf(await after(...forged('cached')))).toHaveLength(10);
  });

  test('made-up decisions do not count, and do not push out what does', async () => {
    const stage = memoryStage();
    await stage.learn([shown(PHONE)]);
    await stage.learn(
      Array.from({ length: 40 }, (_, index) =>
        shown(PHONE, { decision_id: `dec_x${index}.AAAAAAAAAAA`, checkout_id: `x${index}` }, 1),
      ),
      AS_BROWSER,
    );
    expect(await outcomesOf(stage)).toMatchObject([
      { rung: 'personalized', order: ['pix', 'card', 'boleto'] },
    ]);
  });

  test('a decision of the API counts as it comes', async () => {
    const stage = memoryStage();
    const { body } = await stage.decide({ ...PHONE, checkout: { payment: [{ id: 'pix' }] } }, AS_BROWSER);
    const { decisionId } = body as { readonly decisionId: string };
    await stage.learn([shown(PHONE, { decision_id: decisionId })], AS_BROWSER);
    expect(await outcomesOf(stage)).toHaveLength(1);
  });
});

test('an item that no version of the code can read is left out and counted', async () => {
  const stage = await after(shown(PHONE));
  const items = [...stage.store.items()];
  const spoilt = { ...items[0]!, key: 'z', item: 'checkout' as const, state: '{"p":' };
  expect(await outcomeFacetsIn([...items, spoilt])).toMatchObject({ unreadable: 1, facets: { length: 1 } });
});

describe('a table of outcomes', () => {
  const outcome = (more: Partial<Outcome>): Outcome => ({
    slot: 'payment',
    rung: 'personalized',
    order: ['pix', 'card'],
    at: NOW,
    status: 'completed',
    isSettled: true,
    ...more,
  });

  test('adds up by rung in the order of the ladder, by day, and by order', () => {
    const all = [
      outcome({ rung: 'store-default', rank: 2 }),
      outcome({ rank: 1, tookPreselected: true }),
      outcome({ rank: 1, at: NOW + 24 * HOUR, tookPreselected: false, order: ['card'] }),
      outcome({ status: 'open', isSettled: false }),
      outcome({ status: 'not-completed' }),
      outcome({ isSettled: false, rank: null }),
    ];
    expect(outcomeTable(all, 'rung')).toEqual([
      {
        label: 'personalized',
        shown: 5,
        open: 1,
        completed: 3,
        settled: 3,
        settledCompleted: 2,
        ranks: new Map([[1, 2]]),
        elsewhere: 1,
        preselected: 2,
        tookPreselected: 1,
      },
      expect.objectContaining({ label: 'store-default', shown: 1, ranks: new Map([[2, 1]]) }),
    ]);
    expect(outcomeTable(all, 'day').map(({ label, shown: count }) => [label, count])).toEqual([
      ['2026-01-15', 5],
      ['2026-01-16', 1],
    ]);
    expect(outcomeTable(all, 'order').map(({ label, shown: count }) => [label, count])).toEqual([
      ['pix > card', 5],
      ['card', 1],
    ]);
  });

  test('names ten orders at most: whoever may show any may not fill the page', () => {
    const all = Array.from({ length: 500 }, (_, index) => outcome({ order: [`x${index % 40}`] }));
    const rows = outcomeTable(all, 'order');
    expect(rows).toHaveLength(11);
    expect(rows.at(-1)).toMatchObject({ label: 'other orders', shown: 370 });
    expect(rows.reduce((sum, { shown: count }) => sum + count, 0)).toBe(500);
  });

  test('ranks are averaged as places and as their reciprocals', () => {
    const row = rowOf('all', [
      outcome({ rank: 1 }),
      outcome({ rank: 4 }),
      outcome({ rank: null }),
      outcome({}),
    ]);
    expect([meanRank(row), reciprocalRank(row)]).toEqual([2.5, 1.25 / 3]);
    expect([meanRank(rowOf('none', [])), reciprocalRank(rowOf('none', []))]).toEqual([undefined, undefined]);
  });

  test.each([
    // Wilson, 1927, as R's binom::binom.wilson computes it.
    [0, 0, 0, 1],
    [0, 10, 0, 0.2775],
    [8, 10, 0.4902, 0.9433],
    [10, 10, 0.7225, 1],
    [500, 1000, 0.469, 0.531],
  ])('of %i of %i the share lies between %f and %f', (successes, trials, low, high) => {
    const [from, to] = wilsonInterval(successes, trials);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  });
});
