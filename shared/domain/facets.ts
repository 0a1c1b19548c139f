import { decodeBrowse, encodeBrowse, type BrowseFacet } from './browse-facet.ts';
import {
  decodeCheckout,
  encodeCheckout,
  MAX_LINKS,
  MAX_UNLINKED,
  noteContext,
  type CheckoutFacet,
} from './checkout-facet.ts';
import { ruleOf, UNLINK_EVENT, type EventRule } from './events.ts';
import { hashText } from './hash.ts';
import type { FacetName, StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { joinEntries, type Ledger, type LedgerEntry } from './ledger.ts';
import { decodeLedger, encodeLedger } from './ledger-codec.ts';
import type { Link } from './links.ts';
import { addUse } from './method-uses.ts';
import { newestOf } from './newest.ts';
import { ringLength } from './ring.ts';
import { noteWindows, prepareWindows, standingAt, type KeptWindows } from './segments/kept-windows.ts';
import type { Window } from './segments/window.ts';
import type { StreamEvent } from './stream-event.ts';

/** How one kind of facet is read, changed and written. `apply` may throw: then the event is poison. */
export interface FacetDefinition<State> {
  readonly decode: (stored: Json | undefined) => State;
  readonly encode: (state: State) => Json;
  /** `windows`: what segments look back at, as far as this facet keeps it. */
  readonly apply: (state: State, event: StreamEvent, windows: readonly Window[]) => State;
  /** Before the first event of a batch; `asOf`: `receivedAt` of the newest event applied so far, ms, 0: none. */
  readonly prepare: (state: State, windows: readonly Window[], asOf: number) => State;
  /** Messages remembered (invariant 2); 0: entries are keyed by their own ids and need no ring. */
  readonly ringCapacity: number;
}

/** How many of its messages each facet remembers. */
export function ringCapacityOf(facet: FacetName): number {
  switch (facet) {
    case 'checkout':
    case 'claims':
      return CRITICAL_RING;
    case 'browse':
    case 'claims-browse':
      return BULK_RING;
    case 'orders':
      return 0;
  }
}

/** Whether a facet's ring holds every message that it ever took: a full one may have forgotten some. */
export function remembersAll(facet: FacetName, ring: Uint8Array): boolean {
  return ringLength(ring) < ringCapacityOf(facet);
}

const CRITICAL_RING = 32;
const BULK_RING = 128;
const DAY_MS = 86_400_000;

/** What the fold holds of `checkout` or `claims`: the facet and the links that its new events ask for. */
export interface CheckoutWork {
  readonly facet: CheckoutFacet;
  readonly links: readonly Link[];
}

export const CHECKOUT: FacetDefinition<CheckoutWork> = {
  decode: (stored) => ({ facet: decodeCheckout(stored), links: [] }),
  encode: ({ facet }) => encodeCheckout(facet),
  prepare: ({ facet, links }, windows, asOf) => ({ facet: withWindows(facet, windows, asOf), links }),
  apply: ({ facet, links }, event, windows) => {
    const rule: EventRule = ruleOf(event.message);
    const noted = noteEvent(noteContext(facet, event), windows, event);
    const changed = rule.checkout?.(noted, event) ?? noted;
    const link = linkOf(event);
    if (link === undefined) return { facet: changed, links };
    return { facet: rememberLink(changed, link), links: [...links, ...linksAsked(facet, link)] };
  },
  ringCapacity: CRITICAL_RING,
};

/** Of a claim only orderings are learned: no cart, address, consent, and no link (invariant 7). */
export const CLAIMS: FacetDefinition<CheckoutFacet> = {
  decode: decodeCheckout,
  encode: encodeCheckout,
  prepare: (facet) => facet,
  apply: (facet, event) => ({
    ...facet,
    payment: addUse(facet.payment, event, 'payment_method'),
    shipping: addUse(facet.shipping, event, 'shipping_method'),
  }),
  ringCapacity: CRITICAL_RING,
};

export const BROWSE: FacetDefinition<BrowseFacet> = {
  decode: decodeBrowse,
  encode: encodeBrowse,
  prepare: withWindows,
  apply: (facet, event, windows) => {
    const rule: EventRule = ruleOf(event.message);
    const noted = noteEvent(facet, windows, event);
    return rule.browse?.(noted, event) ?? noted;
  },
  ringCapacity: BULK_RING,
};

/** What the fold holds of `orders`: the ledger as stored and what is to be booked into it. */
export interface OrdersWork {
  readonly ledger: Ledger;
  readonly changes: readonly LedgerEntry[];
}

export const ORDERS: FacetDefinition<OrdersWork> = {
  decode: (stored) => ({ ledger: decodeLedger(stored), changes: [] }),
  encode: ({ ledger }) => encodeLedger(ledger),
  prepare: (work) => work,
  apply: (work, event) => {
    const rule: EventRule = ruleOf(event.message);
    const change = rule.orders?.(event);
    return change === undefined || saysNothingNew(work, change)
      ? work
      : { ...work, changes: [...work.changes, change] };
  },
  ringCapacity: 0,
};

function withWindows<Facet extends { readonly windows: KeptWindows }>(
  facet: Facet,
  windows: readonly Window[],
  asOf: number,
): Facet {
  return { ...facet, windows: prepareWindows(standingAt(asOf, facet).windows, windows) };
}

function noteEvent<Facet extends { readonly windows: KeptWindows }>(
  facet: Facet,
  windows: readonly Window[],
  event: StreamEvent,
): Facet {
  return windows.length === 0 ? facet : { ...facet, windows: noteWindows(facet.windows, windows, event) };
}

function saysNothingNew(work: OrdersWork, change: LedgerEntry): boolean {
  const known = [...work.ledger.entries, ...work.changes].filter((entry) => entry.id === change.id);
  const [first, ...others] = known;
  if (first === undefined) return false;
  const entry = others.reduce(joinEntries, first);
  return JSON.stringify(joinEntries(entry, change)) === JSON.stringify(entry);
}

/**
 * The links to be made for one event. A visit makes its link once a day, since that is as exact as "recently active"
 * needs to be; but a visit after an unlinking always does, and an unlinking that comes late brings back the visits
 * after it that were spared, so that the links stand as if events had come in the order of their time.
 */
function linksAsked(facet: CheckoutFacet, link: Link): readonly Link[] {
  const id = memoryName(link);
  const known = facet.links.find((entry) => entry.id === id);
  // 0: it was only ever taken away.
  const seenAt = known?.at === 0 ? undefined : known?.at;
  const unlinkedAt = facet.unlinked.find((entry) => entry.id === id)?.at ?? 0;
  // Neither linked nor remembered, and never will be: there is nothing to be taken away either.
  if (known === undefined && facet.links.length >= MAX_LINKS) return [];
  if (link.isUnlinking) {
    return seenAt !== undefined && seenAt > link.at
      ? [link, { ...link, at: seenAt, isUnlinking: false }]
      : [link];
  }
  if (seenAt === undefined) return [link];
  const isNewDay = Math.floor(link.at / DAY_MS) > Math.floor(seenAt / DAY_MS);
  const isBack = link.at > unlinkedAt && seenAt <= unlinkedAt;
  return isNewDay || isBack ? [link] : [];
}

/**
 * What linksAsked looks at; beyond the limit new devices are neither linked nor remembered. One that is only taken away counts
 * among them, as never seen: that it is, is kept where its link would be.
 */
function rememberLink(facet: CheckoutFacet, link: Link): CheckoutFacet {
  const id = memoryName(link);
  const isKnown = facet.links.some((entry) => entry.id === id);
  if (!isKnown && facet.links.length >= MAX_LINKS) return facet;
  const links = newestOf(facet.links, [{ id, at: link.isUnlinking ? 0 : link.at }], MAX_LINKS);
  if (!link.isUnlinking) return { ...facet, links };
  return { ...facet, links, unlinked: newestOf(facet.unlinked, [{ id, at: link.at }], MAX_UNLINKED) };
}

/**
 * A user's `checkout` once a device of theirs was erased alone: as if it had been given back then, so that a visit after it makes
 * the link again. Where none is there yet, too: the fold that has made the link must not find its place empty. Null: they were
 * there since, or it says so already.
 *
 * @param at ms; as of when the device was erased
 * @param now ms; when it is written
 */
export function noteErasedDevice(
  user: string,
  stored: StoredItem | undefined,
  device: string,
  at: number,
  now: number,
): StoredItem | null {
  // Of whoever was erased themselves since nothing is remembered that could mislead.
  if ((stored?.erasedAt ?? -1) >= at) return null;
  const { v, state: before, ...rest } = stored ?? { key: user, item: 'checkout', v: 0, state: '{}' };
  const facet = decodeCheckout(JSON.parse(before) as Json);
  const memory = { id: deviceName(device), at };
  // Where it is not remembered, too: a fold may have made the link, and not yet written that it did.
  if (facet.links.some(({ id, at: seenAt }) => id === memory.id && seenAt > at)) return null;
  const unlinked = newestOf(facet.unlinked, [memory], MAX_UNLINKED);
  const state = JSON.stringify(encodeCheckout({ ...facet, unlinked }));
  return state === before ? null : { ...rest, v: v + 1, state, writtenAt: now };
}

/** ms; when a user was last seen on a device, as their `checkout` remembers; 0: never. */
export function seenOnDevice(stored: StoredItem | undefined, device: string): number {
  if (stored === undefined) return 0;
  const { links } = decodeCheckout(JSON.parse(stored.state) as Json);
  return links.find(({ id }) => id === deviceName(device))?.at ?? 0;
}

/** The other side of a link, as the facet of this side remembers it. */
function memoryName(link: Link): string {
  return link.proof === 'none' ? hashText(link.user, 8) : deviceName(link.device);
}

function deviceName(device: string): string {
  return hashText(device, 8);
}

/** The link that an event speaks of, if it names both a user and a device. */
export function linkOf(event: StreamEvent): Link | undefined {
  const { user, device } = event.keys;
  if (user === undefined || device === undefined || event.subject.kind === 'claims') return undefined;
  const isProven = event.subject.kind === 'user';
  const isUnlinking = event.message.event === UNLINK_EVENT;
  // What was never proven has nothing to be taken away but its claim, and claims pass by themselves.
  if (isUnlinking && !isProven) return undefined;
  return {
    user,
    device,
    proof: isProven ? event.proof : 'none',
    at: event.at,
    ...(isUnlinking && { isUnlinking }),
  };
}
