import { joinItem } from '../../shared/adapters/join-item.ts';
import { copyName } from '../../shared/domain/device-copy.ts';
import { entomb } from '../../shared/domain/erasure.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import {
  forgetFirstUser,
  joinLink,
  joinShared,
  ownerOf,
  placeOfDevice,
  placesOf,
  type Link,
  type LinkPlace,
} from '../../shared/domain/links.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';

/**
 * Joins a link into each of its places. Where a device turns out to be shared, its first user is told before the link
 * is whole: a redelivery, which comes until the facet has taken the event, tells them again.
 */
export async function storeLink(link: Link, store: ProfileStore, clock: Clock): Promise<void> {
  let isShared = false;
  for (const place of placesOf(link)) {
    const item = await joinItem(
      place,
      store,
      (stored) => joinLink(stored, place, { ...link, isShared }, clock.now()),
      // Most links are new.
      { isLikelyNew: true },
    );
    if (place.item !== 'link' || item === undefined) continue;
    isShared = await tellIfShared(item, store, clock);
  }
}

/**
 * Of a proven link the device's side alone.
 *
 * @returns whether the device is shared
 */
export async function storeOwner(link: Link, store: ProfileStore, clock: Clock): Promise<boolean> {
  const place: LinkPlace = { key: link.device, item: 'link' };
  const item = await joinItem(place, store, (stored) => joinLink(stored, place, link, clock.now()));
  return item !== undefined && (await tellIfShared(item, store, clock));
}

async function tellIfShared(item: StoredItem, store: ProfileStore, clock: Clock): Promise<boolean> {
  const owner = ownerOf(item);
  if (!owner.isShared) return false;
  if (owner.untold !== undefined) await tell(owner.untold, item, store, clock);
  return true;
}

/**
 * Tells the first user of a shared device, whose copy of it is good for nothing any more, and has the device forget who that
 * was: nobody could find the copy then, if the device is to be erased.
 */
async function tell(user: string, owner: StoredItem, store: ProfileStore, clock: Clock): Promise<void> {
  const device = owner.key;
  const place = placeOfDevice(user, device);
  await joinItem(place, store, (stored) => joinShared(stored, place, device, clock.now()));
  const copy: LinkPlace = { key: user, item: copyName(device) };
  // Where none stands, too: one that is on its way must not find the place empty.
  await joinItem(copy, store, (stored) => entomb(copy, stored, clock.now(), clock.now()));
  const { key, item } = owner;
  await joinItem({ key, item }, store, (stored = owner) => forgetFirstUser(stored, clock.now()));
}
