import type { GuardrailScope } from '../store-config.ts';
import type { AmountSource } from './amounts.ts';
import type { AudienceSource } from './audience-source.ts';
import type { TextSource } from './localized-text.ts';

/** What an offer is worth. Amounts in integer minor units by currency. */
export type OfferValueSource =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'amount'; readonly amount: AmountSource }
  /** From that subtotal on; below it the offer says what is missing. Without `from`: whatever is in the cart. */
  | { readonly kind: 'free-shipping'; readonly from?: AmountSource }
  /** Something that is no money, and that the title names. */
  | { readonly kind: 'reward' };

export interface OfferSource extends AudienceSource {
  readonly id: string;
  /** `{percent}` in it is filled in for a percentage. Amounts are for the page to write, in its shopper's way. */
  readonly title: TextSource;
  readonly value: OfferValueSource;
}

export type OfferGuardrailRule =
  /** Whatever an offer costs or gives, the shopper takes it, nobody else. */
  { readonly rule: 'nothing-preselected' };
export type OfferGuardrail = OfferGuardrailRule & GuardrailScope;

export interface OffersConfig {
  readonly guardrails: readonly OfferGuardrail[];
  /** Shown in this order. */
  readonly items: readonly OfferSource[];
}
