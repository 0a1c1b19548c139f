import { totalsOf } from '../ledger.ts';
import type { Condition } from '../segments/condition.ts';
import { describeCondition, describeDuration } from '../segments/describe-condition.ts';
import { truthOf, type Truth } from '../segments/evaluate.ts';
import type { Window } from '../segments/window.ts';
import type { Amounts } from './amounts.ts';
import type { AskedCart } from './asked-cart.ts';
import type { KnownPerson } from './known-person.ts';

/** Why an offer or a message is shown to somebody. */
export const AUDIENCE_REASONS = [
  'in-segment',
  'profile-matches',
  'cart-subtotal',
  'cart-quantity',
  'cart-product',
  'time-limited',
  'converted-currency',
] as const;
export type AudienceReason = (typeof AUDIENCE_REASONS)[number];

/** One thing that must hold, read and checked. */
export type AudienceCondition =
  | { readonly kind: 'period'; readonly from: number; readonly until: number }
  | { readonly kind: 'quantity'; readonly least: number }
  | { readonly kind: 'products'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'subtotal'; readonly least: Amounts }
  | { readonly kind: 'segments'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'when'; readonly condition: Condition }
  | { readonly kind: 'lasts'; readonly ms: number; readonly anchor: Anchor };

export type Anchor =
  | { readonly kind: 'last-order' }
  | { readonly kind: 'first'; readonly event: string; readonly window: Window };

/** All of it must hold; the cheapest to judge stands first. */
export type Audience = readonly AudienceCondition[];

/** What audiences are judged by at one checkout. */
export interface Moment {
  /** ms */
  readonly now: number;
  readonly cart?: AskedCart;
  /** ISO 4217, of the request's amounts. */
  readonly currency?: string;
  readonly person?: KnownPerson;
}

export interface Met {
  readonly reasons: readonly AudienceReason[];
  /** ms; when it will have passed, Infinity: never. The same at every ask. */
  readonly endsAt: number;
}

/** What is asked of somebody, and whether it holds. */
export interface ExplainedCondition {
  readonly asks: string;
  readonly holds: boolean;
}

/** Whether anything is asked that the profile answers. */
export function isPersonal(audience: Audience): boolean {
  return audience.some(({ kind }) => kind === 'segments' || kind === 'when' || kind === 'lasts');
}

/** Undefined: somebody or something else is meant. What cannot be told does not hold. */
export function meet(audience: Audience, moment: Moment): Met | undefined {
  const reasons: AudienceReason[] = [];
  let endsAt = Infinity;
  for (const condition of audience) {
    const met = judge(condition, moment);
    if (met === undefined) return undefined;
    for (const reason of met.reasons) if (!reasons.includes(reason)) reasons.push(reason);
    endsAt = Math.min(endsAt, met.endsAt);
  }
  return { reasons, endsAt };
}

export function explainAudience(audience: Audience, moment: Moment): readonly ExplainedCondition[] {
  return audience.map((condition) => ({
    asks: describeAudienceCondition(condition, moment),
    holds: judge(condition, moment) !== undefined,
  }));
}

function judge(condition: AudienceCondition, moment: Moment): Met | undefined {
  const { now, cart, currency, person } = moment;
  switch (condition.kind) {
    case 'period': {
      const { from, until } = condition;
      if (now < from || now >= until) return undefined;
      return { reasons: until === Infinity ? [] : ['time-limited'], endsAt: until };
    }
    case 'quantity':
      return cart !== undefined && cart.quantity >= condition.least ? lasting('cart-quantity') : undefined;
    case 'products': {
      const { ids } = condition;
      return cart !== undefined && [...cart.products].some((id) => ids.has(id))
        ? lasting('cart-product')
        : undefined;
    }
    case 'subtotal': {
      const least = currency === undefined ? undefined : condition.least.get(currency);
      if (least === undefined || cart?.subtotal === undefined || cart.subtotal < least.amount)
        return undefined;
      return lasting('cart-subtotal', ...(least.isConverted ? (['converted-currency'] as const) : []));
    }
    case 'segments':
      return person?.membership().segments.some((id) => condition.ids.has(id))
        ? lasting('in-segment')
        : undefined;
    case 'when':
      return whenTruth(condition.condition, person) === true ? lasting('profile-matches') : undefined;
    case 'lasts': {
      const since = anchorOf(condition.anchor, person);
      const endsAt = (since ?? NaN) + condition.ms;
      if (since === undefined || now < since || now >= endsAt) return undefined;
      return { reasons: ['time-limited'], endsAt };
    }
  }
}

function lasting(...reasons: readonly AudienceReason[]): Met {
  return { reasons, endsAt: Infinity };
}

/** Of whom nothing is known nothing holds, as with segments. */
function whenTruth(condition: Condition, person: KnownPerson | undefined): Truth {
  return person?.profile.exists ? truthOf(condition, person.evidence()) : undefined;
}

/** ms; undefined: it has not happened, or it cannot be told when. */
function anchorOf(anchor: Anchor, person: KnownPerson | undefined): number | undefined {
  if (person === undefined) return undefined;
  switch (anchor.kind) {
    case 'last-order':
      return totalsOf(person.profile.orders).lastAt || undefined;
    case 'first': {
      const { value, isComplete } = person.evidence().window(anchor.window);
      return isComplete && typeof value === 'number' ? value : undefined;
    }
  }
}

function describeAudienceCondition(condition: AudienceCondition, { currency }: Moment): string {
  switch (condition.kind) {
    case 'period': {
      const { from, until } = condition;
      return [
        ...(from === -Infinity ? [] : [`from ${new Date(from).toISOString()}`]),
        ...(until === Infinity ? [] : [`before ${new Date(until).toISOString()}`]),
      ].join(' and ');
    }
    case 'quantity':
      return `at least ${condition.least} in the cart`;
    case 'products':
      return `one of ${[...condition.ids].join(', ')} is in the cart`;
    case 'subtotal':
      return `the cart is worth at least ${describeAmount(condition.least, currency)}`;
    case 'segments':
      return `is in ${[...condition.ids].map((id) => `“${id}”`).join(' or ')}`;
    case 'when':
      return describeCondition(condition.condition);
    case 'lasts': {
      const { anchor, ms } = condition;
      const start = anchor.kind === 'last-order' ? 'the last order' : `the first “${anchor.event}”`;
      return `less than ${describeDuration(ms)} after ${start}`;
    }
  }
}

/** What an amount is in the request's currency, or why it is nothing. */
export function describeAmount(amounts: Amounts, currency: string | undefined): string {
  if (currency === undefined) return 'an amount, and the request names no currency';
  const stated = amounts.get(currency);
  if (stated === undefined)
    return `an amount in ${currency}, and the configuration has none and no rate to convert one`;
  const how = stated.isConverted ? ' (converted)' : '';
  return `${stated.amount} minor units of ${currency}${how}`;
}
