import { accountOf, liveDevices, type DeviceRead } from '../account.ts';
import type { StoredItem } from '../item.ts';
import { profileOf, type Profile } from '../profile.ts';

/**
 * Everybody in a store, each once: users together with the devices that are theirs, and devices that are nobody's.
 *
 * @param items of whole partitions
 */
export function peopleIn(items: Iterable<StoredItem>): readonly Profile[] {
  const partitions = new Map<string, StoredItem[]>();
  for (const item of items) {
    const own = partitions.get(item.key) ?? [];
    own.push(item);
    partitions.set(item.key, own);
  }
  const profiles = new Map([...partitions].map(([key, own]) => [key, profileOf(own)]));
  const people: Profile[] = [];
  for (const [key, profile] of profiles) {
    const isSomebodys = profile.owner !== undefined && !profile.owner.isShared;
    if (isSomebodys || !profile.exists) continue;
    const read = liveDevices(profile).flatMap(({ device }): DeviceRead[] => {
      const known = profiles.get(device);
      return known === undefined ? [] : [{ device, isProven: true, profile: known }];
    });
    people.push(accountOf(profile, key, read));
  }
  return people;
}
