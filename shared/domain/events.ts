import {
  countEvent,
  countUnknown,
  noteSearch,
  noteView,
  type BrowseFacet,
  type Counted,
} from './browse-facet.ts';
import { changeCart, closeCart, replaceCart, type CartState } from './cart.ts';
import {
  noteCompletion,
  noteConsent,
  noteShown,
  noteTicket,
  noteTier,
  noteTraits,
  type CheckoutFacet,
} from './checkout-facet.ts';
import { SHOWN_EVENT } from './decision-id.ts';
import {
  recordCancellation,
  recordDelivery,
  recordOrder,
  recordPoints,
  recordRefund,
  type LedgerEntry,
} from './ledger.ts';
import { addUse } from './method-uses.ts';
import type { Lane, Message, StreamEvent } from './stream-event.ts';

type Reducer<Facet> = (facet: Facet, event: StreamEvent) => Facet;

/** What an event does: which lane it takes and what it changes. An event without a change still moves the watermark. */
export interface EventRule {
  readonly lane: Lane;
  readonly checkout?: Reducer<CheckoutFacet>;
  readonly orders?: (event: StreamEvent) => LedgerEntry;
  readonly browse?: Reducer<BrowseFacet>;
}

const cart = (change: (cart: CartState, event: StreamEvent) => CartState): EventRule => ({
  lane: 'critical',
  checkout: (facet, event) => ({ ...facet, cart: change(facet.cart, event) }),
});

const useMethods: Reducer<CheckoutFacet> = (facet, event) => ({
  ...facet,
  payment: addUse(facet.payment, event, 'payment_method'),
  shipping: addUse(facet.shipping, event, 'shipping_method'),
});

const counted = (name: Counted, note?: Reducer<BrowseFacet>): EventRule => ({
  lane: 'bulk',
  browse: (facet, event) => countEvent(note ? note(facet, event) : facet, event, name),
});

/** Takes a device away from its proven user: `userId`, `anonymousId`, sent with proof. What it learned stays its own. */
export const UNLINK_EVENT = 'Device Unlinked';

const NO_CHANGE: EventRule = { lane: 'critical', checkout: (facet) => facet };

/**
 * Every event name that Cartwright knows, and what it does: Segment's e-commerce spec v2 whole, and ours
 * (decisions shown, delivery, loyalty, support, consent, unlinking). This table is the one place.
 */
export const TRACK_EVENTS = {
  'Product Added': cart((state, event) => changeCart(state, event, 1)),
  'Product Removed': cart((state, event) => changeCart(state, event, -1)),
  'Cart Viewed': cart(replaceCart),

  'Checkout Started': cart(replaceCart),
  'Checkout Step Viewed': NO_CHANGE,
  'Checkout Step Completed': { lane: 'critical', checkout: useMethods },
  'Payment Info Entered': { lane: 'critical', checkout: useMethods },
  [SHOWN_EVENT]: { lane: 'critical', checkout: noteShown },
  'Coupon Entered': NO_CHANGE,
  'Coupon Applied': NO_CHANGE,
  'Coupon Denied': NO_CHANGE,
  'Coupon Removed': NO_CHANGE,

  'Order Completed': {
    lane: 'critical',
    checkout: (facet, event) => {
      const used = useMethods(noteCompletion(facet, event), event);
      return { ...used, cart: closeCart(used.cart, event) };
    },
    orders: recordOrder,
  },
  'Order Updated': { lane: 'critical', orders: recordOrder },
  'Order Refunded': { lane: 'critical', orders: recordRefund },
  'Order Cancelled': { lane: 'critical', orders: recordCancellation },
  'Order Delivered': { lane: 'critical', orders: recordDelivery },

  'Loyalty Points Earned': { lane: 'critical', orders: (event) => recordPoints(event, 1) },
  'Loyalty Points Redeemed': { lane: 'critical', orders: (event) => recordPoints(event, -1) },
  'Loyalty Tier Changed': { lane: 'critical', checkout: noteTier },

  'Support Ticket Opened': { lane: 'critical', checkout: (facet, event) => noteTicket(facet, event, false) },
  'Support Ticket Resolved': { lane: 'critical', checkout: (facet, event) => noteTicket(facet, event, true) },

  [UNLINK_EVENT]: NO_CHANGE,

  'Consent Preference Updated': { lane: 'critical', checkout: noteConsent },

  'Product Viewed': counted('view', noteView),
  'Product Clicked': counted('click'),
  'Product List Viewed': counted('list'),
  'Product List Filtered': counted('list'),
  'Products Searched': counted('search', noteSearch),
  'Product Shared': counted('share'),
  'Cart Shared': counted('share'),
  'Product Added to Wishlist': counted('wishlist', noteView),
  'Product Removed from Wishlist': counted('wishlist'),
  'Wishlist Product Added to Cart': counted('wishlist', noteView),
  'Product Reviewed': counted('review'),
  'Promotion Viewed': counted('promotion'),
  'Promotion Clicked': counted('promotion'),
} as const satisfies Readonly<Record<string, EventRule>>;

export type KnownEvent = keyof typeof TRACK_EVENTS;

/** A Map, because names come from the public and an object would answer to `constructor`. */
const RULES: ReadonlyMap<string, EventRule> = new Map(Object.entries(TRACK_EVENTS));

const IDENTIFY: EventRule = { lane: 'critical', checkout: noteTraits };
const PAGE: EventRule = counted('page');
const UNKNOWN: EventRule = { lane: 'bulk', browse: countUnknown };
const NO_EFFECT: EventRule = { lane: 'bulk', browse: (facet) => facet };

/** What a message does. A `track` name that the table does not know travels in bulk and is counted by name. */
export function ruleOf(message: Pick<Message, 'type' | 'event'>): EventRule {
  switch (message.type) {
    case 'track':
      return RULES.get(message.event ?? '') ?? UNKNOWN;
    case 'identify':
      return IDENTIFY;
    case 'page':
    case 'screen':
      return PAGE;
    case 'group':
    case 'alias':
      return NO_EFFECT;
  }
}

export function isKnownEvent(message: Pick<Message, 'type' | 'event'>): boolean {
  return ruleOf(message) !== UNKNOWN;
}
