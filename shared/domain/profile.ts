import { countsByMonth, decodeBrowse, EMPTY_BROWSE, mergeBrowses, type BrowseFacet } from './browse-facet.ts';
import { openCart } from './cart.ts';
import { decodeCheckout, EMPTY_CHECKOUT, mergeCheckouts, type CheckoutFacet } from './checkout-facet.ts';
import { FIRST_PAGE, type StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { EMPTY_LEDGER, mergeLedgers, totalsOf, withPage, type Ledger } from './ledger.ts';
import { decodeEntries, decodeLedger } from './ledger-codec.ts';
import { linkedDeviceOf, ownerOf, type LinkedDevice, type Owner } from './links.ts';
import { habitsOf, mergeUses, type MethodUses } from './method-uses.ts';

/** What a reader sees of a subject: its facets, and whom it is linked with. */
export interface Profile {
  readonly exists: boolean;
  readonly checkout: CheckoutFacet;
  readonly orders: Ledger;
  readonly browse: BrowseFacet;
  /** Orderings that somebody claimed to be this user's; they move orderings and nothing else (invariant 7). */
  readonly claims: { readonly payment: MethodUses; readonly shipping: MethodUses };
  /** Who was proven on a device; absent: nobody. */
  readonly owner?: Owner;
  readonly devices: readonly LinkedDevice[];
  /** The freshest facet: `receivedAt` of the newest event applied, and its write time less that; ms. */
  readonly freshness?: { readonly asOf: number; readonly lagMs: number };
}

export const NO_PROFILE: Profile = {
  exists: false,
  checkout: EMPTY_CHECKOUT,
  orders: EMPTY_LEDGER,
  browse: EMPTY_BROWSE,
  claims: { payment: [], shipping: [] },
  devices: [],
};

/** A subject's items, as its profile; pages of old orders may be among them or not. Throws if an item is not what the fold wrote. */
export function profileOf(items: readonly StoredItem[]): Profile {
  const profile = items.reduce(addItem, NO_PROFILE);
  const pages = items.filter(({ item }) => item.startsWith(FIRST_PAGE));
  const orders = pages.reduce(
    (ledger, { item, state }) =>
      withPage(ledger, item.slice(FIRST_PAGE.length), decodeEntries(JSON.parse(state) as Json)),
    profile.orders,
  );
  return pages.length === 0 ? profile : { ...profile, orders };
}

function addItem(profile: Profile, item: StoredItem): Profile {
  if (item.item === 'link') return { ...profile, owner: ownerOf(item) };
  if (item.item.startsWith('link#')) {
    const device = linkedDeviceOf(item);
    return device === undefined ? profile : { ...profile, devices: [...profile.devices, device] };
  }
  if (item.item.startsWith(FIRST_PAGE)) return profile;
  const state = JSON.parse(item.state) as Json;
  const known = { ...profile, exists: true, ...fresher(profile, item) };
  switch (item.item) {
    case 'checkout':
      return { ...known, checkout: decodeCheckout(state) };
    case 'orders':
      return { ...known, orders: decodeLedger(state) };
    case 'browse':
      return { ...known, browse: decodeBrowse(state) };
    case 'claims': {
      const { payment, shipping } = decodeCheckout(state);
      return { ...profile, claims: { payment, shipping } };
    }
    default:
      return profile;
  }
}

/**
 * A user together with a device that is proven to be theirs, read as one. What the device learned before it was
 * linked counts too; nothing is copied, so taking the device away again restores the user exactly.
 */
export function mergeProfiles(user: Profile, device: Profile): Profile {
  return {
    ...user,
    exists: user.exists || device.exists,
    checkout: mergeCheckouts(user.checkout, device.checkout),
    orders: mergeLedgers(user.orders, device.orders),
    browse: mergeBrowses(user.browse, device.browse),
    freshness: [user.freshness, device.freshness]
      .filter((freshness) => freshness !== undefined)
      .sort((a, b) => b.asOf - a.asOf)[0],
  };
}

/**
 * A user together with a device that only claims to be theirs: its orderings count, nothing else does (invariant 7).
 */
export function mergeClaim(user: Profile, device: Profile): Profile {
  return {
    ...user,
    claims: {
      payment: mergeUses(user.claims.payment, device.checkout.payment),
      shipping: mergeUses(user.claims.shipping, device.checkout.shipping),
    },
  };
}

/** How many devices of a user are read beside the one that asks; each is a Query within the decision's deadline. */
const MAX_DEVICES_READ = 4;

/** The devices worth reading for a user, proven ones first, then the most recent; never the one that asks. */
export function devicesToRead(user: Profile, askingDeviceKey: string | undefined): readonly LinkedDevice[] {
  const proven = (device: LinkedDevice): number => (device.proof === 'none' ? 1 : 0);
  const distinct = new Map(
    [...user.devices].sort((a, b) => proven(b) - proven(a)).map((device) => [device.device, device]),
  );
  return [...distinct.values()]
    .filter(({ device, isShared }) => device !== askingDeviceKey && !isShared)
    .sort((a, b) => proven(a) - proven(b) || b.lastAt - a.lastAt || (a.device < b.device ? -1 : 1))
    .slice(0, MAX_DEVICES_READ);
}

/** Whether a device may speak for a user who is proven on it now: it must never have had another one. */
export function speaksFor(device: Profile, userKey: string): boolean {
  const { owner } = device;
  return owner === undefined || (!owner.isShared && owner.user === userKey);
}

/** The uses that orderings are made from: the subject's own, and what was claimed in its name. */
export function paymentUses(profile: Profile): MethodUses {
  return mergeUses(profile.checkout.payment, profile.claims.payment);
}

export function shippingUses(profile: Profile): MethodUses {
  return mergeUses(profile.checkout.shipping, profile.claims.shipping);
}

/** The profile as the HTTP API shows it (`GET /v1/profiles/{subject}`). Amounts in minor units, times ISO 8601. */
export function describeProfile(subject: string, profile: Profile): Json {
  const { checkout, browse } = profile;
  const totals = totalsOf(profile.orders);
  const cart = openCart(checkout.cart);
  return {
    subject,
    exists: profile.exists,
    asOf: profile.freshness ? isoTime(profile.freshness.asOf) : null,
    lagMs: profile.freshness?.lagMs ?? null,
    links: profile.devices.map(({ device, proof, firstAt, lastAt }) => ({
      key: device,
      proof,
      firstAt: isoTime(firstAt),
      lastAt: isoTime(lastAt),
    })),
    shared: profile.owner?.isShared ?? false,
    checkout: {
      payment: describeHabits(checkout.payment),
      shipping: describeHabits(checkout.shipping),
      cart: cart
        ? {
            lines: cart.lines.map((line) => ({ ...line })),
            currency: cart.currency,
            updatedAt: isoTime(cart.updatedAt),
          }
        : null,
      address: checkout.address?.value ?? null,
      locale: checkout.locale?.value ?? null,
      currency: checkout.currency?.value ?? null,
      loyaltyTier: checkout.loyaltyTier?.value ?? null,
      tickets: checkout.tickets.map(({ id, at, resolved }) => ({ id, at: isoTime(at), resolved })),
    },
    orders: {
      count: totals.orders,
      totals: Object.fromEntries(totals.spent),
      cancelled: totals.cancelled,
      delivered: totals.delivered,
      refunds: { count: totals.refunds, totals: Object.fromEntries(totals.refunded) },
      points: totals.points,
      firstAt: totals.firstAt > 0 ? isoTime(totals.firstAt) : null,
      lastAt: totals.lastAt > 0 ? isoTime(totals.lastAt) : null,
    },
    browse: {
      viewed: newestFirst(browse.viewed).map(({ id, at, category }) => ({
        productId: id,
        category,
        at: isoTime(at),
      })),
      categories: describeCategories(browse),
      searches: newestFirst(browse.searches).map(({ id, at }) => ({ query: id, at: isoTime(at) })),
      views: countsByMonth(browse, 'view'),
      pages: countsByMonth(browse, 'page'),
      unknownEvents: Object.fromEntries(browse.unknown),
    },
    segments: [],
    consent: Object.fromEntries([...checkout.consent].map(([purpose, { value }]) => [purpose, value])),
  };
}

function describeHabits(uses: MethodUses): Json {
  return Object.fromEntries(
    habitsOf(uses).map(({ method, uses: count, lastAt }) => [
      method,
      { uses: count, lastAt: isoTime(lastAt) },
    ]),
  );
}

function describeCategories(browse: BrowseFacet): Json {
  const counts = new Map<string, number>();
  for (const { category } of browse.viewed) {
    if (category !== '') counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function newestFirst<Entry>(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].reverse();
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function fresher(profile: Profile, item: StoredItem): Pick<Profile, 'freshness'> {
  const { newestReceivedAt, writtenAt } = item;
  if (newestReceivedAt === undefined || writtenAt === undefined) return {};
  if (profile.freshness !== undefined && profile.freshness.asOf >= newestReceivedAt) return {};
  return { freshness: { asOf: newestReceivedAt, lagMs: writtenAt - newestReceivedAt } };
}
