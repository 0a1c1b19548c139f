import fc from 'fast-check';
import { encodeCheckout } from '../../shared/domain/checkout-facet.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import { store as config } from '../../store.config.ts';
import { purchase, shelf, streamEvent } from '../events.ts';

/** Looks back at sums and at what was shown, beside those that ship. */
const { windows } = segmentsOfConfig({
  ...config.segments,
  named: {
    spender: {
      description: 'Has spent by pix.',
      when: {
        $sum: {
          event: 'Order Completed',
          of: 'properties.total',
          currency: 'EUR',
          where: { 'properties.payment_method': 'pix' },
          is: { $gte: 1_500 },
        },
      },
    },
  },
});

/** Things that say something else of the same ticket, order, tier, cart or choice in the same millisecond. */
const sameMoment = (): fc.Arbitrary<StreamEvent> =>
  fc.oneof(
    fc
      .constantFrom('Support Ticket Opened', 'Support Ticket Resolved')
      .map((event) => streamEvent({ event, properties: { ticket_id: 't1' } })),
    fc
      .record({ total: fc.constantFrom(10, 20), method: fc.constantFrom('pix', 'card') })
      .map((of) => purchase({ order: 'o1', ...of })),
    fc
      .constantFrom('gold', 'silver')
      .map((tier) => streamEvent({ event: 'Loyalty Tier Changed', properties: { tier } })),
    fc
      .constantFrom('p1', 'p2')
      .map((product_id) =>
        streamEvent({ event: 'Cart Viewed', properties: { products: [{ product_id, quantity: 1 }] } }),
      ),
    fc
      .boolean()
      .map((personalization) =>
        streamEvent({ event: 'Consent Preference Updated', properties: { consent: { personalization } } }),
      ),
    fc
      .constantFrom('SE', 'FI')
      .map((country) => streamEvent({ type: 'identify', traits: { address: { country } } })),
  );

test('what happens in one millisecond comes to the same however its batches are cut and in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(sameMoment(), { minLength: 2, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (events, cuts, lots) => {
        const whole = shelf();
        whole.fold(events, { windows });
        const shuffled = events
          .map((event) => ({ event, lot: lots.next().value }))
          .sort((one, other) => one.lot - other.lot)
          .map(({ event }) => event);
        const cut = shelf();
        let batch: StreamEvent[] = [];
        for (const [index, event] of shuffled.entries()) {
          batch.push(event);
          if (!cuts[index] && index < shuffled.length - 1) continue;
          cut.fold(batch, { windows });
          batch = [];
        }

        const [one, other] = [whole, cut].map((of) => of.profile());
        expect(encodeCheckout(other!.checkout)).toEqual(encodeCheckout(one!.checkout));
        expect(other!.orders).toEqual(one!.orders);
      },
    ),
  );
});
