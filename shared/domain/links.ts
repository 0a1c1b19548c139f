import type { ItemName, StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { hash64 } from './hash.ts';
import { compareDated } from './newest.ts';
import type { Proof } from './stream-event.ts';

/** "This device belongs to this user", as an event said it. Keys are HMACs of the subjects. */
export interface Link {
  readonly user: string;
  readonly device: string;
  readonly proof: Proof;
  /** ms of the event */
  readonly at: number;
  /** The event takes the link away: what was linked before `at` is not linked any more. */
  readonly isUnlinking?: boolean;
  /** The device is found to be shared: the user's side is told with the link. */
  readonly isShared?: boolean;
}

/** A place where a link is kept. */
export interface LinkPlace {
  readonly key: string;
  readonly item: ItemName;
}

/** Unproven links have this many places in a user's partition: the public cannot bloat it, whatever it sends. */
const UNPROVEN_SLOTS = 8;

/**
 * Devices are linked, never merged. A proven link stands on both sides, the device's first: the device knows who was
 * proven on it, the user its device. Taking a link away changes the user's side alone. An unproven link stands on
 * the user's side only, in a slot by the device's key, the newest claim winning.
 */
export function placesOf(link: Link): readonly LinkPlace[] {
  if (link.proof === 'none') {
    const slot = hash64(link.device)[1] % UNPROVEN_SLOTS;
    return [{ key: link.user, item: `link#~${slot}` }];
  }
  const ofUser = placeOfDevice(link.user, link.device);
  return link.isUnlinking ? [ofUser] : [{ key: link.device, item: 'link' }, ofUser];
}

/** Where a user's side of a proven link stands. */
export function placeOfDevice(user: string, device: string): LinkPlace {
  return { key: user, item: `link#${device}` };
}

/** Who was proven on a device. */
export type Owner =
  | { readonly isShared: false; readonly user: string }
  | {
      /** For ever: what the device knows may be either's, so it speaks for nobody, whoever gives it back. */
      readonly isShared: true;
      /** Its first user, as long as that one may not have been told. */
      readonly untold?: string;
    };

/** The link joined into what stands in its place: the item to write, or null when it says nothing new. */
export function joinLink(
  stored: StoredItem | undefined,
  place: LinkPlace,
  link: Link,
  now: number,
): StoredItem | null {
  const { device, proof, at, isShared = false } = link;
  if (place.item === 'link') return itemOf(stored, place, joinOwner(stored, link.user), now);
  if (proof === 'none') return itemOf(stored, place, joinClaim(stored, link), now);
  const times = link.isUnlinking ? { unlinkedAt: at } : { seenAt: at };
  // Whoever takes a link away has proven nothing of it.
  const seenBy = link.isUnlinking ? 'none' : proof;
  return itemOf(stored, place, joinDevice(stored, { device, proof: seenBy, isShared, ...times }), now);
}

/**
 * The mark of a shared device joined into the user's side of its link: from then on neither the device nor a copy of
 * it counts for the user. It may come before the link itself: both are joins.
 */
export function joinShared(
  stored: StoredItem | undefined,
  place: LinkPlace,
  device: string,
  now: number,
): StoredItem | null {
  return itemOf(stored, place, joinDevice(stored, { device, proof: 'none', isShared: true }), now);
}

/** A shared device whose first user has been told: from now on it names nobody. Null: so it is. */
export function forgetFirstUser(stored: StoredItem, now: number): StoredItem | null {
  return itemOf(stored, { key: stored.key, item: 'link' }, { s: 1 }, now);
}

export function ownerOf(item: StoredItem): Owner {
  const { u, s } = JSON.parse(item.state) as StoredOwner;
  if (s === 1 || u === undefined) return { isShared: true, ...(u !== undefined && { untold: u }) };
  return { isShared: false, user: u };
}

export interface LinkedDevice {
  readonly device: string;
  readonly proof: Proof;
  /** ms; when it was first and last seen with this user */
  readonly firstAt: number;
  readonly lastAt: number;
  /** ms; when the link last changed, which is later than `lastAt` if the event came late */
  readonly notedAt: number;
  /** Others were proven on it too: it does not count. */
  readonly isShared: boolean;
}

/** Undefined: the link was taken away and not made again. */
export function linkedDeviceOf(item: StoredItem): LinkedDevice | undefined {
  const { d, p, f, l, x = 0, s } = JSON.parse(item.state) as StoredDevice;
  if (l <= x) return undefined;
  return {
    device: d,
    proof: p,
    firstAt: f,
    lastAt: l,
    notedAt: item.writtenAt ?? 0,
    isShared: s === 1,
  };
}

function itemOf(
  stored: StoredItem | undefined,
  place: LinkPlace,
  joined: Json,
  now: number,
): StoredItem | null {
  const state = JSON.stringify(joined);
  if (state === stored?.state) return null;
  return { key: place.key, item: place.item, v: (stored?.v ?? 0) + 1, state, writtenAt: now };
}

interface StoredOwner {
  readonly u?: string;
  readonly s?: 1;
}

/**
 * The first user stays named until told: it is the only one who can have been linked before the device was shared;
 * every later one finds that out with its own link.
 */
function joinOwner(stored: StoredItem | undefined, user: string): Json {
  if (stored === undefined) return { u: user };
  const { u, s } = JSON.parse(stored.state) as StoredOwner;
  // Stryker disable next-line ConditionalExpression: JSON leaves out what is undefined
  return { ...(u !== undefined && { u }), ...((s === 1 || u !== user) && { s: 1 }) };
}

/**
 * A user's side of a link, proven or claimed, without what it said up to a time; what was said later stays. It reads as a
 * parting at that time, so that no word from before makes the link again. Null: it says nothing from before.
 *
 * @param seenAt ms; when the user was there last, as far as it is known elsewhere: a visit of the same day makes no link again
 */
export function eraseLink(
  stored: StoredItem | undefined,
  place: LinkPlace,
  erasedAt: number,
  now: number,
  seenAt = 0,
): StoredItem | null {
  const known = stored && (JSON.parse(stored.state) as StoredDevice);
  const { x = 0, z: erasedBefore = 0, s } = known ?? {};
  const z = Math.max(erasedBefore, erasedAt);
  const lastAt = Math.max(known?.l ?? 0, seenAt);
  const later = lastAt > z ? known : undefined;
  const left: StoredDevice = {
    d: isClaimPlace(place.item) ? (later?.d ?? '') : deviceIn(place.item),
    p: later?.p ?? 'none',
    // When the first visit since was is not known: no earlier than this.
    f: later === undefined ? 0 : Math.max(later.f, z + 1),
    l: later === undefined ? 0 : lastAt,
    x: Math.max(x, z),
    z,
    // Stryker disable next-line ConditionalExpression: JSON leaves out what is undefined
    ...(s === 1 && { s }),
  };
  return itemOf(stored, place, { ...left }, now);
}

/** Whether a user's side of a link says no more than that it was erased. */
export function isErasedLink(item: StoredItem): boolean {
  const { l, x = 0, z = 0 } = JSON.parse(item.state) as StoredDevice;
  return l === 0 && z > 0 && x <= z;
}

/**
 * Whether a user's side of a link was erased, and nothing came into it since but words from before that were on their way: they do
 * not count, and do not make a parting of it.
 */
export function wasLinkErased(item: StoredItem): boolean {
  const { l, x = 0, z = 0 } = JSON.parse(item.state) as StoredDevice;
  return z > 0 && l <= z && x <= z;
}

/**
 * Whether a user's side of a link leads an erasing of its user to nothing any more: that one has been there, or nothing was ever seen.
 * What it says of before was on its way then.
 *
 * @param erasedAt ms; as of when the user is erased
 */
export function leadsNowhere(item: StoredItem, erasedAt: number): boolean {
  const { l, z = 0 } = JSON.parse(item.state) as StoredDevice;
  return l === 0 || z >= erasedAt;
}

/** Whether a user's side of a link leads an erasing of its user (as of a time, ms) to the device: it counts, and did by then. */
export function leadsToDevice(item: StoredItem, erasedAt: number): boolean {
  const { f, l, x = 0, z = 0 } = JSON.parse(item.state) as StoredDevice;
  return l > x && f <= erasedAt && z < erasedAt;
}

/** Whether a user's side of a link was first seen, or if it never was then taken away, after a time (ms). */
export function isLinkSince(item: StoredItem, at: number): boolean {
  const { f, x = 0 } = JSON.parse(item.state) as StoredDevice;
  return (f > 0 ? f : x) > at;
}

/** The places where devices claim a user without proof. */
export const CLAIM_PLACES: readonly ItemName[] = Array.from(
  { length: UNPROVEN_SLOTS },
  (_, slot) => `link#~${slot}` as const,
);

export function isClaimPlace(item: ItemName): boolean {
  return item.startsWith('link#~');
}

/** The device that the place of a user's proven link is named after. */
export function deviceIn(place: ItemName): string {
  return place.slice('link#'.length);
}

interface StoredDevice {
  readonly d: string;
  readonly p: Proof;
  readonly f: number;
  readonly l: number;
  /** Nothing up to then counts: it was taken away, or erased … */
  readonly x?: number;
  /** … up to then. */
  readonly z?: number;
  readonly s?: 1;
}

/** Each time is a maximum or a minimum and the mark is for ever, so that order never matters. */
function joinDevice(
  stored: StoredItem | undefined,
  news: {
    readonly device: string;
    readonly proof: Proof;
    readonly isShared: boolean;
    readonly seenAt?: number;
    readonly unlinkedAt?: number;
  },
): Json {
  const known = stored && (JSON.parse(stored.state) as StoredDevice);
  const unlinkedAt = Math.max(known?.x ?? 0, news.unlinkedAt ?? 0);
  const seenAt = [known?.f ?? 0, news.seenAt ?? 0].filter((at) => at > 0);
  return {
    d: news.device,
    // Stryker disable next-line StringLiteral: what weighs nothing is no better than "none"
    p: betterProof(known?.p ?? 'none', news.proof),
    f: seenAt.length > 0 ? Math.min(...seenAt) : 0,
    l: Math.max(known?.l ?? 0, news.seenAt ?? 0),
    ...(unlinkedAt > 0 && { x: unlinkedAt }),
    ...(known?.z !== undefined && { z: known.z }),
    ...((known?.s === 1 || news.isShared) && { s: 1 }),
  };
}

const PROOF_WEIGHT: Readonly<Record<Proof, number>> = { none: 0, token: 1, server: 2 };

function betterProof(left: Proof, right: Proof): Proof {
  // Stryker disable next-line EqualityOperator: of two that weigh the same either is the other
  return PROOF_WEIGHT[left] >= PROOF_WEIGHT[right] ? left : right;
}

/** A slot holds the newest claim and no more: when that device claimed first is forgotten with every other one. */
function joinClaim(stored: StoredItem | undefined, link: Link): Json {
  const known = stored && (JSON.parse(stored.state) as StoredDevice);
  if (known === undefined) return { d: link.device, p: 'none', f: link.at, l: link.at };
  const { d, l, x, z } = known;
  // Stryker disable next-line EqualityOperator: of two that are the same either will do
  const isNewer = link.at > (x ?? 0) && compareDated({ at: l, id: d }, { at: link.at, id: link.device }) < 0;
  const [device, at] = isNewer ? [link.device, link.at] : [d, l];
  // Stryker disable next-line ConditionalExpression: JSON leaves out what is undefined
  return { d: device, p: 'none', f: at, l: at, ...(x !== undefined && { x }), ...(z !== undefined && { z }) };
}
