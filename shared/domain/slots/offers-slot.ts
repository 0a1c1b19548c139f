import type { DecidedSlot, DecisionConfig, DecisionInput, SlotBase } from '../decide.ts';
import type { Amounts, Money } from './amounts.ts';
import {
  AUDIENCE_REASONS,
  describeAmount,
  isPersonal,
  meet,
  type AudienceReason,
  type ExplainedCondition,
  type Moment,
} from './audience.ts';
import { showToAudience, type ExplainedItem } from './audience-slot.ts';
import type { KnownPerson } from './known-person.ts';
import { say } from './localized-text.ts';
import { applyOfferGuardrails } from './offer-guardrails.ts';
import type { Offer, OfferValue } from './offer.ts';

/** Why an offer is there. */
export const OFFER_REASONS = [
  ...AUDIENCE_REASONS,
  'below-threshold',
  'threshold-reached',
  'store-offer',
] as const;
export type OfferReason = AudienceReason | 'below-threshold' | 'threshold-reached' | 'store-offer';

export interface OfferItem {
  readonly id: string;
  readonly kind: OfferValue['kind'];
  /** Plain text. */
  readonly title: string;
  readonly percent?: number;
  readonly amount?: Money;
  /** Of free shipping: what has to be added to the cart to reach it. */
  readonly missing?: Money;
  /** ISO 8601; the same at every ask, so a page can count down to it. */
  readonly endsAt: string | null;
  readonly preselected: boolean;
  readonly reasons: readonly OfferReason[];
}

export interface OffersSlot extends SlotBase {
  readonly items: readonly OfferItem[];
  /** With `explain` only. */
  readonly explain?: readonly ExplainedItem[];
}

/** The shop's offers that are for this person and cart, in the shop's order. */
export function decideOffers(
  input: DecisionInput,
  config: DecisionConfig,
  person: KnownPerson | undefined,
): DecidedSlot<OffersSlot> {
  const { items, guardrails } = config.offers;
  const { items: shown, ...slot } = showToAudience(items, input, person, {
    show: (offer, moment) => offerItem(offer, moment, input.locale),
    isPersonal: ({ audience }) => isPersonal(audience),
    explain: ({ value }, moment) => explainWorth(value, moment),
  });
  const guarded = applyOfferGuardrails(shown, guardrails, input.country);
  return { ...slot, items: guarded.options, guardrails: guarded.applied };
}

/** Time in ms as an answer shows it. */
function endOf(endsAt: number): string | null {
  return endsAt === Infinity ? null : new Date(endsAt).toISOString();
}

function offerItem(offer: Offer, moment: Moment, locale: string | undefined): OfferItem | undefined {
  const met = meet(offer.audience, moment);
  const worth = met && worthOf(offer.value, moment);
  const values = offer.value.kind === 'percent' ? { percent: offer.value.percent } : {};
  const said = worth && say(offer.title, locale, values);
  if (!met || !worth || !said) return undefined;
  const { reasons, ...amounts } = worth;
  const all = [...new Set([...met.reasons, ...reasons])];
  return {
    id: offer.id,
    kind: offer.value.kind,
    title: said.text,
    ...amounts,
    endsAt: endOf(met.endsAt),
    preselected: false,
    reasons: all.length > 0 ? all : ['store-offer'],
  };
}

type Worth = Pick<OfferItem, 'percent' | 'amount' | 'missing' | 'reasons'>;

/** Undefined: there is no amount in the request's currency, and none is compared across currencies. */
function worthOf(value: OfferValue, { currency, cart }: Moment): Worth | undefined {
  switch (value.kind) {
    case 'percent':
      return { percent: value.percent, reasons: [] };
    case 'reward':
      return { reasons: [] };
    case 'amount': {
      const stated = inCurrency(value.amount, currency);
      return stated && { amount: stated.money, reasons: stated.reasons };
    }
    case 'free-shipping': {
      if (value.from === undefined) return { reasons: [] };
      const stated = inCurrency(value.from, currency);
      if (stated === undefined || cart?.subtotal === undefined) return undefined;
      const { money, reasons } = stated;
      const missing = money.amount - cart.subtotal;
      if (missing <= 0) return { reasons: ['threshold-reached', ...reasons] };
      // Of a cart with unknown prices, or beyond all that can be added up, nobody can say how much is missing.
      if (!cart.isPriced || !Number.isSafeInteger(missing)) return undefined;
      return {
        missing: { amount: missing, currency: money.currency },
        reasons: ['below-threshold', ...reasons],
      };
    }
  }
}

function inCurrency(
  amounts: Amounts,
  currency: string | undefined,
): { readonly money: Money; readonly reasons: readonly OfferReason[] } | undefined {
  const stated = currency === undefined ? undefined : amounts.get(currency);
  if (stated === undefined) return undefined;
  const { amount, currency: of, isConverted } = stated;
  return { money: { amount, currency: of }, reasons: isConverted ? ['converted-currency'] : [] };
}

function explainWorth(value: OfferValue, moment: Moment): readonly ExplainedCondition[] {
  const holds = worthOf(value, moment) !== undefined;
  switch (value.kind) {
    case 'percent':
    case 'reward':
      return [];
    case 'amount':
      return [{ asks: `it is worth ${describeAmount(value.amount, moment.currency)}`, holds }];
    case 'free-shipping':
      return value.from === undefined
        ? []
        : [
            {
              asks: `shipping is free from ${describeAmount(value.from, moment.currency)}, and what the cart is worth is known`,
              holds,
            },
          ];
  }
}
