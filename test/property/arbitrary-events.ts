import fc from 'fast-check';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import { streamEvent, type EventSketch } from '../events.ts';

const id = (prefix: string, count: number) =>
  fc.integer({ min: 0, max: count - 1 }).map((n) => `${prefix}${n}`);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const products = fc.array(
  fc.record({
    product_id: id('p', 5),
    quantity: fc.integer({ min: 1, max: 3 }),
    price: fc.integer({ min: 1, max: 99 }),
  }),
  { maxLength: 4 },
);

/** Few ids and minutes, so that events meet, tie and contradict each other. */
const criticalSketch: fc.Arbitrary<EventSketch> = fc.oneof(
  fc.record({
    event: fc.constantFrom('Product Added', 'Product Removed'),
    properties: fc.record({ product_id: id('p', 5), quantity: fc.integer({ min: 1, max: 3 }) }),
  }),
  fc.record({
    event: fc.constantFrom('Cart Viewed', 'Checkout Started'),
    properties: fc.record({ checkout_id: id('c', 6), products, currency: fc.constantFrom('EUR', 'JPY') }),
  }),
  fc.record({
    event: fc.constantFrom('Payment Info Entered', 'Checkout Step Completed'),
    properties: fc.record({
      checkout_id: id('c', 90),
      payment_method: id('m', 4),
      shipping_method: id('s', 2),
    }),
  }),
  fc.record({
    event: fc.constantFrom('Order Completed', 'Order Updated', 'Order Cancelled', 'Order Delivered'),
    properties: fc.record({
      order_id: id('o', 120),
      checkout_id: id('c', 90),
      total: fc.integer({ min: 0, max: 500 }),
      currency: fc.constantFrom('EUR', 'JPY'),
      payment_method: id('m', 4),
    }),
  }),
  fc.record({
    event: fc.constant('Order Refunded'),
    properties: fc.record({
      refund_id: id('r', 6),
      total: fc.integer({ min: 1, max: 50 }),
      currency: fc.constant('EUR'),
    }),
  }),
  fc.record({
    event: fc.constantFrom('Loyalty Points Earned', 'Loyalty Points Redeemed'),
    properties: fc.record({ transaction_id: id('t', 8), points: fc.integer({ min: 1, max: 100 }) }),
  }),
  fc.record({ event: fc.constant('Loyalty Tier Changed'), properties: fc.record({ tier: id('tier', 3) }) }),
  fc.record({
    event: fc.constantFrom('Support Ticket Opened', 'Support Ticket Resolved'),
    properties: fc.record({ ticket_id: id('k', 12) }),
  }),
  fc.record({
    event: fc.constant('Consent Preference Updated'),
    properties: fc.record({ consent: fc.dictionary(id('purpose', 14), fc.boolean(), { maxKeys: 3 }) }),
  }),
  fc.record({
    type: fc.constant('identify' as const),
    traits: fc.record({ address: fc.record({ country: fc.constantFrom('BR', 'SE'), city: id('city', 3) }) }),
    context: fc.record({ locale: fc.constantFrom('pt-BR', 'sv') }),
  }),
);

const bulkSketch: fc.Arbitrary<EventSketch> = fc.oneof(
  fc.record({
    event: fc.constantFrom('Product Viewed', 'Product Clicked', 'Product Added to Wishlist'),
    properties: fc.record({ product_id: id('p', 40), category: id('cat', 4) }),
  }),
  fc.record({ event: fc.constant('Products Searched'), properties: fc.record({ query: id('q', 12) }) }),
  fc.record({ type: fc.constantFrom('page' as const, 'screen' as const) }),
  fc.record({ event: id('Custom ', 12) }),
);

/** Distinct events over two years, in any order of time. */
function eventsOf(
  sketch: fc.Arbitrary<EventSketch>,
  maxLength: number,
): fc.Arbitrary<readonly StreamEvent[]> {
  return fc
    .array(fc.tuple(sketch, fc.integer({ min: 0, max: 40 }), maybe(fc.integer({ min: 0, max: 24 }))), {
      maxLength,
      size: 'max',
    })
    .map((list) =>
      list.map(([event, minute, month = 0], index) =>
        streamEvent({ ...event, minute: minute + month * 43_200, messageId: `m${index}` }),
      ),
    );
}

export const criticalEvents = (maxLength = 120) => eventsOf(criticalSketch, maxLength);
export const bulkEvents = (maxLength = 120) => eventsOf(bulkSketch, maxLength);
