import { accountOf, planDevices } from '../domain/account.ts';
import type { StoredItem } from '../domain/item.ts';
import { profileOf, type Profile } from '../domain/profile.ts';
import type { ProfileStore } from '../ports/profile-store.ts';

/**
 * A subject whole: a user together with the devices that are proven to be theirs, a device alone. Consistent reads, all of it
 * or nothing. Rejects with `StoreUnavailable` if a part cannot be read.
 *
 * @param items the subject's own, as a Query gives them
 */
export async function readAccount(
  key: string,
  items: readonly StoredItem[],
  { query }: Pick<ProfileStore, 'query'>,
): Promise<{ readonly profile: Profile; readonly isPartial: boolean }> {
  const own = profileOf(items);
  const plan = planDevices(own, undefined);
  const devices = await Promise.all(
    plan.read
      .filter(({ proof }) => proof !== 'none')
      .map(async ({ device }) => ({
        device,
        isProven: true,
        profile: profileOf(await query(device, { consistent: true })),
      })),
  );
  return { profile: accountOf(own, key, devices), isPartial: plan.left.length > 0 };
}
