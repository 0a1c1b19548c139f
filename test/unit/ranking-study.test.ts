import { checkoutMoments, type CheckoutMoment } from '../bench/ranking/checkout-moments.ts';
import { pairedBootstrap } from '../bench/ranking/paired-bootstrap.ts';
import { mean, scoreDecision, scoreOptimum, scoreOrder } from '../bench/ranking/score-ranking.ts';
import { shopCheckouts } from '../bench/ranking/shop-checkouts.ts';
import { syntheticShoppers } from '../bench/ranking/synthetic-shoppers.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { store } from '../../store.config.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const CONFIG = decisionConfigOf(store);
const METHODS = ['card', 'invoice', 'wallet', 'transfer'];
const OPTIONS = METHODS.map((id) => ({ id }));
const visits = Array.from({ length: 600 }, (_, index) => ({
  at: START + (index * DAY_MS) / 5,
  country: 'SE',
  region: 'AB',
}));

async function momentsOf(shares: ReadonlyMap<string, number>, faithfulness: readonly number[]) {
  const history = syntheticShoppers(visits, shares, { faithfulness, seed: 7 });
  const moments: CheckoutMoment[] = [];
  for await (const moment of checkoutMoments(history.checkouts)) moments.push(moment);
  return { moments, preferences: history.preferences };
}
const EVEN = new Map(METHODS.map((method) => [method, 0.25]));
const UNEVEN = new Map([
  ['card', 0.7],
  ['invoice', 0.2],
  ['wallet', 0.07],
  ['transfer', 0.03],
]);
const top1 = (moments: readonly CheckoutMoment[], arm: 'regional' | 'personalized'): number =>
  mean(moments.map((moment) => scoreDecision(moment, arm, OPTIONS, CONFIG).top1));

describe('the measures of an order', () => {
  test('look for the best-placed of the methods that were chosen', () => {
    const order = [
      ['a', 0.5],
      ['b', 0.3],
      ['c', 0.2],
    ] as const;

    expect(scoreOrder(order, new Set(['a']))).toEqual({
      reciprocalRank: 1,
      top1: 1,
      surprise: -Math.log(0.5),
    });
    expect(scoreOrder(order, new Set(['c', 'b']))).toMatchObject({ reciprocalRank: 1 / 2, top1: 0 });
    expect(scoreOrder(order, new Set(['x']))).toMatchObject({ reciprocalRank: 0, top1: 0 });
  });

  test('never call anything impossible', () => {
    expect(scoreOrder([['a', 0]], new Set(['a'])).surprise).toBeCloseTo(-Math.log(0.005));
  });
});

describe('the interval of a mean difference', () => {
  const pairs = (cluster: (index: number) => string) =>
    Array.from({ length: 400 }, (_, index) => ({ cluster: cluster(index), difference: index % 4 }));

  test('is the same for the same seed, holds the mean, and is as wide as theory says', () => {
    const interval = pairedBootstrap(
      pairs((index) => `${index}`),
      1,
    );

    expect(pairedBootstrap(pairs(String), 1)).toEqual(interval);
    expect(interval.mean).toBe(1.5);
    // ± 1.96 × √(1.25 / 400)
    expect(interval.high - interval.mean).toBeGreaterThan(0.085);
    expect(interval.high - interval.mean).toBeLessThan(0.135);
  });

  test('is wider when checkouts come in the clusters of few shoppers', () => {
    const wide = pairedBootstrap(
      pairs((index) => `${index % 8}`),
      1,
    );

    expect(wide.high - wide.low).toBeGreaterThan(0.8);
  });

  test('of nothing is nothing', () => {
    expect(pairedBootstrap([], 1).mean).toBeNaN();
  });
});

describe('a history cut at the moments of choosing', () => {
  const event = (second: number, rest: object): string =>
    JSON.stringify({
      type: 'track',
      messageId: `m${second}`,
      timestamp: new Date(START + second * 1000).toISOString(),
      userId: 'ann',
      anonymousId: 'phone',
      context: { location: { country: 'BR', region: 'SP' } },
      ...rest,
    });
  const pay = (second: number, id: string, method: string): string =>
    event(second, {
      event: 'Payment Info Entered',
      properties: { checkout_id: id, payment_method: method },
    });

  test('keeps what was chosen out of what is known', () => {
    const lines = [
      event(0, { event: 'Checkout Started', properties: { checkout_id: 'c1' } }),
      pay(1, 'c1', 'card'),
      pay(2, 'c1', 'voucher'),
      event(3, { event: 'Order Completed', properties: { order_id: 'o1' } }),
      pay(4, 'c2', 'gold'),
      pay(5_000, 'c3', 'card'),
    ];

    const checkouts = shopCheckouts(lines, ['card', 'voucher']);

    expect(checkouts.map(({ chosen }) => [...chosen])).toEqual([['card', 'voucher'], ['card']]);
    expect(checkouts.map(({ before }) => before)).toEqual([lines.slice(0, 1), lines.slice(1, 5)]);
  });

  test('takes a purchase that the shop has split for one: the first half would tell the second', () => {
    const lines = [
      pay(0, 'c1', 'voucher'),
      pay(1, 'c1-other-seller', 'voucher'),
      pay(61, 'c1-third-seller', 'voucher'),
      pay(5_000, 'c2', 'card'),
    ];

    const checkouts = shopCheckouts(lines, ['card', 'voucher']);

    expect(checkouts.map(({ chosen }) => [...chosen])).toEqual([['voucher'], ['card']]);
    expect(checkouts.map(({ before }) => before)).toEqual([[], lines.slice(0, 3)]);
  });
});

describe('predicted before it is folded', () => {
  test('pure chance is not foreseen by any arm: an order that saw the choice would be', async () => {
    const { moments } = await momentsOf(EVEN, [0]);

    // Four even methods: a quarter is right by luck, give or take 4 standard errors of 600 throws.
    for (const arm of ['regional', 'personalized'] as const) {
      expect(top1(moments, arm)).toBeGreaterThan(0.18);
      expect(top1(moments, arm)).toBeLessThan(0.32);
    }
  });

  test('habits are learned: near the optimum after five purchases, far from it by the region alone', async () => {
    const { moments, preferences } = await momentsOf(UNEVEN, [0.9]);
    const regulars = moments.filter(({ earlier }) => earlier >= 5);
    const optimum = mean(
      regulars.map(({ shopper, chosen }) => scoreOptimum(preferences.get(shopper)!, chosen).top1),
    );

    expect(regulars.length).toBeGreaterThan(100);
    expect(top1(regulars, 'personalized')).toBeGreaterThan(0.95 * optimum);
    expect(top1(regulars, 'regional')).toBeLessThan(0.9 * optimum);
  });

  test('somebody without habits is treated as the region is, once that has shown', async () => {
    const { moments } = await momentsOf(UNEVEN, [0]);
    const regulars = moments.filter(({ earlier }) => earlier >= 5);

    expect(regulars.length).toBeGreaterThan(100);
    expect(top1(regulars, 'personalized')).toBeGreaterThan(top1(regulars, 'regional') - 0.02);
  });
});
