import type { FallbackReason } from '../shared/domain/decide.ts';
import type { MessageReason } from '../shared/domain/slots/messages-slot.ts';
import type { OfferReason } from '../shared/domain/slots/offers-slot.ts';

/** Why something of a decision is less than it could be. Every reason there is, so that a new one does not compile until it can be said. */
export const FALLBACK_WORDS: Readonly<Record<FallbackReason, string>> = {
  'store-unavailable': 'the profile could not be read: its store is out of reach',
  'breaker-open': 'the store of profiles has kept failing, and is left alone for a moment',
  deadline: 'the profile was not there in time',
  'consent-unread': 'a device of theirs could not be read, which may hold a refusal',
  'profile-unreadable': 'the profile is stored in a way that cannot be read',
  'slot-failed': 'deciding it failed; the log says how',
};

/** Why an offer is made, or something is told. */
export const ITEM_REASON_WORDS: Readonly<Record<OfferReason | MessageReason, string>> = {
  'in-segment': 'is in its segments',
  'profile-matches': 'the profile matches',
  'cart-subtotal': 'the cart is worth enough',
  'cart-quantity': 'the cart holds enough',
  'cart-product': 'the cart holds one of its products',
  'time-limited': 'only until its end',
  'converted-currency': "by the shop's table of rates",
  'below-threshold': 'little is missing',
  'threshold-reached': 'the cart has reached it',
  'store-offer': 'for everybody',
  'cart-left': 'a cart was left on another device',
  'ticket-open': 'a support ticket is open',
  'loyalty-known': 'the tier is known',
  'store-notice': 'for everybody',
};
