import {
  isKnownEvent,
  ruleOf,
  TRACK_EVENTS,
  type EventRule,
  type KnownEvent,
} from '../../shared/domain/events.ts';
import { facetsOf } from '../../shared/domain/fold.ts';
import type { Lane, MessageType } from '../../shared/domain/stream-event.ts';
import { streamEvent } from '../events.ts';

/** https://segment.com/docs/connections/spec/ecommerce/v2/ whole, and ours; by what DESIGN calls them. */
const CRITICAL = {
  cart: ['Product Added', 'Product Removed', 'Cart Viewed'],
  checkout: [
    'Checkout Started',
    'Checkout Step Viewed',
    'Checkout Step Completed',
    'Payment Info Entered',
    'Checkout Decision Shown',
    'Coupon Entered',
    'Coupon Applied',
    'Coupon Denied',
    'Coupon Removed',
  ],
  orders: ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled', 'Order Delivered'],
  loyalty: ['Loyalty Points Earned', 'Loyalty Points Redeemed', 'Loyalty Tier Changed'],
  support: ['Support Ticket Opened', 'Support Ticket Resolved'],
  consent: ['Consent Preference Updated'],
  identity: ['Device Unlinked'],
};
const BULK = {
  views: ['Product Viewed', 'Product Clicked'],
  lists: ['Product List Viewed', 'Product List Filtered'],
  searches: ['Products Searched'],
  wishlist: ['Product Added to Wishlist', 'Product Removed from Wishlist', 'Wishlist Product Added to Cart'],
  sharing: ['Product Shared', 'Cart Shared'],
  reviews: ['Product Reviewed'],
  promotions: ['Promotion Viewed', 'Promotion Clicked'],
};
const NAMES: Readonly<Record<Lane, readonly string[]>> = {
  critical: Object.values(CRITICAL).flat(),
  bulk: Object.values(BULK).flat(),
};
const ruleOfTrack = (event: string): EventRule => ruleOf({ type: 'track', event });

describe('the table of events', () => {
  test.each(NAMES.critical)('%s is critical', (event) => {
    expect(ruleOfTrack(event).lane).toBe('critical');
  });

  test.each(NAMES.bulk)('%s is bulk', (event) => {
    expect(ruleOfTrack(event).lane).toBe('bulk');
  });

  test('holds these and no others', () => {
    expect(Object.keys(TRACK_EVENTS).sort()).toEqual([...NAMES.critical, ...NAMES.bulk].sort());
  });

  test('is typed: a name it does not hold does not compile', () => {
    const known: KnownEvent = 'Order Completed';
    // @ts-expect-error: a typing mistake
    const unknown: KnownEvent = 'Order Complete';
    expect([known in TRACK_EVENTS, unknown in TRACK_EVENTS]).toEqual([true, false]);
  });

  test.each<[MessageType, Lane]>([
    ['identify', 'critical'],
    ['page', 'bulk'],
    ['screen', 'bulk'],
    ['group', 'bulk'],
    ['alias', 'bulk'],
  ])('%s is %s, and no event name makes it another', (type, lane) => {
    expect(ruleOf({ type }).lane).toBe(lane);
    expect(ruleOf({ type, event: 'Order Completed' })).toBe(ruleOf({ type }));
    expect(isKnownEvent({ type })).toBe(true);
  });

  test.each([
    'Quiz Finished',
    'order completed',
    'Order  Completed',
    '',
    'constructor',
    '__proto__',
    'toString',
  ])('the unknown name %j goes to bulk and is counted by its name', (event) => {
    expect(ruleOfTrack(event).lane).toBe('bulk');
    expect(isKnownEvent({ type: 'track', event })).toBe(false);
  });
});

describe('what an event may change', () => {
  const facetsOfTrack = (event: string, of: 'user' | 'claims' = 'user') => {
    const { lane } = ruleOfTrack(event);
    return facetsOf(streamEvent({ event, of }), lane).join('+');
  };

  test.each<[string, string]>([
    ['Product Added', 'checkout'],
    ['Checkout Step Viewed', 'checkout'],
    ['Order Completed', 'orders+checkout'],
    ['Order Updated', 'orders'],
    ['Order Refunded', 'orders'],
    ['Order Cancelled', 'orders'],
    ['Order Delivered', 'orders'],
    ['Loyalty Points Earned', 'orders'],
    ['Loyalty Tier Changed', 'checkout'],
    ['Consent Preference Updated', 'checkout'],
    ['Device Unlinked', 'checkout'],
    ['Product Viewed', 'browse'],
    ['Quiz Finished', 'browse'],
  ])('%s: %s', (event, facets) => {
    expect(facetsOfTrack(event)).toBe(facets);
  });

  test('every event has at least one facet of its own lane, so that its watermark says it came through', () => {
    const lanes: Readonly<Record<Lane, readonly string[]>> = {
      critical: ['checkout', 'orders'],
      bulk: ['browse'],
    };
    for (const lane of ['critical', 'bulk'] as const) {
      for (const name of NAMES[lane]) {
        const facets = facetsOf(streamEvent({ event: name }), lane);
        expect(facets.length).toBeGreaterThan(0);
        expect(facets.filter((facet) => !lanes[lane].includes(facet))).toEqual([]);
      }
    }
  });

  test('what is only claimed never reaches a facet of the user', () => {
    const claimed = [...NAMES.critical, ...NAMES.bulk, 'Quiz Finished'].map((name) =>
      facetsOfTrack(name, 'claims'),
    );
    expect(new Set(claimed)).toEqual(new Set(['claims', 'claims-browse']));
  });
});
