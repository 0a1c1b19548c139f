import { mergeProfiles, speaksFor } from '../../shared/domain/account.ts';
import { describeProfile, NO_PROFILE, paymentUses, profileOf } from '../../shared/domain/profile.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { DEVICE_KEY, purchase, shelf, streamEvent, USER_KEY } from '../events.ts';

const item = (name: StoredItem['item'], state: unknown, more: Partial<StoredItem> = {}): StoredItem => ({
  key: USER_KEY,
  item: name,
  v: 1,
  state: JSON.stringify(state),
  ...more,
});
const methodsOf = (profile: ReturnType<typeof profileOf>) =>
  paymentUses(profile)
    .map(({ method }) => method)
    .sort();

describe('a profile', () => {
  test('of nothing is nobody', () => {
    expect(profileOf([])).toEqual(NO_PROFILE);
  });

  test('is as fresh as its freshest facet', () => {
    const fresh = (asOf: number, writtenAt: number) => ({ newestReceivedAt: asOf, writtenAt });
    const items = [
      item('checkout', {}, fresh(1_000, 1_300)),
      item('orders', {}, fresh(3_000, 3_050)),
      item('browse', {}, fresh(2_000, 9_000)),
    ];
    expect(profileOf(items).freshness).toEqual({ asOf: 3_000, lagMs: 50 });
    expect(profileOf([...items].reverse()).freshness).toEqual({ asOf: 3_000, lagMs: 50 });
  });

  test('passes over items that it does not know yet', () => {
    const later = item('outcomes' as StoredItem['item'], { anything: [1] });
    expect(profileOf([later, item('orders#3', [])])).toMatchObject({
      checkout: NO_PROFILE.checkout,
      orders: NO_PROFILE.orders,
    });
  });

  test('that is not what the fold wrote throws: it must not pass for an empty one', () => {
    expect(() => profileOf([item('checkout', {}, { state: '{' })])).toThrow('JSON');
  });

  test('learns orderings from claims, and nothing else', () => {
    const ann = shelf();
    ann.fold([
      purchase({ order: 'o1', method: 'boleto', of: 'claims' }),
      streamEvent({ event: 'Product Added', of: 'claims', properties: { product_id: 'p' } }),
    ]);
    const profile = ann.profile();
    expect(methodsOf(profile)).toEqual(['boleto']);
    expect(describeProfile('u:ann', profile)).toEqual(describeProfile('u:ann', NO_PROFILE));
  });
});

const userAndDevice = () => {
  const ann = shelf();
  ann.fold([purchase({ order: 'o1', method: 'boleto' })]);
  const laptop = shelf(DEVICE_KEY);
  laptop.fold([
    purchase({ order: 'o2', method: 'pix', of: 'device' }),
    purchase({ order: 'o1', method: 'boleto', of: 'device', minute: 1 }),
  ]);
  return { ann, laptop, merged: mergeProfiles(ann.profile(), laptop.profile()) };
};

describe('a user read with a device', () => {
  test('counts what both know once', () => {
    const { merged } = userAndDevice();
    expect(methodsOf(merged)).toEqual(['boleto', 'pix']);
    expect(describeProfile('u:ann', merged)).toMatchObject({
      orders: { count: 2 },
      checkout: { payment: { boleto: { uses: 1 } } },
    });
  });

  test('counts an order that both know once, however old it is', () => {
    const [buyer, phone] = [shelf(), shelf(DEVICE_KEY)];
    buyer.fold(Array.from({ length: 100 }, (_, index) => purchase({ order: `o${index}`, minute: index })));
    phone.fold([
      purchase({ order: 'o3', minute: 3, of: 'device' }),
      purchase({ order: 'o99', minute: 99, of: 'device' }),
    ]);
    expect(describeProfile('u:ann', mergeProfiles(buyer.profile(), phone.profile()))).toMatchObject({
      orders: { count: 100, totals: { EUR: 100_000 } },
    });
  });

  test('leaves both as they were, so that unlinking restores them exactly', () => {
    const { ann, laptop } = userAndDevice();
    expect(methodsOf(ann.profile())).toEqual(['boleto']);
    expect(describeProfile('a:laptop', laptop.profile())).toMatchObject({ orders: { count: 2 } });
  });

  test('is as fresh as the fresher of the two, and there if either is', () => {
    const fresh = (asOf: number) => ({ ...NO_PROFILE, exists: true, freshness: { asOf, lagMs: asOf } });
    expect(mergeProfiles(fresh(5), fresh(9))).toMatchObject({
      exists: true,
      freshness: { asOf: 9, lagMs: 9 },
    });
    expect(mergeProfiles(fresh(9), NO_PROFILE).freshness).toEqual({ asOf: 9, lagMs: 9 });
    expect(mergeProfiles(NO_PROFILE, fresh(5)).exists).toBe(true);
    expect(mergeProfiles(NO_PROFILE, NO_PROFILE)).toMatchObject({ exists: false });
  });
});

test.each<[string, unknown, boolean]>([
  ['that nobody was proven on', undefined, true],
  ['of that user', { u: USER_KEY }, true],
  ['of another user', { u: 'x'.repeat(22) }, false],
  ['that is shared, also with its first user', { u: USER_KEY, s: 1 }, false],
])('a device %s speaks for a user: %j → %j', (_name, owner, speaks) => {
  expect(speaksFor(profileOf(owner === undefined ? [] : [item('link', owner)]), USER_KEY)).toBe(speaks);
});

describe('a profile as it is shown', () => {
  test('is plain JSON: nothing is lost or changed on its way through text', () => {
    const ann = shelf();
    ann.fold([
      purchase({ order: 'o1', method: 'constructor' }),
      purchase({ order: 'o2', method: '__proto__', properties: { shipping_method: 'hasOwnProperty' } }),
      streamEvent({
        event: 'Consent Preference Updated',
        properties: { consent: JSON.parse('{"__proto__":false}') as never },
      }),
    ]);
    const shown = describeProfile('u:ann', ann.profile()) as {
      checkout: { payment: object };
      consent: object;
    };
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    expect(Object.keys(shown.checkout.payment).sort()).toEqual(['__proto__', 'constructor']);
    expect(({} as { uses?: unknown }).uses).toBeUndefined();
  });

  test('lists what was viewed and searched newest first, and categories by their views', () => {
    const ann = shelf();
    const view = (id: string, category: string, minute: number) =>
      streamEvent({ event: 'Product Viewed', minute, properties: { product_id: id, category } });
    ann.fold(
      [
        view('p1', 'hats', 1),
        view('p2', 'shoes', 3),
        view('p3', 'shoes', 2),
        streamEvent({ event: 'Products Searched', minute: 4, properties: { query: 'A' } }),
        streamEvent({ event: 'Products Searched', minute: 5, properties: { query: 'B' } }),
      ],
      { lane: 'bulk' },
    );
    expect(describeProfile('u:ann', ann.profile())).toMatchObject({
      browse: {
        viewed: [{ productId: 'p2' }, { productId: 'p3' }, { productId: 'p1' }],
        categories: { shoes: 2, hats: 1 },
        searches: [{ query: 'b' }, { query: 'a' }],
      },
    });
  });

  test('shows the prices of a cart in minor units of the currency that it shows', () => {
    const added = (properties: object, minute: number) =>
      streamEvent({ event: 'Product Added', minute, properties: { ...properties } });
    const cartOf = (...events: Parameters<ReturnType<typeof shelf>['fold']>[0]) => {
      const ann = shelf();
      ann.fold(events);
      return (describeProfile('u:ann', ann.profile()) as { checkout: { cart: unknown } }).checkout.cart;
    };
    const viewed = streamEvent({
      event: 'Cart Viewed',
      properties: { currency: 'EUR', products: [{ product_id: 'p1', price: 1.5 }] },
    });

    expect(cartOf(added({ product_id: 'p1', price: 12.5, currency: 'EUR' }, 1))).toMatchObject({
      currency: 'EUR',
      lines: [{ productId: 'p1', price: 1_250 }],
    });
    // Nobody said what the second price is in: it may be shown in euros or not at all, but not as ten cents.
    const [, unsaid] = (
      cartOf(viewed, added({ product_id: 'p2', price: 9.99 }, 1)) as { lines: { price?: number }[] }
    ).lines;
    expect([undefined, 999]).toContain(unsaid?.price);
    const [, yen] = (
      cartOf(viewed, added({ product_id: 'p2', price: 1200, currency: 'JPY' }, 1)) as {
        lines: { price?: number }[];
      }
    ).lines;
    expect(yen?.price).toBeUndefined();
  });
});
