import fc from 'fast-check';
import { mergeCheckouts, type CheckoutFacet } from '../../shared/domain/checkout-facet.ts';
import { decisionIdOf, decisionKeyOf, SHOWN_EVENT } from '../../shared/domain/decision-id.ts';
import { joinOutcomes, outcomeFacetOf, type OutcomeFacet } from '../../shared/domain/outcomes.ts';
import { SHOWN_RUNGS } from '../../shared/domain/shown-orders.ts';
import type { JsonObject, StreamEvent } from '../../shared/domain/stream-event.ts';
import { shelf, streamEvent, USER_KEY } from '../events.ts';
import { keyOf } from '../memory-stage.ts';

const id = (prefix: string, count: number) =>
  fc.integer({ min: 0, max: count - 1 }).map((n) => `${prefix}${n}`);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const DAY_MINUTES = 1_440;

const slot = fc.record({
  source: fc.constantFrom<string>(...SHOWN_RUNGS, 'partial'),
  order: fc.shuffledSubarray(['pix', 'card', 'boleto', 'a name that fills an order'.repeat(5)], {
    minLength: 1,
  }),
  preselected: maybe(fc.constantFrom('pix', 'card')),
});
const shown = fc.record({
  event: fc.constant<string>(SHOWN_EVENT),
  properties: fc.record({
    checkout_id: maybe(id('c', 14)),
    decision_id: id('d', 20).map((name) => decisionIdOf(name, keyOf)),
    slots: fc.record({ payment: maybe(slot), shipping: maybe(slot) }),
  }),
});
const completed = fc.record({
  event: fc.constant('Order Completed'),
  properties: fc.record({
    order_id: id('o', 14),
    checkout_id: maybe(id('c', 14)),
    total: fc.constant(1),
    currency: fc.constant('EUR'),
    payment_method: maybe(fc.constantFrom('pix', 'card', 'cash')),
  }),
});
const entered = fc.record({
  event: fc.constant('Payment Info Entered'),
  properties: fc.record({ checkout_id: id('c', 14), payment_method: fc.constantFrom('pix', 'card') }),
});

/** Few checkouts and minutes over half a year: events meet, tie, contradict each other and age. */
const events = fc
  .array(fc.tuple(fc.oneof(shown, completed, entered), fc.nat(30), fc.nat(6)), { maxLength: 60, size: 'max' })
  .map((list) =>
    list.map(([{ event, properties }, minute, month], index) => {
      // As it comes out of JSON: what is undefined is absent.
      const said = JSON.parse(JSON.stringify(properties)) as JsonObject;
      const message = { type: 'track', messageId: `m${index}`, event, properties: said } as const;
      const decision = decisionKeyOf(message, keyOf);
      return streamEvent({
        event,
        properties: said,
        messageId: message.messageId,
        minute: minute + month * 30 * DAY_MINUTES,
        keys: { user: USER_KEY, ...(decision && { decision }) },
      });
    }),
  );

const folded = (all: readonly StreamEvent[]): CheckoutFacet => {
  const subject = shelf();
  subject.fold(all);
  return subject.profile().checkout;
};
const kept = ({ shown: orders, completed: checkouts }: CheckoutFacet) => ({ orders, checkouts });

describe('merge law of what was shown and completed', () => {
  test('merging two folds is the fold of all their events', () => {
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.boolean()), (all, sides) => {
        const split = all.map((event) => [event, sides.next().value] as const);
        const side = (wanted: boolean) =>
          folded(split.flatMap(([event, where]) => (where === wanted ? [event] : [])));

        expect(kept(mergeCheckouts(side(true), side(false)))).toEqual(kept(folded(all)));
      }),
    );
  });

  test('the order in which events come, and how often, does not matter', () => {
    fc.assert(
      fc.property(
        events.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })),
        ),
        ([all, shuffled]) => {
          expect(kept(folded(shuffled))).toEqual(kept(folded(all)));
        },
      ),
    );
  });

  test('however batches are cut, the item is that of one pass', () => {
    fc.assert(
      fc.property(events, fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 60 }), (all, sizes) => {
        const subject = shelf();
        let from = 0;
        for (const size of [...sizes, all.length]) {
          subject.fold(all.slice(from, from + size));
          from += size;
        }
        expect(kept(subject.profile().checkout)).toEqual(kept(folded(all)));
      }),
    );
  });
});

describe('outcomes', () => {
  const moment = { now: Date.UTC(2026, 11, 1), windowMs: 86_400_000 };
  const facetOf = (person: string, all: readonly StreamEvent[]): readonly OutcomeFacet[] => {
    const subject = shelf();
    subject.fold(all);
    const stored = subject.items().find(({ item }) => item === 'checkout');
    const facet = stored && outcomeFacetOf(person, stored.state);
    return facet === undefined ? [] : [facet];
  };

  test('do not depend on the order in which facets are read', () => {
    fc.assert(
      fc.property(events, events, events, (one, other, third) => {
        const facets = [...facetOf('ann', one), ...facetOf('ann', other), ...facetOf('bob', third)];
        expect(joinOutcomes([...facets].reverse(), moment)).toEqual(joinOutcomes(facets, moment));
      }),
    );
  });

  test('are one a checkout and slot, each order completes at most one, and places lie within what was shown', () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        const outcomes = joinOutcomes([...facetOf('ann', one), ...facetOf('bob', other)], moment);
        for (const slotName of ['payment', 'shipping'] as const) {
          const ofSlot = outcomes.filter((outcome) => outcome.slot === slotName);
          const completions = ofSlot.flatMap(({ completion }) => completion ?? []);
          expect(new Set(completions).size).toBe(completions.length);
        }
        for (const { rank, order, status, completion } of outcomes) {
          expect(status === 'completed').toBe(completion !== undefined);
          if (typeof rank === 'number') expect(rank).toBeLessThanOrEqual(order.length);
        }
      }),
    );
  });
});
