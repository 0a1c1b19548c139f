import { totalsOf } from '../../shared/domain/ledger.ts';
import { habitsOf } from '../../shared/domain/method-uses.ts';
import { openCart } from '../../shared/domain/cart.ts';
import { entomb } from '../../shared/domain/erasure.ts';
import { facetsOf, foldSubject } from '../../shared/domain/fold.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { NO_WINDOWS_PLANNED, type Window, type WindowPlan } from '../../shared/domain/segments/window.ts';
import type { JsonObject, Lane } from '../../shared/domain/stream-event.ts';
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

  test('a message that is sent again in a later batch is known by the ring of its facet, and counts once', () => {
    const ann = shelf();
    const view = streamEvent({
      event: 'Product Viewed',
      properties: { product_id: 'p1', category: 'shoes' },
    });
    const added = streamEvent({ event: 'Product Added', properties: { product_id: 'p1', quantity: 2 } });
    ann.fold([view], { lane: 'bulk' });
    ann.fold([added]);
    const before = ann.items().map(({ item, state }) => [item, state]);
    const again = [ann.fold([view], { lane: 'bulk' }), ann.fold([added])];

    expect(again.flatMap(({ verdicts }) => [...verdicts.values()])).toEqual(['deduplicated', 'deduplicated']);
    expect(ann.items().map(({ item, state }) => [item, state])).toEqual(before);
  });

  test('what is keyed by ids of its own needs no ring, and is known by its entry', () => {
    const ann = shelf();
    const cancelled = streamEvent({ event: 'Order Cancelled', properties: { order_id: 'o1' } });
    const { writes } = ann.fold([cancelled]);
    const again = ann.fold([cancelled]);

    expect(writes.map(({ item }) => item)).toEqual(['orders']);
    expect(writes[0]).not.toHaveProperty('ring');
    expect([...again.verdicts.values()]).toEqual(['deduplicated']);
  });

  test('given one record twice in a batch, it was applied, and is not called a redelivery', () => {
    const ann = shelf();
    const record = { sequence: '7', event: streamEvent({ event: 'Coupon Denied' }) };
    const fold = foldSubject(USER_KEY, [record, record], new Map([['checkout', null]]), {
      lane: 'critical',
      incarnation: 'life-1',
      now: 1,
      windows: NO_WINDOWS_PLANNED,
    });

    expect('verdicts' in fold && [...fold.verdicts]).toEqual([['7', 'applied']]);
    expect(ann.items()).toEqual([]);
  });

  test('an event that changes nothing is applied all the same', () => {
    const ann = shelf();
    const nothing = streamEvent({ event: 'Coupon Denied' });
    const { verdicts } = ann.fold([nothing], { windows: NO_WINDOWS_PLANNED });
    expect([...verdicts.values()]).toEqual(['applied']);
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

  describe('whose stream gives way to its next life while the former is still delivered', () => {
    const views = (life: string, count: number) =>
      Array.from({ length: count }, (_, index) =>
        streamEvent({
          event: 'Product Viewed',
          messageId: `${life} ${index}`,
          properties: { product_id: 'p' },
        }),
      );
    const viewsCounted = (ann: ReturnType<typeof shelf>) =>
      [...ann.profile().browse.counts.values()].reduce((sum, count) => sum + count, 0);
    const foldViews = (ann: ReturnType<typeof shelf>, life: string, count: number, from = 1) =>
      ann.fold(views(life, count).slice(from - 1), { lane: 'bulk', incarnation: life, from });

    test('a redelivered batch of the former, longer than the ring, counts once', () => {
      const ann = shelf();
      foldViews(ann, 'old', 200);
      foldViews(ann, 'new', 1);
      const { writes, verdicts } = foldViews(ann, 'old', 200);

      expect(viewsCounted(ann)).toBe(201);
      expect(writes).toEqual([]);
      expect(new Set(verdicts.values())).toEqual(new Set(['redelivered']));
    });

    test('what is left of the former is taken, once, and each life goes on where it was', () => {
      const ann = shelf();
      foldViews(ann, 'old', 150);
      foldViews(ann, 'new', 1);
      foldViews(ann, 'old', 300);
      foldViews(ann, 'new', 200);
      foldViews(ann, 'old', 300);
      foldViews(ann, 'new', 200);

      expect(viewsCounted(ann)).toBe(500);
      expect(ann.items()).toMatchObject([
        {
          v: 4,
          watermark: { incarnation: 'new', sequence: '200' },
          formerWatermark: { incarnation: 'old', sequence: '300' },
          first: positionName({ incarnation: 'old', sequence: '1' }),
        },
      ]);
    });

    test('a record of the former that comes after the first of the next moves it, though it has no effect', () => {
      const ann = shelf();
      foldViews(ann, 'old', 3);
      foldViews(ann, 'new', 1);
      const [view] = views('new', 1);
      const { writes, verdicts } = ann.fold([view!], { lane: 'bulk', incarnation: 'old', from: 4 });

      expect([...verdicts.values()]).toEqual(['deduplicated']);
      expect(writes).toMatchObject([
        { watermark: { incarnation: 'new' }, formerWatermark: { incarnation: 'old', sequence: '4' } },
      ]);
    });

    test('of three lives the last two are remembered', () => {
      const ann = shelf();
      for (const life of ['first', 'second', 'third']) foldViews(ann, life, 150);
      for (const life of ['second', 'third']) foldViews(ann, life, 150);

      expect(viewsCounted(ann)).toBe(450);
      expect(ann.items()).toMatchObject([
        { watermark: { incarnation: 'third' }, formerWatermark: { incarnation: 'second' } },
      ]);
    });

    test('one that has heard of one life alone remembers no other', () => {
      const ann = shelf();
      foldViews(ann, 'old', 2);
      expect(ann.items()[0]).not.toHaveProperty('formerWatermark');
    });
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

  test('poison that was passed is not told again', () => {
    const ann = shelf();
    const broken = streamEvent({ event: 'Order Completed', properties: { total: 5 } });
    expect(ann.fold([broken], { from: 3 }).poison).toHaveLength(1);
    const again = ann.fold([broken], { from: 3 });

    expect(again.poison).toEqual([]);
    expect([...again.verdicts.values()]).toEqual(['redelivered']);
  });

  test('when the first that comes of somebody is poison, their facets stand empty and have passed it', () => {
    const ann = shelf();
    ann.fold([streamEvent({ event: 'Order Completed', properties: { total: 5 } })], { from: 3 });

    expect(ann.items()).toMatchObject([
      { item: 'orders', watermark: { sequence: '3' } },
      { item: 'checkout', watermark: { sequence: '3' } },
    ]);
    expect(ann.profile().orders).toEqual(shelf().profile().orders);
    expect(usesOf(ann.profile())).toEqual({});
  });

  describe('on which a facet fails', () => {
    /** Properties of which one cannot be read: as if there were a fault in what reads it. */
    const failing = (name: string, fault: unknown, properties: JsonObject = {}): JsonObject =>
      Object.defineProperty({ ...properties }, name, {
        enumerable: true,
        get() {
          throw fault;
        },
      });

    test('no facet keeps anything of it, and its neighbours land', () => {
      const ann = shelf();
      const { poison, verdicts } = ann.fold([
        purchase({ order: 'o1', method: 'boleto' }),
        streamEvent({
          event: 'Order Completed',
          properties: failing('payment_method', new Error('no such method'), {
            order_id: 'o2',
            total: 5,
            currency: 'EUR',
          }),
        }),
        purchase({ order: 'o3', method: 'boleto' }),
      ]);

      expect(poison).toEqual([{ sequence: '2', code: 'fold_failed', reason: 'no such method' }]);
      expect([...verdicts.values()]).toEqual(['applied', 'poison', 'applied']);
      expect(totalsOf(ann.profile().orders).orders).toBe(2);
      expect(usesOf(ann.profile())).toEqual({ boleto: 2 });
    });

    test('whatever was thrown, and in the ledger too, it is poison', () => {
      const thrown = (event: string, name: string, fault: unknown, lane: Lane = 'critical') =>
        shelf().fold([streamEvent({ event, properties: failing(name, fault) })], { lane }).poison;

      expect(thrown('Product Viewed', 'product_id', 'a text', 'bulk')).toEqual([
        { sequence: '1', code: 'fold_failed', reason: 'the fold threw' },
      ]);
      expect(thrown('Order Completed', 'order_id', undefined)).toEqual([
        { sequence: '1', code: 'fold_failed', reason: 'the event cannot be booked' },
      ]);
    });
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

  test('of one that cannot be booked nothing would have been, so it is no poison', () => {
    const ann = shelf();
    const properties = { total: 5, payment_method: 'card' };
    const { poison, links } = ann.fold([streamEvent({ event: 'Order Completed', of: 'claims', properties })]);

    expect([poison.length, links.length]).toEqual([0, 0]);
    expect(ann.profile()).toMatchObject({ claims: { payment: [{ method: 'card' }] } });
  });

  test('a claim of either lane has an item of its own, and no window looks into it', () => {
    const ann = shelf();
    const claim = (event: string) => streamEvent({ event, of: 'claims', properties: { product_id: 'p1' } });
    ann.fold([claim('Product Added')]);
    ann.fold([claim('Product Viewed')], { lane: 'bulk' });
    const plain = shelf();
    plain.fold([claim('Product Added')], { windows: NO_WINDOWS_PLANNED });
    plain.fold([claim('Product Viewed')], { lane: 'bulk', windows: NO_WINDOWS_PLANNED });

    const states = (of: typeof ann) => of.items().map(({ item, state }) => [item, state]);
    expect(ann.items().map(({ item }) => item)).toEqual(['claims', 'claims-browse']);
    expect(states(ann)).toEqual(states(plain));
  });

  test('an event of money alone leaves the checkout facet alone', () => {
    expect(facetsOf(streamEvent({ event: 'Order Refunded' }), 'critical')).toEqual(['orders']);
    expect(facetsOf(streamEvent({ event: 'Order Completed' }), 'critical')).toEqual(['orders', 'checkout']);
    expect(facetsOf(streamEvent({ event: 'Cart Viewed' }), 'critical')).toEqual(['checkout']);
  });

  test('what segments look back at is kept by the facet of each lane, and begins where the facet stands', () => {
    const ann = shelf();
    const events = [
      ['Coupon Applied', 'critical'],
      ['Product Viewed', 'bulk'],
    ] as const;
    const window = (event: string, name: string, source: Window['source']): Window => ({
      op: 'count',
      event,
      name,
      source,
      capacity: 5,
    });
    const windows: WindowPlan = {
      checkout: [window('Coupon Applied', 'c0001', 'checkout')],
      browse: [window('Product Viewed', 'c0002', 'browse')],
    };
    const foldAll = (minute: number, plan: WindowPlan) => {
      for (const [event, lane] of events)
        ann.fold([streamEvent({ event, minute, properties: { product_id: 'p1', coupon_id: 'c' } })], {
          lane,
          windows: plan,
        });
    };
    foldAll(0, NO_WINDOWS_PLANNED);
    foldAll(1, windows);
    const kept = [ann.profile().checkout, ann.profile().browse].map(({ windows: { byName } }) =>
      [...byName].map(([name, { from, entries }]) => [name, from, entries.length]),
    );

    // Nothing is known of what came up to the event of minute 0, which arrived a second later.
    const begins = Date.UTC(2026, 0, 15, 12, 0, 1);
    expect(kept).toEqual([[['c0001', begins, 1]], [['c0002', begins, 1]]]);
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

  test('an event that changes nothing of a facet is applied all the same, once', () => {
    const ann = shelf();
    const event = streamEvent({ event: 'Cart Viewed', properties: { products: [] } });
    const fold = () => [
      ...ann.fold([event], { lane: 'bulk', windows: NO_WINDOWS_PLANNED }).verdicts.values(),
    ];

    expect([...fold(), ...fold()]).toEqual(['applied', 'deduplicated']);
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

test('a late event of an erased user, of the bulk lane, makes no link and erases nothing: it would have made none', () => {
  const ann = shelf();
  const view = (minute: number) =>
    streamEvent({ event: 'Product Viewed', minute, keys: { user: USER_KEY, device: DEVICE_KEY } });
  ann.fold([view(0)], { lane: 'bulk' });
  const erasedAt = Date.UTC(2026, 0, 15, 13);
  const [browse] = ann.items();
  ann.put([entomb(browse!, browse, erasedAt, erasedAt)!]);
  const { verdicts, links, lateLinks } = ann.fold([view(1)], { lane: 'bulk' });

  expect([...verdicts.values()]).toEqual(['suppressed']);
  expect({ links, lateLinks }).toEqual({ links: [], lateLinks: [] });
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

  test('of somebody who was erased, what was bought since moves to pages and counts, and what was before is gone', () => {
    const ann = shelf();
    ann.fold(orders(0, 100));
    const erasedAt = Date.UTC(2026, 0, 15, 12, 200);
    ann.put(ann.items().map((item) => entomb(item, item, erasedAt, erasedAt) ?? item));
    const { writes } = ann.fold(orders(300, 400));
    const again = orders(300, 310).map((order, index) => ({
      ...order,
      message: { ...order.message, messageId: `again ${index}` },
    }));
    ann.fold(again);

    const pages = writes.filter(({ item }) => item.startsWith('orders#'));
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.map((page) => page.erasedAt)).toEqual(pages.map(() => erasedAt));
    expect(totalsOf(ann.profile().orders)).toMatchObject({ orders: 100, spent: new Map([['EUR', 10_000]]) });
  });

  test('pages that were erased later than their ledger ask for it to be read again', () => {
    const ann = shelf();
    ann.fold(orders(0, 100));
    const erasedAt = Date.UTC(2026, 0, 15, 13);
    const erased = ann.items().map((item) => entomb(item, item, erasedAt, erasedAt)!);
    const foldOn = (isErased: (item: StoredItem) => boolean) => {
      const items = [...ann.items().filter((item) => !isErased(item)), ...erased.filter(isErased)];
      const [event] = orders(300, 301);
      const context = {
        lane: 'critical',
        incarnation: 'life-1',
        now: erasedAt,
        windows: NO_WINDOWS_PLANNED,
      } as const;
      const read = new Map(items.map((item) => [item.item, item]));
      return foldSubject(USER_KEY, [{ sequence: '500', event: event! }], read, context);
    };
    const isPage = ({ item }: StoredItem) => item.startsWith('orders#');

    expect(foldOn(isPage)).toEqual({ needs: ['orders'] });
    expect(foldOn((item) => isPage(item) || item.item === 'orders')).toHaveProperty('writes');
    expect(foldOn(({ item }) => item === 'orders')).toHaveProperty('writes');
    expect(foldOn(({ item }) => item === 'checkout')).toHaveProperty('writes');
    expect(foldOn(() => false)).toHaveProperty('writes');
  });

  test('an event that one facet takes and another, erased since, does not is suppressed', () => {
    const ann = shelf();
    ann.fold([purchase({ order: 'o1', minute: 1 })]);
    const erasedAt = Date.UTC(2026, 0, 15, 13);
    const [ledger] = ann.items();
    ann.put([entomb(ledger!, ledger, erasedAt, erasedAt)!]);
    const { verdicts } = ann.fold([purchase({ order: 'o2', minute: 2 })]);

    expect([...verdicts.values()]).toEqual(['suppressed']);
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
