import type { ItemName, StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { hash64 } from './hash.ts';
import { compareDated } from './newest.ts';
import { objectOf } from './property.ts';
import type { Proof } from './stream-event.ts';

/** "This device belongs to this user", as an event said it. Keys are HMACs of the subjects. */
export interface Link {
  readonly user: string;
  readonly device: string;
  readonly proof: Proof;
  /** ms of the event */
  readonly at: number;
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
  const state = JSON.stringify(place.item === 'link' ? joinOwner(stored, link) : joinDevice(stored, link));
  if (state === before) return null;
  return { key: place.key, item: place.item, v: (stored?.v ?? 0) + 1, state, writtenAt: now };
}

export function ownerOf(item: StoredItem): Owner {
  const { u } = objectOf(JSON.parse(item.state) as Json);
  return typeof u === 'string' ? { user: u } : 'shared';
}

export interface LinkedDevice {
  readonly device: string;
  readonly proof: Proof;
  readonly firstAt: number;
  readonly lastAt: number;
}

export function linkedDeviceOf(item: StoredItem): LinkedDevice {
  const { d, p, f, l } = JSON.parse(item.state) as { d: string; p: Proof; f: number; l: number };
  return { device: d, proof: p, firstAt: f, lastAt: l };
}

function joinOwner(stored: StoredItem | undefined, link: Link): Json {
  if (stored === undefined) return { u: link.user };
  const owner = ownerOf(stored);
  return owner !== 'shared' && owner.user === link.user ? { u: link.user } : { u: 0 };
}

function joinDevice(stored: StoredItem | undefined, link: Link): Json {
  const known = stored && linkedDeviceOf(stored);
  if (link.proof === 'none') {
    // A slot holds the newest claim and no more: when that device claimed first is forgotten with every other one.
    const isNewer =
      known === undefined ||
      compareDated({ at: known.lastAt, id: known.device }, { at: link.at, id: link.device }) < 0;
    return isNewer
      ? { d: link.device, p: 'none', f: link.at, l: link.at }
      : { d: known.device, p: 'none', f: known.lastAt, l: known.lastAt };
  }
  const proof = known?.proof === 'server' ? 'server' : link.proof;
  return {
    d: link.device,
    p: proof,
    f: Math.min(known?.firstAt ?? link.at, link.at),
    l: Math.max(known?.lastAt ?? link.at, link.at),
  };
}
