import fc from 'fast-check';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import { SEGMENTS } from '../segments.ts';
import { decide, type Decision, type DecisionInput } from '../../shared/domain/decide.ts';
import { creditOf } from '../../shared/domain/guardrails.ts';
import type { CreditKind } from '../../shared/domain/store-config.ts';
import { PAYMENT_KINDS } from '../../shared/protocol/decision-request.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { store } from '../../store.config.ts';
import type { Profile } from '../../shared/domain/profile.ts';
import { SLOTS } from '../../shared/domain/slot.ts';
import { shelf } from '../events.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor } from '../memory-stage.ts';
import { criticalEvents } from './arbitrary-events.ts';

const config = decisionConfigOf(store);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const CREDIT_ORDER: readonly CreditKind[] = ['no', 'maybe', 'yes'];

/** `m0` … `m3` are the methods that arbitrary events use. */
const options = fc.uniqueArray(
  fc.record(
    {
      id: fc.oneof(
        fc.constantFrom('m0', 'm1', 'm2', 'm3', '__proto__', 'constructor'),
        fc.string({ minLength: 1, maxLength: 5 }),
      ),
      kind: fc.constantFrom(...PAYMENT_KINDS),
      credit: fc.constantFrom(...CREDIT_ORDER),
    },
    { requiredKeys: ['id'] },
  ),
  { selector: ({ id }) => id, maxLength: 12 },
);
const whole = criticalEvents(40).map((events) => {
  const ann = shelf();
  ann.fold(events);
  return ann.profile();
});
/** With a part that no fold writes: whatever asks for it throws. */
const spoiled = fc
  .tuple(whole, fc.constantFrom('payment', 'shipping', 'cart', 'tickets'))
  .map(([one, part]): Profile => ({ ...one, checkout: { ...one.checkout, [part]: null } }));
const profile = fc.oneof({ weight: 4, arbitrary: whole }, { weight: 1, arbitrary: spoiled });
/** `s0` and `s1` are the shipping methods that arbitrary events use. */
const shipping = fc.uniqueArray(
  fc.record(
    {
      id: fc.constantFrom('s0', 's1', 's2', 's3', '__proto__'),
      price: fc.nat({ max: 3 }),
      etaDays: fc.nat({ max: 3 }),
    },
    { requiredKeys: ['id'] },
  ),
  { selector: ({ id }) => id },
);
const slotCounts = (prefix: string) =>
  fc.record({
    population: fc.nat({ max: 60 }),
    byOption: fc
      .array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 600 }), fc.nat({ max: 40 })))
      .map(
        (said) =>
          new Map(
            said.map(([option, back, shoppers]) => [
              `${prefix}${option}`,
              new Map([[24_313 - back, shoppers]]),
            ]),
          ),
      ),
  });
const counts = fc.record({ payment: slotCounts('m'), shipping: slotCounts('s') });
const input: fc.Arbitrary<DecisionInput> = fc.record({
  level: fc.constantFrom('none' as const, 'device' as const, 'account' as const),
  profile: maybe(profile),
  fallbackReason: maybe(
    fc.constantFrom('store-unavailable' as const, 'deadline' as const, 'profile-unreadable' as const),
  ),
  isPartial: fc.boolean(),
  payment: options,
  shipping,
  surroundings: fc.record({ region: maybe(counts), country: maybe(counts) }),
  slots: fc.constant(SLOTS),
  lines: maybe(
    fc.array(
      fc.record(
        {
          productId: fc.constantFrom('p0', 'p1', 'p2'),
          quantity: fc.nat({ max: 9 }),
          price: fc.nat({ max: 9_000 }),
        },
        { requiredKeys: ['productId', 'quantity'] },
      ),
      { maxLength: 4 },
    ),
  ),
  currency: maybe(fc.constantFrom('EUR', 'BRL', 'JPY', 'constructor')),
  locale: maybe(fc.constantFrom('pt-BR', 'sv', '')),
  segments: fc.constant(SEGMENTS),
  country: maybe(fc.constantFrom('SE', 'FI', 'BR', 'DE')),
  consent: fc.record({ globalPrivacyControl: fc.boolean(), stated: maybe(fc.boolean()) }),
  consentRegime: fc.constantFrom('opt-in' as const, 'opt-out' as const),
  now: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  explain: fc.boolean(),
});

const slotOf = ({ slots }: Decision) => {
  if (slots.payment === undefined) throw new Error('there is no payment slot');
  return slots.payment;
};
/** The options of an answer with how much each of them is credit. */
const ordered = (decision: Decision, { payment }: DecisionInput) =>
  slotOf(decision).options.map((option) => ({
    ...option,
    credit: creditOf(payment.find(({ id }) => id === option.id) ?? {}),
  }));
const holds = (check: (decision: Decision, asked: DecisionInput) => void): void => {
  fc.assert(
    fc.property(input, (asked) => check(decide(asked, config), asked)),
    { numRuns: 200 },
  );
};

test('every answer is a permutation of the options on offer, ranked from one, with at most one preselected', () => {
  holds((decision, { payment }) => {
    const shown = slotOf(decision).options;
    expect(shown.map(({ id }) => id).sort()).toEqual(payment.map(({ id }) => id).sort());
    expect(shown.map(({ rank }) => rank)).toEqual(payment.map((_option, index) => index + 1));
    expect(shown.filter(({ preselected }) => preselected).length).toBeLessThanOrEqual(1);
    expect(shown.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });
});

test('shipping is a permutation too, and the cheapest is preselected or nothing is, whatever anybody is used to', () => {
  holds(({ slots }, { shipping: offered }) => {
    const shown = slots.shipping?.options ?? [];
    expect(shown.map(({ id }) => id).sort()).toEqual(offered.map(({ id }) => id).sort());
    expect(shown.map(({ rank }) => rank)).toEqual(offered.map((_option, index) => index + 1));
    expect(shown.every(({ reasons }) => reasons.length > 0)).toBe(true);
    const areKnown = offered.length > 0 && offered.every(({ price }) => price !== undefined);
    const least = Math.min(...offered.map(({ price = Infinity }) => price));
    const preselected = shown.filter((option) => option.preselected);
    expect(preselected).toHaveLength(areKnown ? 1 : 0);
    for (const { id } of preselected) expect(offered.find((option) => option.id === id)?.price).toBe(least);
  });
});

test('a slot is regional only where enough shoppers speak and nothing is known of the person', () => {
  holds((decision, asked) => {
    for (const slot of ['payment', 'shipping'] as const) {
      const { source, options: shown } = decision.slots[slot] ?? { source: 'default', options: [] };
      const populations = [asked.surroundings.region, asked.surroundings.country].map(
        (one) => one?.[slot].population ?? 0,
      );
      const mayBe = Math.max(...populations) >= config.regions.minimumPopulation;
      const reasons = shown.flatMap((option) => option.reasons);
      const regional = reasons.filter((reason) => /-in-(region|country)$/.test(reason));
      if (!mayBe) expect(regional).toEqual([]);
      if (source === 'regional') expect(regional.length).toBeGreaterThan(0);
      expect(source === 'personalized').toBe(reasons.some((reason) => reason.startsWith('used-')));
    }
  });
});

test('in Sweden and Finland the final order goes from no credit to credit, on every rung', () => {
  holds((decision, asked) => {
    if (asked.country !== 'SE' && asked.country !== 'FI') return;
    const places = ordered(decision, asked).map(({ credit }) => CREDIT_ORDER.indexOf(credit));
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(slotOf(decision).guardrails).toEqual(
      config.payment.guardrails
        .filter(({ countries }) => countries?.includes(asked.country ?? ''))
        .map(({ id }) => id),
    );
  });
});

test('in Sweden nothing is preselected while something with less credit is offered', () => {
  holds((decision, asked) => {
    if (asked.country !== 'SE') return;
    const shown = ordered(decision, asked);
    const least = Math.min(...shown.map(({ credit }) => CREDIT_ORDER.indexOf(credit)));
    for (const { preselected, credit } of shown) {
      if (preselected) expect(CREDIT_ORDER.indexOf(credit)).toBe(least);
    }
  });
});

test('in Finland nothing is preselected', () => {
  holds((decision, { country }) => {
    if (country === 'FI') expect(slotOf(decision).options.some(({ preselected }) => preselected)).toBe(false);
  });
});

test('within one kind of credit the order is that of the habits, whatever the country', () => {
  holds((decision, asked) => {
    const elsewhere = ordered(decide({ ...asked, country: 'BR' }, config), asked);
    for (const kind of CREDIT_ORDER) {
      const ofKind = (shown: typeof elsewhere) =>
        shown.filter(({ credit }) => credit === kind).map(({ id }) => id);
      expect(ofKind(ordered(decision, asked))).toEqual(ofKind(elsewhere));
    }
  });
});

test('without consent the answer is that of nobody, whoever it is', () => {
  holds((_decision, asked) => {
    const refused = { ...asked, consent: { ...asked.consent, globalPrivacyControl: true } };
    const nobody = {
      ...refused,
      profile: undefined,
      fallbackReason: undefined,
      isPartial: false,
      level: 'none',
    } as const;
    expect(decide(refused, config)).toEqual(decide(nobody, config));
  });
});

test('what could not be read makes the default and says so', () => {
  holds((_decision, asked) => {
    const failed = {
      ...asked,
      surroundings: {},
      profile: undefined,
      fallbackReason: 'deadline',
      consent: { globalPrivacyControl: false, stated: true },
    } as const;
    const decision = decide(failed, config);
    expect(decision).toMatchObject({ source: 'default', degraded: true, asOf: null });
    expect(slotOf(decision)).toMatchObject({ source: 'default', fallbackReason: 'deadline' });
    if (asked.country === 'BR')
      expect(slotOf(decision).options.map(({ id }) => id)).toEqual(asked.payment.map(({ id }) => id));
  });
});

test('the same input gives the same answer, and the version is that of its content', () => {
  holds((decision, asked) => {
    const { segments, ...data } = asked;
    expect(decide({ ...structuredClone(data), segments }, config)).toEqual(decision);
    const { version, asOf: _asOf, lagMs: _lagMs, report: _report, ...content } = decision;
    const {
      version: other,
      asOf: _otherAsOf,
      lagMs: _otherLagMs,
      report: _otherReport,
      ...otherContent
    } = decide({ ...asked, country: 'FI' }, config);
    expect(version === other).toBe(JSON.stringify(content) === JSON.stringify(otherContent));
  });
});

test('explaining changes no order', () => {
  holds((decision, asked) => {
    const order = (one: Decision) => slotOf(one).options.map(({ id, preselected }) => [id, preselected]);
    expect(order(decide({ ...asked, explain: !asked.explain }, config))).toEqual(order(decision));
  });
});

test('events that come along make the answer that the stream will make, and then count once', async () => {
  const message = fc
    .record({
      event: fc.constantFrom(
        'Order Completed',
        'Payment Info Entered',
        'Consent Preference Updated',
        'Product Viewed',
      ),
      userId: fc.constantFrom('ann', 'bob'),
      anonymousId: maybe(fc.constantFrom('laptop', 'phone')),
      number: fc.nat(9),
      method: fc.constantFrom('m0', 'm1', 'm2'),
      granted: fc.boolean(),
    })
    .map(({ event, userId, anonymousId, number, method, granted }) => ({
      type: 'track',
      event,
      userId,
      anonymousId,
      messageId: `${event} ${number} ${userId}`,
      timestamp: new Date(Date.UTC(2025, number, 5, 0, number)).toISOString(),
      properties: {
        ...(number > 0 && { order_id: `o${number}` }),
        total: 1,
        payment_method: method,
        consent: { personalization: granted || number % 3 > 0 },
      },
    }));
  const messages = fc.uniqueArray(message, {
    selector: ({ messageId }) => messageId,
    minLength: 2,
    maxLength: 24,
  });
  const headers = fc.constantFrom(AS_SERVER, AS_BROWSER);
  await fc.assert(
    fc.asyncProperty(messages, fc.nat(), headers, async (all, where, as) => {
      // Nothing is late in it, however busy this machine is.
      const stage = memoryStage({ timer: manualTimer() });
      const cut = where % all.length;
      await stage.collect('batch', { batch: all.slice(0, cut) });
      for (const lane of ['critical', 'bulk'] as const) await stage.deliver(lane);
      const events = all.slice(-20);
      const ask = async (more: object) => {
        const said = { token: tokenFor('ann'), anonymousId: 'laptop', userId: 'ann', ...more };
        const payment = ['m2', 'm1', 'm0'].map((id) => ({ id }));
        const { body } = await stage.decide({ ...said, checkout: { payment } }, as);
        const { slots, source, profile: seen } = body as Decision;
        return { slots, source, seen };
      };
      const before = await ask({ events });
      await stage.collect('batch', { batch: events, token: tokenFor('ann') }, as);
      for (const lane of ['critical', 'bulk'] as const) await stage.deliver(lane);

      expect(await ask({})).toEqual(before);
      expect(await ask({ events })).toEqual(before);
    }),
    { numRuns: 100 },
  );
});
