import type { Amounts } from './amounts.ts';
import type { Audience } from './audience.ts';
import type { LocalizedText } from './localized-text.ts';
import type { OfferGuardrail } from './offer-source.ts';

/** What an offer is worth, in every currency that it has an amount in. */
export type OfferValue =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'amount'; readonly amount: Amounts }
  | { readonly kind: 'free-shipping'; readonly from?: Amounts }
  | { readonly kind: 'reward' };

export interface Offer {
  readonly id: string;
  readonly title: LocalizedText;
  readonly value: OfferValue;
  readonly audience: Audience;
}

/** A shop's offers, read and checked. */
export interface Offers {
  readonly guardrails: readonly OfferGuardrail[];
  readonly items: readonly Offer[];
}
