import pLimit from 'p-limit';
import { copyName } from '../domain/device-copy.ts';
import {
  entomb,
  facetsToErase,
  isErased,
  isTombstone,
  restToErase,
  type Suppression,
  type SuppressionKind,
} from '../domain/erasure.ts';
import { noteErasedDevice, seenOnDevice } from '../domain/facets.ts';
import type { ItemName, StoredItem } from '../domain/item.ts';
import {
  deviceIn,
  forgetFirstUser,
  isClaimPlace,
  isLinkSince,
  linkedDeviceOf,
  ownerOf,
  placeOfDevice,
  wasLinkErased,
  type LinkPlace,
} from '../domain/links.ts';
import type { Clock } from '../ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../ports/profile-store.ts';
import type { Suppressions } from '../ports/suppressions.ts';
import { joinItem } from './join-item.ts';

export interface ErasePorts {
  readonly store: ProfileStore;
  readonly suppressions: Suppressions;
  readonly clock: Clock;
}

/** What an erasing found. */
export interface Erased {
  /** Stored items that said something, and say nothing now. */
  readonly items: number;
  /** Devices that were erased with their user. */
  readonly devices: number;
  /** Devices that others use too: they speak for nobody, name nobody now, and are otherwise left as they are. */
  readonly sharedDevices: number;
  /** ms; as of when: the time asked for, or that of what came in meanwhile, which is erased with it. */
  readonly erasedAt: number;
}

const WRITES_IN_FLIGHT = 16;
const DEVICES_IN_FLIGHT = 4;
/** Somebody else writes in between: a fold of one event, rarely more. */
const MAX_TRIES = 10;

/**
 * Erases a subject as of a time: a user with all its devices, or a device alone. First it is put down that it is erased, then
 * its facets become tombstones, then all else; what leads to the rest goes last. So it may end anywhere, and another call
 * completes it; and whatever is written at the same time is either overwritten or finds the tombstone.
 *
 * @throws StoreUnavailable the subject is perhaps erased in part: to be called again
 * @example
 * await eraseSubject({ key: keyOf('u:42'), kind: 'user', erasedAt: clock.now() }, { store, suppressions, clock });
 */
export async function eraseSubject(suppression: Suppression, ports: ErasePorts): Promise<Erased> {
  const { key, kind } = suppression;
  const { items, found, erasedAt } = await erasePartition(suppression, ports);
  if (kind !== 'user') {
    const user = kind === 'device' ? namedBy(found.find(({ item }) => item === 'link')) : undefined;
    const ties = user === undefined ? 0 : await untie(user, key, erasedAt, ports);
    return { items: items + ties, devices: 0, sharedDevices: 0, erasedAt };
  }
  const fates = await pLimit(DEVICES_IN_FLIGHT).map(found.filter(isDeviceSide), (side) =>
    eraseDeviceOf(side, erasedAt, ports),
  );
  return {
    items: fates.reduce((sum, fate) => sum + fate.items, items),
    devices: fates.filter(({ isOwn }) => isOwn).length,
    sharedDevices: fates.filter(({ isShared }) => isShared).length,
    erasedAt,
  };
}

/**
 * Takes a device that is erased alone away from its user, but for a visit since that they know of.
 *
 * @returns how many items said something
 */
async function untie(user: string, device: string, erasedAt: number, ports: ErasePorts): Promise<number> {
  const checkout = await tellUser(user, device, erasedAt, ports);
  // Whoever is being erased themselves must find whose device it was since; that erasing takes the tie away, or has.
  return isErased(checkout, erasedAt)
    ? 0
    : await eraseTie(user, device, erasedAt, ports, seenOnDevice(checkout, device));
}

/**
 * What ties a device to a user, at the user: its copy, and the user's side of the link, which goes last.
 *
 * @param seenAt ms; when the user was there last, if more is known of it than the link says
 * @returns how many of the two said something
 */
export async function eraseTie(
  user: string,
  device: string,
  erasedAt: number,
  ports: ErasePorts,
  seenAt?: number,
): Promise<number> {
  let items = 0;
  for (const place of placesAtUser(user, device)) items += await entombAll([place], erasedAt, ports, seenAt);
  return items;
}

/**
 * What a device knows itself, as of a time, with its user.
 *
 * @returns how many items said something
 */
export async function eraseDevice(device: string, erasedAt: number, ports: ErasePorts): Promise<number> {
  return (await erasePartition({ key: device, kind: 'owned', erasedAt }, ports)).items;
}

/**
 * Of a device that was found to be somebody else's too between two tries at erasing it: what the first has put down is done. Of one
 * that was never to be erased, or is erased, nothing changes.
 *
 * @returns how many items said something
 */
export async function completeErasing(device: string, ports: ErasePorts): Promise<number> {
  const begun = await ports.suppressions.find(device);
  return begun === undefined ? 0 : await eraseDevice(device, begun.erasedAt, ports);
}

/**
 * All of a subject's own items but those that lead to other partitions. Who was proven on a device stays, as keyed hashes: it keeps
 * the next one who comes there apart from the first.
 */
async function erasePartition(
  suppression: Suppression,
  ports: ErasePorts,
): Promise<{ readonly items: number; readonly found: readonly StoredItem[]; readonly erasedAt: number }> {
  const { key, kind } = suppression;
  const asked = await ports.suppressions.record(suppression);
  const facets = await eraseFacets({ key, kind, erasedAt: asked }, ports);
  const { erasedAt } = facets;
  if (erasedAt > asked) await ports.suppressions.record({ key, kind, erasedAt });
  const entombNamed = (names: readonly ItemName[]): Promise<number> =>
    entombAll(placesIn(key, names), erasedAt, ports);
  const rest = await entombNamed(restToErase(kind));
  const found = await ports.store.query(key, { consistent: true });
  const others = await entombNamed(othersIn(found, kind));
  return { items: facets.items + rest + others, found, erasedAt };
}

/**
 * The facets, all as of one time. What one of them took while the erasing was under way is erased with it, and then from the others
 * too: an event is kept whole or not at all.
 *
 * @returns that time, too: the one asked for, or later
 */
async function eraseFacets(
  { key, kind, erasedAt: asked }: Suppression,
  ports: ErasePorts,
): Promise<{ readonly items: number; readonly erasedAt: number }> {
  const places = placesIn(key, facetsToErase(kind));
  let items = 0;
  let erasedAt = asked;
  for (let round = 1; round <= MAX_TRIES; round++) {
    items += await entombAll(places, erasedAt, ports);
    const times = (await ports.store.read(places)).map((facet) => facet.erasedAt ?? 0);
    if (times.length === places.length && times.every((time) => time === times[0]))
      return { items, erasedAt: Math.max(erasedAt, times[0] ?? 0) };
    erasedAt = Math.max(erasedAt, ...times);
  }
  throw new StoreUnavailable('the facets of a subject that is to be erased stay contended');
}

function placesIn(key: string, names: readonly ItemName[]): readonly LinkPlace[] {
  return names.map((item) => ({ key, item }));
}

/** What stands in a subject's partition beside what every erased one has, and leads to nothing else. */
function othersIn(items: readonly StoredItem[], kind: SuppressionKind): readonly ItemName[] {
  const done = new Set<ItemName>([...facetsToErase(kind), ...restToErase(kind), 'link']);
  return items.filter((item) => !done.has(item.item) && !isDeviceSide(item)).map(({ item }) => item);
}

/** A user's side of a proven link. */
function isDeviceSide({ item }: StoredItem): boolean {
  return item.startsWith('link#') && !isClaimPlace(item);
}

/** The user whom a device's side of a link names. */
function namedBy(side: StoredItem | undefined): string | undefined {
  const owner = side && ownerOf(side);
  return owner?.isShared ? owner.untold : owner?.user;
}

function placesAtUser(user: string, device: string): readonly LinkPlace[] {
  return [{ key: user, item: copyName(device) }, placeOfDevice(user, device)];
}

interface DeviceFate {
  readonly items: number;
  readonly isOwn: boolean;
  readonly isShared: boolean;
}

/** One device of a user who is erased: with the user if it is nobody else's, else only what ties the two. */
async function eraseDeviceOf(side: StoredItem, erasedAt: number, ports: ErasePorts): Promise<DeviceFate> {
  const user = side.key;
  const device = deviceIn(side.item);
  const link = linkedDeviceOf(side);
  // Erased before: it says as little as a parting does, and is none. Or all that it says is from since.
  if (wasLinkErased(side) || isLinkSince(side, erasedAt)) {
    const items = await completeErasing(device, ports);
    await entombAll([placeOfDevice(user, device)], erasedAt, ports);
    return { items, isOwn: false, isShared: false };
  }
  const [stored] = await ports.store.read([{ key: device, item: 'link' }]);
  const owner = stored && ownerOf(stored);
  const isOthers = owner !== undefined && (owner.isShared || owner.user !== user);
  const isShared = link !== undefined && (link.isShared || isOthers);
  const isOwn = link !== undefined && link.proof !== 'none' && !isShared;
  let items = 0;
  if (isOwn) {
    items += await eraseDevice(device, erasedAt, ports);
  } else {
    items += await completeErasing(device, ports);
    if (stored !== undefined && namedBy(stored) === user) await forgetUser(stored, ports);
  }
  // Last: the link leads another call to what this one may leave.
  return { items: items + (await eraseTie(user, device, erasedAt, ports)), isOwn, isShared };
}

/**
 * A user whose device is erased alone must not take it for linked any more.
 *
 * @returns what they know then
 */
async function tellUser(
  user: string,
  device: string,
  erasedAt: number,
  { store, clock }: ErasePorts,
): Promise<StoredItem | undefined> {
  return joinItem({ key: user, item: 'checkout' }, store, (stored) =>
    noteErasedDevice(user, stored, device, erasedAt, clock.now()),
  );
}

/** Of a device that was given back, or is shared, nobody is to know any more that it ever was this user's. */
async function forgetUser(owner: StoredItem, { store, clock }: ErasePorts): Promise<void> {
  await joinItem(owner, store, (stored = owner) => forgetFirstUser(stored, clock.now()));
}

/** @returns how many of these items said something */
async function entombAll(
  places: readonly LinkPlace[],
  erasedAt: number,
  { store, clock }: ErasePorts,
  seenAt?: number,
): Promise<number> {
  const nameOf = ({ key, item }: LinkPlace): string => `${key}/${item}`;
  const limit = pLimit(WRITES_IN_FLIGHT);
  let spoke = 0;
  let left = places;
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > MAX_TRIES) throw new StoreUnavailable('an item that is to be erased stays contended');
    const stored = new Map((await store.read(left)).map((item) => [nameOf(item), item]));
    const outcomes = await limit.map(left, async (place) => {
      const before = stored.get(nameOf(place));
      const item = entomb(place, before, erasedAt, clock.now(), seenAt);
      if (item === null) return [];
      const outcome = await store.write(item);
      if (outcome === 'refused') throw new StoreUnavailable('the store refuses a tombstone');
      if (outcome === 'conflict') return [place];
      if (before !== undefined && !isTombstone(before)) spoke += 1;
      return [];
    });
    left = outcomes.flat();
  }
  return spoke;
}
