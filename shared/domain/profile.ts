import { countsByMonth, decodeBrowse, type BrowseFacet } from './browse-facet.ts';
import { openCart } from './cart.ts';
import { decodeCheckout } from './checkout-facet.ts';
import { decodeCopy, isDeviceCopy, type DeviceCopy } from './device-copy.ts';
import { isTombstone } from './erasure.ts';
import { NO_FACTS, type Facts } from './facts.ts';
import { FIRST_PAGE, type StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { totalsOf, withPage } from './ledger.ts';
import { decodeEntries, decodeLedger } from './ledger-codec.ts';
import { linkedDeviceOf, ownerOf, type LinkedDevice, type Owner } from './links.ts';
import { habitsOf, mergeUses, type MethodUses } from './method-uses.ts';
import { standingAt } from './segments/kept-windows.ts';
import { decodeStandings } from './segments/standing.ts';

/** What a reader sees of a subject: its facets, and whom it is linked with. */
export interface Profile extends Facts {
  /** Orderings that somebody claimed to be this user's; they move orderings and nothing else (invariant 7). */
  readonly claims: { readonly payment: MethodUses; readonly shipping: MethodUses };
  /** Who was proven on a device; absent: nobody. */
  readonly owner?: Owner;
  readonly devices: readonly LinkedDevice[];
  /** Everything known was erased, and nothing has come since: to whoever asks, it is as if nobody had ever come. */
  readonly isErased?: boolean;
  /** Of devices that were silent; which of them count, the links say. */
  readonly copies: readonly DeviceCopy[];
  /** What was last found of the segments that are announced; absent: nothing was. */
  readonly membership?: StoredItem;
}

export const NO_PROFILE: Profile = {
  ...NO_FACTS,
  claims: { payment: [], shipping: [] },
  devices: [],
  copies: [],
};

/** What was on its way into a user's partition while it was erased, and has landed since, counts as little as the rest. */
function withoutErased(profile: Profile, items: readonly StoredItem[]): Profile {
  const erasedAt = items.find(({ item }) => item === 'checkout')?.erasedAt;
  if (erasedAt === undefined) return profile;
  return {
    ...profile,
    ...(!profile.exists && { isErased: true }),
    devices: profile.devices.filter(({ lastAt }) => lastAt > erasedAt),
    copies: profile.copies.filter(({ takenAt }) => takenAt > erasedAt),
  };
}

/** A subject's items, as its profile; pages of old orders may be among them or not. Throws if an item is not what the fold wrote. */
export function profileOf(items: readonly StoredItem[]): Profile {
  const profile = withoutErased(items.reduce(addItem, NO_PROFILE), items);
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
  if (item.item === 'membership') return { ...profile, membership: item };
  if (isDeviceCopy(item.item)) return { ...profile, copies: [...profile.copies, decodeCopy(item)] };
  if (item.item.startsWith(FIRST_PAGE)) return profile;
  const state = JSON.parse(item.state) as Json;
  const exists = profile.exists || !isTombstone(item);
  const known = { ...profile, exists, ...fresher(profile, item) };
  switch (item.item) {
    case 'checkout':
      return { ...known, checkout: standingAt(item.newestReceivedAt, decodeCheckout(state)) };
    case 'orders':
      return { ...known, orders: decodeLedger(state) };
    case 'browse':
      return { ...known, browse: standingAt(item.newestReceivedAt, decodeBrowse(state)) };
    case 'claims': {
      const { payment, shipping } = decodeCheckout(state);
      return { ...profile, claims: { payment, shipping } };
    }
    default:
      return profile;
  }
}

/** The uses that orderings are made from: the subject's own, and what was claimed in its name. */
export function paymentUses({ checkout, claims }: Profile): MethodUses {
  return withClaims(checkout.payment, claims.payment);
}

export function shippingUses({ checkout, claims }: Profile): MethodUses {
  return withClaims(checkout.shipping, claims.shipping);
}

function withClaims(own: MethodUses, claimed: MethodUses): MethodUses {
  return claimed.length === 0 ? own : mergeUses(own, claimed);
}

/**
 * The profile as the HTTP API shows it (`GET /v1/profiles/{subject}`). Amounts in minor units, times ISO 8601.
 *
 * @param isPartial devices of the user are missing in it
 * @param segments ids of those that the subject is in
 */
export function describeProfile(
  subject: string,
  profile: Profile,
  isPartial = false,
  segments: readonly string[] = [],
): Json {
  const { checkout, browse } = profile;
  const totals = totalsOf(profile.orders);
  const cart = openCart(checkout.cart);
  const standings = decodeStandings(profile.membership).bySegment;
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
    shared: (profile.owner?.isShared ?? false) && !(profile.isErased ?? false),
    partial: isPartial,
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
    segments,
    enteredAt: Object.fromEntries(
      segments.flatMap((id) => {
        const standing = standings.get(id);
        return standing?.isIn === true ? [[id, isoTime(standing.since)]] : [];
      }),
    ),
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
