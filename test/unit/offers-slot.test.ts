import type { DecisionInput } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { applyOfferGuardrails } from '../../shared/domain/slots/offer-guardrails.ts';
import type { OfferSource } from '../../shared/domain/slots/offer-source.ts';
import { store } from '../../store.config.ts';
import { decided, HOUR, MINUTE, NOON, offering, offersIn, personWith, storeOffering } from '../decisions.ts';
import { NO_WINDOWS_PLANNED } from '../../shared/domain/segments/window.ts';
import { purchase, shelf, streamEvent } from '../events.ts';

const shipped = decisionConfigOf(store);
const offer = (more: Partial<OfferSource>): OfferSource => ({
  id: 'one',
  title: { en: 'One' },
  value: { kind: 'reward' },
  ...more,
});
const lines = (...prices: readonly (number | undefined)[]) =>
  prices.map((price, index) => ({ productId: `p${index}`, quantity: 1, price }));
const page = (minute: number) => streamEvent({ type: 'page', minute, of: 'device' });
const idsFor = (offers: readonly OfferSource[], more: Partial<DecisionInput> = {}) =>
  offersIn(decided(more, offering(...offers))).map(({ id }) => id);
const doesApply = (source: Partial<OfferSource>, more: Partial<DecisionInput> = {}) =>
  idsFor([offer(source)], more).length === 1;

describe('the offers that ship', () => {
  const visitor = personWith([], [page(0)]);

  test('begin with an incentive for the first order, for a day from the first page', () => {
    const decision = decided({ level: 'device', profile: visitor, locale: 'pt-BR' }, shipped);
    expect(decision.slots.offers).toEqual({
      source: 'personalized',
      fallbackReason: null,
      items: [
        {
          id: 'first-order',
          kind: 'percent',
          title: '10 % no primeiro pedido',
          percent: 10,
          endsAt: '2026-01-16T12:00:00.000Z',
          preselected: false,
          reasons: ['in-segment', 'time-limited'],
        },
      ],
      guardrails: [],
    });
  });

  test('no longer have it a day later, nor for somebody who has bought', () => {
    const day = 24 * HOUR;
    expect(offersIn(decided({ profile: visitor, now: NOON + day - 1 }, shipped))).toHaveLength(1);
    expect(offersIn(decided({ profile: visitor, now: NOON + day }, shipped))).toEqual([]);
    const buyer = personWith([purchase({ order: '1', minute: 5 })], [page(0)]);
    expect(offersIn(decided({ profile: buyer }, shipped))).toEqual([]);
  });

  test('say what is missing to free shipping, and when nothing is', () => {
    const nudge = (asked: Partial<DecisionInput>) =>
      offersIn(decided({ currency: 'EUR', ...asked }, shipped));
    expect(nudge({ lines: lines(1_250, 700) })).toEqual([
      {
        id: 'free-shipping',
        kind: 'free-shipping',
        title: 'Free shipping',
        missing: { amount: 3_050, currency: 'EUR' },
        endsAt: null,
        preselected: false,
        reasons: ['below-threshold'],
      },
    ]);
    const [reached] = nudge({ lines: lines(5_000) });
    expect([reached?.missing, reached?.reasons]).toEqual([undefined, ['threshold-reached']]);
    expect(nudge({ lines: [] })[0]?.missing?.amount).toBe(5_000);
    expect(nudge({ lines: [{ productId: 'p', quantity: 2, price: 2_499 }] })[0]?.missing?.amount).toBe(2);
  });

  test('reward the upper tiers, and whoever keeps looking', () => {
    const gold = personWith([streamEvent({ event: 'Loyalty Tier Changed', properties: { tier: 'Gold' } })]);
    expect(offersIn(decided({ profile: gold }, shipped)).map(({ id }) => id)).toEqual(['gold-gift']);
    const views = Array.from({ length: 5 }, (_, minute) =>
      streamEvent({ event: 'Product Viewed', properties: { product_id: 'shoe' }, minute }),
    );
    const ids = (bulk: typeof views, critical = [streamEvent({ event: 'Product Added' })]) =>
      offersIn(decided({ profile: personWith(critical, bulk) }, shipped)).map(({ id }) => id);
    expect(ids(views)).toEqual(['keeps-looking']);
    expect(ids(views.slice(1))).toEqual([]);
    expect(ids(views, [purchase({ order: '1' })])).toEqual([]);
  });
});

describe('whom an offer is for', () => {
  const buyer = personWith([purchase({ order: '1' }), purchase({ order: '2' })]);

  test('is everybody and always where nothing is said, and no personal answer', () => {
    expect(decided({ level: 'none' }, offering(offer({}))).slots.offers).toMatchObject({
      source: 'default',
      items: [{ id: 'one', endsAt: null, reasons: ['store-offer'] }],
    });
  });

  test.each<[string, Partial<OfferSource>, boolean]>([
    ['in one of its segments', { segments: ['lost', 'lapsing'] }, false],
    ['not in its segment', { segments: ['new-visitor'] }, false],
    ['whom its condition fits', { when: { 'orders.count': 2 } }, true],
    ['whom its condition does not fit', { when: { 'orders.count': 3 } }, false],
    ['whose segment its condition names', { when: { $not: { $segment: 'lost' } } }, true],
    ['whom only one of two fits', { when: { 'orders.count': 2 }, segments: ['lost'] }, false],
  ])('somebody %s', (_who, source, applies) => {
    expect(doesApply(source, { profile: buyer })).toBe(applies);
  });

  test.each<[string, Partial<OfferSource>]>([
    ['no orders', { when: { 'orders.count': 0 } }],
    ['not in a segment', { when: { $not: { $segment: 'lost' } } }],
    ['no cart', { when: { 'cart.lines': 0 } }],
    ['a while since the last order', { validity: { lasts: '7d', after: 'orders.lastAt' } }],
  ])('of somebody unknown, or who did not agree, nothing holds: %s', (_what, source) => {
    const known = { profile: personWith([streamEvent({ event: 'Support Ticket Opened' })]) };
    const refused = { consent: { globalPrivacyControl: true } };
    expect([doesApply(source), doesApply(source, { profile: personWith([]) })]).toEqual([false, false]);
    expect(doesApply(source, { ...known, ...refused })).toBe(false);
  });

  test.each<[OfferSource['cart'], DecisionInput['lines'], boolean]>([
    [
      { quantity: 3 },
      [
        { productId: 'a', quantity: 2 },
        { productId: 'b', quantity: 1 },
      ],
      true,
    ],
    [{ quantity: 3 }, [{ productId: 'a', quantity: 2 }], false],
    [{ products: ['a', 'b'] }, [{ productId: 'b', quantity: 1 }], true],
    [{ products: ['a', 'b'] }, [{ productId: 'c', quantity: 1 }], false],
    [{ subtotal: { EUR: 2_000 } }, lines(1_999, 1), true],
    [{ subtotal: { EUR: 2_000 } }, lines(1_999), false],
    // What is known suffices, whatever the rest costs.
    [{ subtotal: { EUR: 2_000 } }, lines(2_000, undefined), true],
    [{ subtotal: { EUR: 2_000 } }, lines(1_000, undefined), false],
    [{ subtotal: { EUR: 2_000 }, quantity: 2 }, lines(2_000), false],
    [{ quantity: 1 }, undefined, false],
    [{ subtotal: { EUR: 1 } }, undefined, false],
  ])('the cart: %j of %j', (cart, inCart, applies) => {
    expect(doesApply({ cart }, { currency: 'EUR', lines: inCart })).toBe(applies);
  });
});

describe('a validity', () => {
  const from = new Date(NOON).toISOString().replace('.000', '');
  const until = new Date(NOON + HOUR).toISOString().replace('.000', '');

  test('begins and ends to the millisecond, and its end can be counted down to', () => {
    const at = (now: number) => offersIn(decided({ now }, offering(offer({ validity: { from, until } }))));
    expect([NOON - 1, NOON, NOON + HOUR - 1, NOON + HOUR].map((now) => at(now).length)).toEqual([0, 1, 1, 0]);
    expect(at(NOON)[0]).toMatchObject({ endsAt: '2026-01-15T13:00:00.000Z', reasons: ['time-limited'] });
    const open = offersIn(decided({}, offering(offer({ validity: { from } }))))[0];
    expect([open?.endsAt, open?.reasons]).toEqual([null, ['store-offer']]);
  });

  test('after the last order ends at the same moment whenever it is asked, the earlier one of two ends', () => {
    const profile = personWith([purchase({ order: '1', minute: 0 })]);
    const validity = { lasts: '2h', after: 'orders.lastAt', until: '2026-01-15T13:30:00Z' } as const;
    const ends = (more: object, now: number) =>
      offersIn(decided({ profile, now }, offering(offer({ validity: { ...validity, ...more } }))))[0]?.endsAt;
    expect([ends({ until: undefined }, NOON), ends({ until: undefined }, NOON + 2 * HOUR - 1)]).toEqual([
      '2026-01-15T14:00:00.000Z',
      '2026-01-15T14:00:00.000Z',
    ]);
    expect(ends({}, NOON)).toBe('2026-01-15T13:30:00.000Z');
    expect(ends({ until: undefined }, NOON + 2 * HOUR)).toBeUndefined();
    // Asked about a time before it (`at`): it has not begun.
    expect(ends({ until: undefined }, NOON - MINUTE)).toBeUndefined();
  });

  test('after a first event is not moved by later ones, nor begun anew by another device', () => {
    const validity = { lasts: '1d', after: { $first: 'page' } } as const;
    const ends = (pages: readonly number[]) =>
      offersIn(decided({ profile: personWith([], pages.map(page)) }, offering(offer({ validity }))))[0]
        ?.endsAt;
    expect([ends([0]), ends([0, 10, 30]), ends([30, 0])]).toEqual(Array(3).fill('2026-01-16T12:00:00.000Z'));
    expect(ends([])).toBeUndefined();
  });

  test('does not begin where nobody can tell when the first event was: the profile is older than what is kept', () => {
    const validity = { lasts: '1d', after: { $first: 'page' } } as const;
    const items = shelf();
    items.fold([page(0)], { lane: 'bulk', windows: NO_WINDOWS_PLANNED });
    items.fold([page(10)], { lane: 'bulk' });
    expect(doesApply({ validity }, { profile: items.profile() })).toBe(false);
  });

  test('that the profile knows makes an offer personal', () => {
    const ofLastOrder = offer({ validity: { lasts: '2h', after: 'orders.lastAt' } });
    const profile = personWith([purchase({ order: '1' })]);
    expect(decided({ profile }, offering(ofLastOrder)).slots.offers?.source).toBe('personalized');
    expect(decided({ profile }, offering(offer({ validity: { until } }))).slots.offers?.source).toBe(
      'default',
    );
  });

  test('does not change the version while it counts down', () => {
    const config = offering(offer({ validity: { until } }));
    const versions = [NOON, NOON + 1_000].map((now) => decided({ now }, config).version);
    expect(versions[0]).toBe(versions[1]);
    expect(decided({ now: NOON + HOUR }, config).version).not.toBe(versions[0]);
  });
});

describe('an amount', () => {
  const five = offer({ value: { kind: 'amount', amount: { EUR: 500, JPY: 800 } } });

  test('is that of the request’s currency, in its minor units, or there is none', () => {
    const amounts = (currency: string | undefined) =>
      offersIn(decided({ currency }, offering(five))).map(({ amount }) => amount);
    expect(amounts('EUR')).toEqual([{ amount: 500, currency: 'EUR' }]);
    expect(amounts('JPY')).toEqual([{ amount: 800, currency: 'JPY' }]);
    expect([amounts('USD'), amounts(undefined), amounts('__proto__')]).toEqual([[], [], []]);
  });

  test('is converted by the shop’s rates, and says so', () => {
    const rates = { asOf: '2026-11-20', source: 'a test', base: 'EUR', perBase: { KWD: 0.3347 } };
    const config = decisionConfigOf(
      storeOffering(
        [
          five,
          offer({ id: 'ship', value: { kind: 'free-shipping', from: { EUR: 5_000 } } }),
          offer({ id: 'cart', cart: { subtotal: { EUR: 5_000 } } }),
        ],
        { rates },
      ),
    );
    const seen = (price: number) =>
      offersIn(decided({ currency: 'KWD', lines: lines(price) }, config)).map(
        ({ id, amount, missing, reasons }) => [id, amount?.amount ?? missing?.amount, reasons],
      );
    // 5 EUR are 1.6735 dinars, which have three decimals: 1.674; 50 EUR are 16.735.
    expect(seen(16_734)).toEqual([
      ['one', 1_674, ['converted-currency']],
      ['ship', 1, ['below-threshold', 'converted-currency']],
    ]);
    expect(seen(16_735).map(([id]) => id)).toEqual(['one', 'ship', 'cart']);
  });

  test.each([
    ['half a kilo', [{ productId: 'rice', quantity: 0.5, price: 333 }], 833],
    ['more than an integer holds', [{ productId: 'a', quantity: 1e9, price: 1e12 }], undefined],
    ['an unknown price', lines(300, undefined), undefined],
    ['less than an integer holds', lines(-Number.MAX_SAFE_INTEGER, -1), undefined],
    ['a sum that can be held, of what cannot', lines(-Number.MAX_SAFE_INTEGER, 2 ** 53 + 500), undefined],
    ['so little that what is missing cannot be held', lines(-Number.MAX_SAFE_INTEGER), undefined],
    ['a discount', lines(900, -200), 300],
  ])('of %s is whole, or none is named', (_what, inCart, missing) => {
    const nudge = offer({ value: { kind: 'free-shipping', from: { EUR: 1_000 } } });
    const [item] = offersIn(decided({ currency: 'EUR', lines: inCart }, offering(nudge)));
    expect(item?.missing?.amount).toBe(missing);
  });

  test('that the cart reaches in part is not reached: a line beyond what an integer holds may be a discount', () => {
    const inCart = lines(5_000, undefined).map((line) => ({
      ...line,
      price: line.price ?? -1e15,
      quantity: 9,
    }));
    const ship = offer({ value: { kind: 'free-shipping', from: { EUR: 1_000 } } });
    const cart = offer({ id: 'cart', cart: { subtotal: { EUR: 1_000 } } });
    const shownFor = (some: DecisionInput['lines']) => idsFor([ship, cart], { currency: 'EUR', lines: some });
    expect(shownFor(inCart.slice(0, 1))).toEqual(['one', 'cart']);
    expect(shownFor([...inCart, ...inCart])).toEqual([]);
  });
});

test('explaining names every offer, and of each what holds and what does not', () => {
  const config = offering(
    offer({ id: 'gold', segments: ['loyalty-gold'], cart: { subtotal: { EUR: 2_000 } } }),
    offer({ id: 'five', value: { kind: 'amount', amount: { EUR: 500 } } }),
  );
  const { slots } = decided({ explain: true, currency: 'USD', lines: lines(9_000) }, config);
  expect(slots.offers?.explain).toEqual([
    {
      id: 'gold',
      applies: false,
      conditions: [
        {
          asks: 'the cart is worth at least an amount in USD, and the configuration has none and no rate to convert one',
          holds: false,
        },
        { asks: 'is in “loyalty-gold”', holds: false },
      ],
    },
    {
      id: 'five',
      applies: false,
      conditions: [
        {
          asks: 'it is worth an amount in USD, and the configuration has none and no rate to convert one',
          holds: false,
        },
      ],
    },
  ]);
  expect(decided({}, config).slots.offers).not.toHaveProperty('explain');
});

describe('nothing ticked in advance', () => {
  const ticked = [
    { id: 'wrap', preselected: true },
    { id: 'card', preselected: false },
  ];

  test('holds in the EU and is named there, and the order stays', () => {
    const { guardrails } = store.offers;
    expect(applyOfferGuardrails(ticked, guardrails, 'DE')).toEqual({
      options: [
        { id: 'wrap', preselected: false },
        { id: 'card', preselected: false },
      ],
      applied: ['no-preticked-add-ons'],
    });
    expect(applyOfferGuardrails(ticked, guardrails, 'US')).toEqual({ options: ticked, applied: [] });
    expect(applyOfferGuardrails(ticked, guardrails, undefined)).toEqual({ options: ticked, applied: [] });
  });

  test('is reported by the slot wherever the rule holds, with or without offers', () => {
    const of = (country: string) => decided({ country }, offering()).slots.offers?.guardrails;
    expect([of('FR'), of('NO'), of('BR')]).toEqual([['no-preticked-add-ons'], ['no-preticked-add-ons'], []]);
  });
});
