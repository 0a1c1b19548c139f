import { unlessAborted } from '../../shared/adapters/unless-aborted.ts';
import { accountOf, planDevices } from '../../shared/domain/account.ts';
import type { DecisionInput, FallbackReason } from '../../shared/domain/decide.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { profileOf, type Profile } from '../../shared/domain/profile.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
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
 * the request's own device, which the request itself proves to be the user's; then up to four more devices of the
 * user of which no copy stands in the first, as far as the time goes. Never rejects: what could not be read, in time
 * or for its number, is said, not thrown.
 */
export async function readProfile(
  caller: Caller,
  pending: PendingEvents,
  deadline: number,
  dependencies: {
    readonly store: ProfileStore;
    readonly clock: Clock;
    readonly log: Log;
    readonly segments: Pick<Segments, 'windows'>;
  },
): Promise<ProfileRead> {
  const { userKey, deviceKey, level } = caller;
  const { store, clock, log, segments } = dependencies;
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
  const profileIn = (key: string, read: Read): Profile | FallbackReason => {
    if ('failed' in read) return read.failed;
    try {
      return profileOf(foldPending(key, read.items, pending, now, segments.windows));
    } catch (error) {
      log.error('a profile cannot be read', { subject: key }, error);
      return 'profile-unreadable';
    }
  };

  const [user, device] = await Promise.all([
    userKey === undefined ? null : query(userKey),
    deviceKey === undefined ? null : query(deviceKey),
  ]);
  const ownDevice = deviceKey === undefined || device === null ? null : profileIn(deviceKey, device);
  if (userKey === undefined || user === null) return readAlone(ownDevice);
  const account = profileIn(userKey, user);
  if (typeof account === 'string') return { fallbackReason: account, isPartial: false };

  const { read, left } = planDevices(account, deviceKey);
  const others = await Promise.all(
    read.map(async ({ device: key, proof }) => ({
      device: key,
      isProven: proof !== 'none',
      profile: profileIn(key, await query(key)),
    })),
  );
  const devices =
    deviceKey === undefined || ownDevice === null
      ? others
      : [{ device: deviceKey, isProven: true, profile: ownDevice }, ...others];
  const seen = devices.flatMap(({ profile, ...from }) =>
    typeof profile === 'string' ? [] : [{ ...from, profile }],
  );
  const [fallbackReason] = devices.flatMap(({ profile }) => (typeof profile === 'string' ? [profile] : []));
  return {
    profile: accountOf(account, userKey, seen),
    isPartial: fallbackReason !== undefined || left.length > 0,
    ...(fallbackReason && { fallbackReason }),
  };
}

function readAlone(own: Profile | FallbackReason | null): ProfileRead {
  if (own === null) return { isPartial: false };
  return typeof own === 'string'
    ? { fallbackReason: own, isPartial: false }
    : { profile: own, isPartial: false };
}
