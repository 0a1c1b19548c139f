import { totalsOf } from '../../shared/domain/ledger.ts';
import { habitsOf } from '../../shared/domain/method-uses.ts';
import { openCart } from '../../shared/domain/cart.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { positionName } from '../../shared/domain/watermark.ts';
import { DEVICE_KEY, purchase, shelf, streamEvent, USER_KEY } from '../events.ts';

const usesOf = (profile: ReturnType<ReturnType<typeof shelf>['profile']>) =>
  Object.fromEntries(habitsOf(profile.checkout.payment).map(({ method, uses }) => [method, uses]));

describe('the fold of one subject', () => {
  test('a purchase is an order, a use of its method and an empty cart, in two writes', () => {
    const ann = shelf();
    ann.fold([streamEvent({ event: 'Product Added', properties: { product_id: 'p1', quantity: 2 } })]);
    const { writes } = ann.fold([purchase({ order: 'o1', method: 'boleto', total: 139.12, minute: 1 })]);

    expect(writes.map(({ item }) => item)).toEqual(['orders', 'checkout']);
    const profile = ann.profile();
    expect(usesOf(profile)).toEqual({ boleto: 1 });
    expect(totalsOf(profile.orders)).toMatchObject({ orders: 1, spent: new Map([['EUR', 13912]]) });
    expect(openCart(profile.checkout.cart)).toBeUndefined();
  });

  test('given a redelivered batch, nothing is written', () => {
    const ann = shelf();
    const events = [
      purchase({ order: 'o1', method: 'boleto' }),
      streamEvent({ event: 'Cart Viewed', properties: { products: [] } }),
    ];
    ann.fold(events, { from: 5 });
    const again = ann.fold(events, { from: 5 });

    expect(again.writes).toEqual([]);
    expect([...again.verdicts.values()]).toEqual(['redelivered', 'redelivered']);
  });

  test("given a producer's retry under a new sequence number, the watermark moves and nothing else", () => {
    const ann = shelf();
    const event = purchase({ order: 'o1', method: 'boleto' });
    ann.fold([event]);
    const before = ann.profile();
    const again = ann.fold([event]);

    expect([...again.verdicts.values()]).toEqual(['deduplicated']);
    expect(again.writes.map(({ item }) => item)).toEqual(['orders', 'checkout']);
    expect(ann.profile().checkout).toEqual(before.checkout);
    expect(ann.profile().orders).toEqual(before.orders);
  });

  test('given a crash between the two writes of a purchase, the next delivery finishes what is missing', () => {
    const ann = shelf();
    const event = purchase({ order: 'o1', method: 'boleto' });
    const [orders] = ann.dryRun([event], 9).writes;
    ann.put(orders ? [orders] : []);
    const { writes } = ann.fold([event], { from: 9 });

    expect(writes.map(({ item }) => item)).toEqual(['checkout']);
    expect(totalsOf(ann.profile().orders).orders).toBe(1);
    expect(usesOf(ann.profile())).toEqual({ boleto: 1 });
  });

  test('positions of a recreated stream are not compared with those of the old one', () => {
    const ann = shelf();
    ann.fold([purchase({ order: 'o1' })], { from: 1_000, incarnation: 'life-1' });
    const { verdicts } = ann.fold([purchase({ order: 'o2' })], { from: 1, incarnation: 'life-2' });

    expect([...verdicts.values()]).toEqual(['applied']);
    expect(totalsOf(ann.profile().orders).orders).toBe(2);
  });

  test('an event that cannot be booked is poison with its path, and its neighbours land', () => {
    const ann = shelf();
    const { poison, verdicts } = ann.fold([
      purchase({ order: 'o1', method: 'boleto' }),
      streamEvent({ event: 'Order Completed', properties: { total: 5, payment_method: 'card' } }),
      purchase({ order: 'o3', method: 'boleto' }),
    ]);

    expect(poison).toEqual([
      { sequence: '2', code: 'missing_order_id', path: 'properties.order_id', reason: expect.any(String) },
    ]);
    expect([...verdicts]).toEqual([
      ['1', 'applied'],
      ['2', 'poison'],
      ['3', 'applied'],
    ]);
    expect(usesOf(ann.profile())).toEqual({ boleto: 2 });
  });

  test('a record without effect moves the watermark too', () => {
    const ann = shelf();
    const { writes } = ann.fold([streamEvent({ event: 'Coupon Denied' })], { from: 77 });

    expect(writes).toMatchObject([
      { item: 'checkout', watermark: { incarnation: 'life-1', sequence: '77' } },
    ]);
  });

  test('a facet names the first record it took for as long as it lives, whatever came of that record', () => {
    const first = positionName({ incarnation: 'life-1', sequence: '77' });
    const ann = shelf();
    ann.fold([streamEvent({ event: 'Order Completed' }), purchase({ order: 'o1' })], { from: 77 });
    ann.fold([purchase({ order: 'o2' })], { from: 1, incarnation: 'life-2' });
    expect(ann.items().map((item) => [item.item, item.v, item.first])).toEqual([
      ['orders', 2, first],
      ['checkout', 2, first],
    ]);
  });

  test('a facet that was begun before first records were named never names a later one', () => {
    const ann = shelf();
    const [written] = ann.dryRun([streamEvent({ event: 'Coupon Denied' })], 1).writes;
    const { first: _, ...old } = written as StoredItem;
    ann.put([old]);
    ann.fold([streamEvent({ event: 'Coupon Denied' })], { from: 2 });
    expect(ann.items()).toMatchObject([{ item: 'checkout', v: 2 }]);
    expect(ann.items()[0]).not.toHaveProperty('first');
  });

  test('a method is used once per checkout, whichever events say so', () => {
    const ann = shelf();
    const checkout = { checkout_id: 'c1', payment_method: 'boleto' };
    ann.fold([
      streamEvent({ event: 'Payment Info Entered', properties: checkout }),
      streamEvent({ event: 'Payment Info Entered', properties: { ...checkout, payment_method: 'card' } }),
      purchase({ order: 'o1', method: 'boleto', properties: { checkout_id: 'c1' }, minute: 1 }),
    ]);

    expect(usesOf(ann.profile())).toEqual({ boleto: 1, card: 1 });
  });

  test('an unproven event about a user without a device teaches orderings and nothing else', () => {
    const ann = shelf();
    ann.fold([purchase({ order: 'o1', method: 'boleto', of: 'claims' })]);

    expect(ann.items().map(({ item }) => item)).toEqual(['claims']);
    expect(ann.profile()).toMatchObject({ exists: false, claims: { payment: [{ method: 'boleto' }] } });
    expect(totalsOf(ann.profile().orders).orders).toBe(0);
  });

  test('a page view goes to the browse facet, and an unknown name is counted by name', () => {
    const ann = shelf();
    ann.fold(
      [
        streamEvent({ type: 'page' }),
        streamEvent({ event: 'Product Viewed', properties: { product_id: 'p1', category: 'shoes' } }),
        streamEvent({ event: 'Quiz Finished' }),
      ],
      { lane: 'bulk' },
    );

    expect(ann.profile().browse).toMatchObject({
      viewed: [{ id: 'p1', category: 'shoes' }],
      unknown: new Map([['Quiz Finished', 1]]),
    });
  });

  test('a proven event of a device asks for the link once a day', () => {
    const ann = shelf();
    const seen = (minute: number) =>
      streamEvent({
        event: 'Cart Viewed',
        properties: { products: [] },
        minute,
        keys: { user: USER_KEY, device: DEVICE_KEY },
      });

    expect(ann.fold([seen(0), seen(1)]).links).toMatchObject([
      { user: USER_KEY, device: DEVICE_KEY, proof: 'server' },
    ]);
    expect(ann.fold([seen(2)]).links).toEqual([]);
    expect(ann.fold([seen(24 * 60)]).links).toHaveLength(1);
  });

  test('a device that claims a user links unproven', () => {
    const laptop = shelf(DEVICE_KEY);
    const claim = streamEvent({
      event: 'Cart Viewed',
      of: 'device',
      keys: { user: USER_KEY, device: DEVICE_KEY },
    });

    expect(laptop.fold([claim]).links).toMatchObject([{ user: USER_KEY, device: DEVICE_KEY, proof: 'none' }]);
  });
});

describe('the ledger beyond one item', () => {
  const orders = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) =>
      purchase({ order: `o${from + index}`, total: 1, minute: from + index }),
    );

  test('old orders move to pages, written before the orders, and still count', () => {
    const ann = shelf();
    const { writes } = ann.fold(orders(0, 100));

    const names = writes.map(({ item }) => item);
    expect(names.slice(0, -2).every((name) => name.startsWith('orders#'))).toBe(true);
    expect(names.slice(-2)).toEqual(['orders', 'checkout']);
    expect(totalsOf(ann.profile().orders)).toMatchObject({ orders: 100, spent: new Map([['EUR', 10_000]]) });
  });

  test('an order that comes back from a year ago finds itself in its page and counts once', () => {
    const ann = shelf();
    ann.fold(orders(0, 100));
    ann.fold([purchase({ order: 'o3', total: 1, minute: 3, messageId: 'another message' })]);

    expect(totalsOf(ann.profile().orders)).toMatchObject({ orders: 100, spent: new Map([['EUR', 10_000]]) });
  });

  test('cancelling an order in a page takes it out of the totals', () => {
    const ann = shelf();
    ann.fold(orders(0, 100));
    ann.fold([streamEvent({ event: 'Order Cancelled', properties: { order_id: 'o3' }, minute: 500 })]);

    expect(totalsOf(ann.profile().orders)).toMatchObject({
      orders: 99,
      cancelled: 1,
      spent: new Map([['EUR', 9_900]]),
    });
  });

  test('given a crash after the pages and before the orders, the next delivery comes to the same sums', () => {
    const ann = shelf();
    ann.fold(orders(0, 60), { from: 1 });
    const more = orders(60, 80);
    const half = ann.dryRun(more, 61).writes.filter(({ item }) => item.startsWith('orders#'));
    ann.put(half);
    ann.fold(more, { from: 61 });

    expect(half.length).toBeGreaterThan(0);
    expect(totalsOf(ann.profile().orders)).toMatchObject({ orders: 80, spent: new Map([['EUR', 8_000]]) });
  });
});
