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
}

/** A place where a link is kept. */
export interface LinkPlace {
  readonly key: string;
  readonly item: ItemName;
}

/** Unproven links have this many places in a user's partition: the public cannot bloat it, whatever it sends. */
const UNPROVEN_SLOTS = 8;

/**
 * Devices are linked, never copied. A proven link stands on both sides: the device knows its owner, the user its
 * device. An unproven one stands on the user's side only, in a slot by the device's key, the newest claim winning.
 */
export function placesOf(link: Link): readonly LinkPlace[] {
  if (link.proof === 'none') {
    const slot = hash64(link.device)[1] % UNPROVEN_SLOTS;
    return [{ key: link.user, item: `link#~${slot}` }];
  }
  return [
    { key: link.device, item: 'link' },
    { key: link.user, item: `link#${link.device}` },
  ];
}

/** Whose a device is: its first proven user, or `shared` once a second one was proven on it. */
export type Owner = { readonly user: string } | 'shared';

/** The link joined into what stands in its place: the item to write, or null when it says nothing new. */
export function joinLink(
  stored: StoredItem | undefined,
  place: LinkPlace,
  link: Link,
  now: number,
): StoredItem | null {
  const before = stored?.state;
  const state = JSON.stringify(
    place.item === 'link'
      ? joinOwners(stored, link)
      : link.proof === 'none'
        ? joinClaim(stored, link)
        : joinDevice(stored, link),
  );
  if (state === before) return null;
  return { key: place.key, item: place.item, v: (stored?.v ?? 0) + 1, state, writtenAt: now };
}

/** Undefined: nobody is linked with the device now. */
export function ownerOf(item: StoredItem): Owner | undefined {
  const linked = ownersOf(item).filter(({ linkedAt, unlinkedAt }) => linkedAt > unlinkedAt);
  const [owner, second] = linked;
  if (owner === undefined) return undefined;
  return second === undefined && owner.user !== SHARED_FOR_EVER ? { user: owner.user } : 'shared';
}

export interface LinkedDevice {
  readonly device: string;
  readonly proof: Proof;
  /** ms; when it was first and last seen with this user */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Undefined: the link was taken away and not made again. */
export function linkedDeviceOf(item: StoredItem): LinkedDevice | undefined {
  const { d, p, f, l, x = 0 } = JSON.parse(item.state) as StoredDevice;
  return l > x ? { device: d, proof: p, firstAt: f, lastAt: l } : undefined;
}

/** A user on a device: linked at the later of the two times, or not. Each is a maximum, so order never matters. */
interface OwnerEntry {
  readonly user: string;
  readonly linkedAt: number;
  readonly unlinkedAt: number;
}

/** Beyond this many users a device is everybody's: a till, not a phone. */
const MAX_OWNERS = 8;
const SHARED_FOR_EVER = '*';

function ownersOf(item: StoredItem | undefined): readonly OwnerEntry[] {
  const stored = item === undefined ? [] : (JSON.parse(item.state) as readonly [string, number, number?][]);
  return stored.map(([user, linkedAt, unlinkedAt = 0]) => ({ user, linkedAt, unlinkedAt }));
}

function joinOwners(stored: StoredItem | undefined, link: Link): Json {
  const owners = ownersOf(stored);
  if (owners.some(({ user }) => user === SHARED_FOR_EVER)) return [[SHARED_FOR_EVER, 1]];
  const known = owners.find(({ user }) => user === link.user) ?? {
    user: link.user,
    linkedAt: 0,
    unlinkedAt: 0,
  };
  const joined = link.isUnlinking
    ? { ...known, unlinkedAt: Math.max(known.unlinkedAt, link.at) }
    : { ...known, linkedAt: Math.max(known.linkedAt, link.at) };
  const all = [...owners.filter(({ user }) => user !== link.user), joined].sort((a, b) =>
    a.user < b.user ? -1 : 1,
  );
  if (all.length > MAX_OWNERS) return [[SHARED_FOR_EVER, 1]];
  return all.map(({ user, linkedAt, unlinkedAt }) =>
    unlinkedAt > 0 ? [user, linkedAt, unlinkedAt] : [user, linkedAt],
  );
}

interface StoredDevice {
  readonly d: string;
  readonly p: Proof;
  readonly f: number;
  readonly l: number;
  readonly x?: number;
}

function joinDevice(stored: StoredItem | undefined, link: Link): Json {
  const known = stored && (JSON.parse(stored.state) as StoredDevice);
  const unlinkedAt = Math.max(known?.x ?? 0, link.isUnlinking ? link.at : 0);
  const seenAt = [known?.f ?? 0, link.isUnlinking ? 0 : link.at].filter((at) => at > 0);
  return {
    d: link.device,
    p: known?.p === 'server' ? 'server' : link.proof,
    f: seenAt.length > 0 ? Math.min(...seenAt) : 0,
    l: Math.max(known?.l ?? 0, link.isUnlinking ? 0 : link.at),
    ...(unlinkedAt > 0 && { x: unlinkedAt }),
  };
}

/** A slot holds the newest claim and no more: when that device claimed first is forgotten with every other one. */
function joinClaim(stored: StoredItem | undefined, link: Link): Json {
  const known = stored && (JSON.parse(stored.state) as StoredDevice);
  const isNewer =
    known === undefined || compareDated({ at: known.l, id: known.d }, { at: link.at, id: link.device }) < 0;
  return isNewer
    ? { d: link.device, p: 'none', f: link.at, l: link.at }
    : { d: known.d, p: 'none', f: known.l, l: known.l };
}
