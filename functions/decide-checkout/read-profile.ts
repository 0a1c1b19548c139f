import { unlessAborted } from '../../shared/adapters/unless-aborted.ts';
import type { DecisionInput, FallbackReason } from '../../shared/domain/decide.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { mergeProfiles, profileOf, speaksFor, type Profile } from '../../shared/domain/profile.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Log } from '../../shared/ports/telemetry.ts';
import type { Caller } from './identify-caller.ts';
import { foldPending, type PendingEvents } from './pending-events.ts';

/** Of the deadline, what is left for deciding and answering once the store has had its time. */
const RESERVE_MS = 15;

type ProfileRead = Pick<DecisionInput, 'profile' | 'fallbackReason' | 'isPartial'>;
type Read = { readonly items: readonly StoredItem[] } | { readonly failed: FallbackReason };

/**
 * Reads what the caller may see: one Query for a device; for an account one for the user and, beside it, one for
 * the request's own device, which the request itself proves to be the user's. Never rejects: what could not be
 * read in time is said, not thrown.
 */
export async function readProfile(
  caller: Caller,
  pending: PendingEvents,
  deadline: number,
  dependencies: { readonly store: ProfileStore; readonly clock: Clock; readonly log: Log },
): Promise<ProfileRead> {
  const { userKey, deviceKey, level } = caller;
  const { store, clock, log } = dependencies;
  if (level === 'none') return { isPartial: false };
  const now = clock.now();
  const signal = AbortSignal.timeout(Math.max(1, deadline - RESERVE_MS - now));
  const query = async (key: string): Promise<Read> => {
    try {
      // The race holds even where a store does not heed the signal.
      return { items: await unlessAborted(store.query(key, { signal }), signal) };
    } catch (error) {
      if (signal.aborted) return { failed: 'deadline' };
      if (!(error instanceof StoreUnavailable)) log.error('the store failed in a way of its own', {}, error);
      return { failed: 'store-unavailable' };
    }
  };
  const profileIn = (key: string, read: { readonly items: readonly StoredItem[] }): Profile =>
    profileOf(foldPending(key, read.items, pending, now));

  const [user, device] = await Promise.all([
    userKey === undefined ? null : query(userKey),
    deviceKey === undefined ? null : query(deviceKey),
  ]);
  try {
    if (userKey === undefined || user === null) {
      if (deviceKey === undefined || device === null) return { isPartial: false };
      return 'failed' in device
        ? { fallbackReason: device.failed, isPartial: false }
        : { profile: profileIn(deviceKey, device), isPartial: false };
    }
    if ('failed' in user) return { fallbackReason: user.failed, isPartial: false };
    const account = profileIn(userKey, user);
    if (deviceKey === undefined || device === null) return { profile: account, isPartial: false };
    if ('failed' in device) return { profile: account, fallbackReason: device.failed, isPartial: true };
    const own = profileIn(deviceKey, device);
    return { profile: speaksFor(own, userKey) ? mergeProfiles(account, own) : account, isPartial: false };
  } catch (error) {
    log.error('a profile cannot be read', { subject: userKey ?? deviceKey ?? '' }, error);
    return { fallbackReason: 'profile-unreadable', isPartial: false };
  }
}
