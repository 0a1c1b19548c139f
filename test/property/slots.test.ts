import fc from 'fast-check';
import { decide, type DecisionInput } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { NO_PROFILE } from '../../shared/domain/profile.ts';
import type { AskedLine } from '../../shared/domain/slots/asked-cart.ts';
import { applyOfferGuardrails } from '../../shared/domain/slots/offer-guardrails.ts';
import type { OfferSource } from '../../shared/domain/slots/offer-source.ts';
import { SLOTS } from '../../shared/domain/slot.ts';
import { store } from '../../store.config.ts';
import { asked, messagesIn, NOON, offersIn, storeOffering } from '../decisions.ts';
import { shelf } from '../events.ts';
import { bulkEvents, criticalEvents } from './arbitrary-events.ts';

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const CURRENCIES = ['EUR', 'USD', 'JPY', 'KWD'] as const;
const amounts = fc.dictionary(fc.constantFrom(...CURRENCIES), fc.integer({ min: 1, max: 20_000 }), {
  minKeys: 1,
});

/** Every kind of value under every kind of condition. */
const offer: fc.Arbitrary<Omit<OfferSource, 'id'>> = fc.record(
  {
    title: fc.constant({ en: 'An offer' }),
    value: fc.oneof(
      fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('amount' as const), amount: amounts }),
      fc.record({ kind: fc.constant('free-shipping' as const), from: amounts }),
      fc.record({ kind: fc.constant('reward' as const) }),
    ),
    segments: fc.constantFrom(['high-value', 'returning'], ['loyalty-gold']),
    when: fc.constantFrom({ 'orders.count': { $gte: 1 } }, { 'cart.lines': 0 }, {}),
    cart: fc.record(
      { subtotal: amounts, quantity: fc.integer({ min: 1, max: 9 }), products: fc.constant(['p0', 'p1']) },
      { requiredKeys: [] },
    ),
    validity: fc.constantFrom(
      { lasts: '90d' as const, after: 'orders.lastAt' as const },
      { lasts: '30d' as const, after: { $first: 'page' } },
      { until: '2027-01-01T00:00:00Z' },
    ),
  },
  { requiredKeys: ['title', 'value'] },
);
const offers = fc
  .array(offer, { minLength: 1, maxLength: 6 })
  .map((list): readonly OfferSource[] => list.map((one, index) => ({ ...one, id: `o${index}` })));
const rates = maybe(
  fc.constant({
    asOf: '2026-11-20',
    source: 'a test',
    base: 'EUR',
    perBase: { USD: 1.0834, JPY: 162.51, KWD: 0.3347 },
  }),
);
const lines = fc.array(
  fc.record({
    productId: fc.constantFrom('p0', 'p1', 'p2'),
    quantity: fc.integer({ min: 0, max: 5 }),
    price: fc.nat({ max: 9_000 }),
  }),
  { maxLength: 4 },
);
const profile = fc.tuple(criticalEvents(40), bulkEvents(20)).map(([critical, bulk]) => {
  const ann = shelf();
  ann.fold(critical);
  ann.fold(bulk, { lane: 'bulk' });
  return ann.profile();
});
const request = fc
  .record({
    profile: maybe(profile),
    level: fc.constantFrom('device' as const, 'account' as const),
    lines: maybe(lines),
    currency: maybe(fc.constantFrom(...CURRENCIES)),
    country: maybe(fc.constantFrom('DE', 'SE', 'US')),
    now: fc.integer({ min: NOON, max: NOON + 900 * 86_400_000 }),
    explain: fc.boolean(),
  })
  .map((more): DecisionInput => asked({ ...more, slots: SLOTS }));

const REFUSALS: readonly Partial<DecisionInput>[] = [
  { consent: { globalPrivacyControl: true, stated: true } },
  { consent: { globalPrivacyControl: false, stated: false } },
  { consent: { globalPrivacyControl: false }, consentRegime: 'opt-in' },
];

test('whoever did not agree gets, byte for byte, what somebody unknown gets who did', () => {
  fc.assert(
    fc.property(request, offers, fc.constantFrom(...REFUSALS), (known, items, refusal) => {
      const config = decisionConfigOf(storeOffering(items));
      const shownOf = (input: DecisionInput): string => {
        const { report: _report, ...shown } = decide(input, config);
        return JSON.stringify(shown);
      };
      // In silence, what was read tells that there is no yes: what could not be read might hold one.
      const read = { ...known, profile: known.profile ?? NO_PROFILE };
      const refused = { ...read, ...refusal, fallbackReason: 'deadline', isPartial: true } as const;
      const unknown = { ...known, level: 'none', profile: undefined } as const;

      expect(shownOf(refused)).toBe(shownOf(unknown));
      expect(decide(refused, config).report).toEqual({
        isConsentWithheld: true,
        fallbackReason: null,
        faults: [],
      });
      const visitor = { ...known, profile: NO_PROFILE };
      expect(JSON.stringify(decide(visitor, config).slots)).toBe(
        JSON.stringify(decide(unknown, config).slots),
      );
    }),
    { numRuns: 150 },
  );
});

test('adding to a cart takes no offer away, and what is missing grows smaller by what was added', () => {
  fc.assert(
    fc.property(request, offers, rates, lines, (one, items, table, more) => {
      const config = decisionConfigOf(storeOffering(items, { rates: table }));
      const inCart: readonly AskedLine[] = one.lines ?? [];
      const added = more.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
      const before = offersIn(decide({ ...one, lines: inCart }, config));
      const after = new Map(
        offersIn(decide({ ...one, lines: [...inCart, ...more] }, config)).map((item) => [item.id, item]),
      );
      for (const { id, missing } of before) {
        expect(after.has(id)).toBe(true);
        const left = Math.max(0, (missing?.amount ?? 0) - added);
        expect(after.get(id)?.missing?.amount ?? 0).toBe(left);
      }
    }),
    { numRuns: 200 },
  );
});

test('every amount is a whole number of the request’s own minor units, and without rates one that the shop stated', () => {
  fc.assert(
    fc.property(request, offers, rates, (one, items, table) => {
      const config = decisionConfigOf(storeOffering(items, { rates: table }));
      for (const { id, amount, missing, reasons } of offersIn(decide(one, config))) {
        const source = items.find((item) => item.id === id)?.value;
        for (const money of [amount, missing].filter((shown) => shown !== undefined)) {
          expect(money.currency).toBe(one.currency);
          expect(Number.isSafeInteger(money.amount) && money.amount > 0).toBe(true);
        }
        if (table === undefined) expect(reasons).not.toContain('converted-currency');
        if (source?.kind === 'amount' && !reasons.includes('converted-currency'))
          expect(amount?.amount).toBe(source.amount[one.currency ?? '']);
      }
    }),
    { numRuns: 200 },
  );
});

test('without rates, what is said in other currencies changes nothing', () => {
  fc.assert(
    fc.property(request, offers, fc.integer({ min: 2, max: 1_000 }), (one, items, factor) => {
      const others = (source: Readonly<Record<string, number>>) =>
        Object.fromEntries(
          Object.entries(source).map(([currency, amount]) => [
            currency,
            currency === one.currency ? amount : amount * factor,
          ]),
        );
      const changed = items.map(({ value, cart, ...item }): OfferSource => ({
        ...item,
        value:
          value.kind === 'amount'
            ? { ...value, amount: others(value.amount) }
            : value.kind === 'free-shipping' && value.from
              ? { ...value, from: others(value.from) }
              : value,
        ...(cart && { cart: { ...cart, ...(cart.subtotal && { subtotal: others(cart.subtotal) }) } }),
      }));
      const answers = [items, changed].map((list) => decide(one, decisionConfigOf(storeOffering(list))));
      expect(answers[1]).toEqual(answers[0]);
    }),
    { numRuns: 150 },
  );
});

test('a countdown ends when it said it would, and never begins anew by a visit', () => {
  const items: readonly OfferSource[] = [
    {
      id: 'first',
      title: { en: 'Welcome' },
      value: { kind: 'reward' },
      validity: { lasts: '30d', after: { $first: 'page' } },
    },
  ];
  const config = decisionConfigOf(storeOffering(items));
  const ask = fc.integer({ min: 0, max: 40 * 86_400_000 });
  let countdowns = 0;
  fc.assert(
    fc.property(bulkEvents(30), bulkEvents(10), ask, ask, (known, visits, early, late) => {
      const ann = shelf();
      ann.fold(known, { lane: 'bulk' });
      const before = ann.profile();
      // The same visitor goes on: later events, of their own names.
      ann.fold(
        visits.map((event) => ({
          ...event,
          at: event.at + 800 * 86_400_000,
          message: { ...event.message, messageId: `later ${event.message.messageId}` },
        })),
        { lane: 'bulk' },
      );
      const endAt = (now: number, seen = before) =>
        offersIn(decide(asked({ profile: seen, now }), config))[0]?.endsAt;
      const ends = [
        endAt(NOON + early),
        endAt(NOON + late),
        endAt(NOON + early, ann.profile()),
        endAt(NOON + late, ann.profile()),
      ].filter((end) => end !== undefined);
      expect(new Set(ends).size).toBeLessThanOrEqual(1);
      for (const end of ends) expect(Date.parse(end ?? '')).toBeGreaterThan(NOON + Math.min(early, late));
      countdowns += ends.length;
    }),
    { numRuns: 200 },
  );
  expect(countdowns).toBeGreaterThan(50);
});

test('offers and messages are those of the configuration, in its order, and nothing is ticked', () => {
  const config = decisionConfigOf(store);
  const isOrdered = (ids: readonly string[], all: readonly { readonly id: string }[]) => {
    const places = ids.map((id) => all.findIndex((one) => one.id === id));
    expect(places.every((place, index) => place > (places[index - 1] ?? -1))).toBe(true);
  };
  fc.assert(
    fc.property(request, (one) => {
      const decision = decide(one, config);
      isOrdered(
        offersIn(decision).map(({ id }) => id),
        store.offers.items,
      );
      isOrdered(
        messagesIn(decision).map(({ id }) => id),
        store.messages.items,
      );
      expect(offersIn(decision).some(({ preselected }) => preselected)).toBe(false);
      expect(decision.slots.offers?.guardrails).toEqual(
        one.country === 'DE' || one.country === 'SE' ? ['no-preticked-add-ons'] : [],
      );
      if (one.level !== 'account') {
        expect(decision.slots).not.toHaveProperty('prefill');
        expect(messagesIn(decision)).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever was ticked, the rule unticks it where it holds, and moves nothing', () => {
  const items = fc.array(fc.record({ id: fc.string(), preselected: fc.boolean() }));
  fc.assert(
    fc.property(items, maybe(fc.constantFrom('DE', 'NO', 'US')), (ticked, country) => {
      const { options, applied } = applyOfferGuardrails(ticked, store.offers.guardrails, country);
      expect(options.map(({ id }) => id)).toEqual(ticked.map(({ id }) => id));
      const isHeld = country === 'DE' || country === 'NO';
      expect(applied).toEqual(isHeld ? ['no-preticked-add-ons'] : []);
      expect(options.some(({ preselected }) => preselected)).toBe(
        !isHeld && ticked.some(({ preselected }) => preselected),
      );
    }),
  );
});
