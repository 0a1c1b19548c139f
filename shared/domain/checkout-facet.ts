import { decodeCart, EMPTY_CART, encodeCart, mergeCarts, type CartState } from './cart.ts';
import {
  completionIn,
  decodeCompletions,
  encodeCompletions,
  mergeCompletions,
  type Completion,
} from './completions.ts';
import type { Json } from './json.ts';
import { decodeUses, encodeUses, mergeUses, type MethodUses } from './method-uses.ts';
import { currencyOf } from './money.ts';
import { newerOf, newestOf, type Dated } from './newest.ts';
import { objectOf, textOf } from './property.ts';
import { decodeRegister, encodeRegister, registerOf, type Register } from './register.ts';
import {
  decodeWindows,
  encodeWindows,
  mergeWindows,
  NO_WINDOWS,
  type KeptWindows,
} from './segments/kept-windows.ts';
import { decodeShown, encodeShown, mergeShown, shownIn, type ShownOrder } from './shown-orders.ts';
import type { StreamEvent } from './stream-event.ts';

/** As much of an address as a checkout needs to be right for a place, and no more. */
export interface CoarseAddress {
  readonly [part: string]: Json;
  readonly country: string;
  readonly region: string;
  readonly city: string;
}

/** A support ticket; `at` is its newest event. */
export interface Ticket extends Dated {
  readonly resolved: boolean;
}

/** What the critical lane knows of a subject, all of it joinable (merge law). */
export interface CheckoutFacet {
  readonly payment: MethodUses;
  readonly shipping: MethodUses;
  readonly cart: CartState;
  readonly address?: Register<CoarseAddress>;
  readonly locale?: Register<string>;
  readonly currency?: Register<string>;
  readonly loyaltyTier?: Register<string>;
  readonly tickets: readonly Ticket[];
  /** By purpose, e.g. `personalization`: what the person last chose. */
  readonly consent: ReadonlyMap<string, Register<boolean>>;
  /** When each device (of a user) or user (claimed by a device) was last seen here: which links need not be made again. */
  readonly links: readonly Dated[];
  /** When devices were taken away. */
  readonly unlinked: readonly Dated[];
  /** What the newest checkouts were shown, and which were completed: what outcomes are joined from. */
  readonly shown: readonly ShownOrder[];
  readonly completed: readonly Completion[];
  /** Events that segments look back at. */
  readonly windows: KeptWindows;
}

export const EMPTY_CHECKOUT: CheckoutFacet = {
  payment: [],
  shipping: [],
  cart: EMPTY_CART,
  tickets: [],
  consent: new Map(),
  links: [],
  unlinked: [],
  shown: [],
  completed: [],
  windows: NO_WINDOWS,
};

const MAX_TICKETS = 8;
/**
 * Purposes beyond this many are not kept, the last in the alphabet first: the bound must not depend on order. Those
 * that Cartwright itself asks for are never among them: a refusal that is forgotten would be a consent.
 */
const MAX_PURPOSES = 12;
const OWN_PURPOSES: readonly string[] = ['personalization'];
/** At most 100 proven devices of a user are remembered (DynamoDB items stay small; nobody owns more). */
export const MAX_LINKS = 100;
export const MAX_UNLINKED = 100;

/** The currency and locale that every event carries along. */
export function noteContext(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  const locale = textOf(event.message.context?.locale);
  const currency = currencyOf(event.message.properties?.currency);
  return {
    ...facet,
    locale: newerOf(facet.locale, locale === undefined ? undefined : registerOf(event, locale)),
    currency: newerOf(facet.currency, currency === undefined ? undefined : registerOf(event, currency)),
  };
}

/** `identify`: of the traits only the coarse address is kept here. */
export function noteTraits(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  const address = objectOf(event.message.traits?.address);
  const country = textOf(address.country);
  if (country === undefined) return facet;
  const coarse = {
    country: country.length === 2 ? country.toUpperCase() : country,
    region: textOf(address.state) ?? textOf(address.region) ?? '',
    city: textOf(address.city) ?? '',
  };
  return { ...facet, address: newerOf(facet.address, registerOf(event, coarse)) };
}

export function noteTier(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  const tier = textOf(event.message.properties?.tier);
  return tier === undefined
    ? facet
    : { ...facet, loyaltyTier: newerOf(facet.loyaltyTier, registerOf(event, tier)) };
}

export function noteTicket(facet: CheckoutFacet, event: StreamEvent, resolved: boolean): CheckoutFacet {
  const id = textOf(event.message.properties?.ticket_id);
  return id === undefined
    ? facet
    : { ...facet, tickets: newestOf(facet.tickets, [{ id, at: event.at, resolved }], MAX_TICKETS) };
}

/** `Checkout Decision Shown` */
export function noteShown(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  return { ...facet, shown: mergeShown(facet.shown, shownIn(event)) };
}

/** `Order Completed`: of a checkout that a decision was shown in, perhaps in another facet. */
export function noteCompletion(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  return { ...facet, completed: mergeCompletions(facet.completed, completionIn(event)) };
}

/**
 * `Consent Preference Updated` in the shape of Segment's consent management: purposes by name under
 * `context.consent.categoryPreferences`, or under `properties.consent`.
 */
export function noteConsent(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet {
  const choices = {
    ...objectOf(event.message.properties?.consent),
    ...objectOf(objectOf(event.message.context?.consent).categoryPreferences),
  };
  const registers = Object.entries(choices)
    .filter((choice): choice is [string, boolean] => typeof choice[1] === 'boolean' && choice[0].length <= 32)
    .map(([purpose, granted]) => [purpose, registerOf(event, granted)] as const);
  return { ...facet, consent: joinConsent(facet.consent, new Map(registers)) };
}

export function mergeCheckouts(left: CheckoutFacet, right: CheckoutFacet): CheckoutFacet {
  return {
    payment: mergeUses(left.payment, right.payment),
    shipping: mergeUses(left.shipping, right.shipping),
    cart: mergeCarts(left.cart, right.cart),
    address: newerOf(left.address, right.address),
    locale: newerOf(left.locale, right.locale),
    currency: newerOf(left.currency, right.currency),
    loyaltyTier: newerOf(left.loyaltyTier, right.loyaltyTier),
    tickets: newestOf(left.tickets, right.tickets, MAX_TICKETS),
    consent: joinConsent(left.consent, right.consent),
    links: newestOf(left.links, right.links, MAX_LINKS),
    unlinked: newestOf(left.unlinked, right.unlinked, MAX_UNLINKED),
    shown: mergeShown(left.shown, right.shown),
    completed: mergeCompletions(left.completed, right.completed),
    windows: mergeWindows(left.windows, right.windows),
  };
}

/** Short keys: every byte here is stored, written and read millions of times. */
export function encodeCheckout(facet: CheckoutFacet): Json {
  return withoutAbsent({
    p: encodeUses(facet.payment),
    s: encodeUses(facet.shipping),
    c: encodeCart(facet.cart),
    a: encodeRegister(facet.address),
    l: encodeRegister(facet.locale),
    m: encodeRegister(facet.currency),
    y: encodeRegister(facet.loyaltyTier),
    t: listOrAbsent(facet.tickets.map(({ at, id, resolved }) => [at, id, resolved ? 1 : 0])),
    k: listOrAbsent(
      [...facet.consent].map(([purpose, { at, id, value }]) => [purpose, at, id, value ? 1 : 0]),
    ),
    d: listOrAbsent(facet.links.map(({ at, id }) => [at, id])),
    x: listOrAbsent(facet.unlinked.map(({ at, id }) => [at, id])),
    o: encodeShown(facet.shown),
    e: encodeCompletions(facet.completed),
    w: encodeWindows(facet.windows),
  });
}

export function decodeCheckout(stored: Json | undefined): CheckoutFacet {
  const fields = objectOf(stored);
  const tickets = (fields.t ?? []) as readonly [number, string, number][];
  const consent = (fields.k ?? []) as readonly [string, number, string, number][];
  const links = (fields.d ?? []) as readonly [number, string][];
  const unlinked = (fields.x ?? []) as readonly [number, string][];
  return {
    payment: decodeUses(fields.p),
    shipping: decodeUses(fields.s),
    cart: decodeCart(fields.c),
    address: decodeRegister<CoarseAddress>(fields.a),
    locale: decodeRegister<string>(fields.l),
    currency: decodeRegister<string>(fields.m),
    loyaltyTier: decodeRegister<string>(fields.y),
    tickets: tickets.map(([at, id, resolved]) => ({ at, id, resolved: resolved === 1 })),
    consent: new Map(consent.map(([purpose, at, id, value]) => [purpose, { at, id, value: value === 1 }])),
    links: links.map(([at, id]) => ({ at, id })),
    unlinked: unlinked.map(([at, id]) => ({ at, id })),
    shown: decodeShown(fields.o),
    completed: decodeCompletions(fields.e),
    windows: decodeWindows(fields.w),
  };
}

/** Whether what is stored of a `checkout` says no more than which devices were taken away. */
export function saysOnlyPartings(state: string): boolean {
  return Object.keys(objectOf(JSON.parse(state) as Json)).every((field) => field === 'x');
}

function joinConsent(
  left: ReadonlyMap<string, Register<boolean>>,
  right: ReadonlyMap<string, Register<boolean>>,
): ReadonlyMap<string, Register<boolean>> {
  const joined = new Map(left);
  for (const [purpose, choice] of right) joined.set(purpose, newerOf(joined.get(purpose), choice) ?? choice);
  return new Map([...joined].sort(([a], [b]) => comparePurposes(a, b)).slice(0, MAX_PURPOSES));
}

function comparePurposes(left: string, right: string): number {
  const own = Number(OWN_PURPOSES.includes(right)) - Number(OWN_PURPOSES.includes(left));
  return own || (left < right ? -1 : 1);
}

function withoutAbsent(fields: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined),
  );
}

function listOrAbsent(list: readonly Json[]): Json | undefined {
  return list.length > 0 ? list : undefined;
}
