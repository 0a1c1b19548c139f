import { unlessAborted } from '../../shared/adapters/unless-aborted.ts';
import { accountOf, planDevices, speaksFor, withConsentOf } from '../../shared/domain/account.ts';
import type { DecisionInput, FallbackReason } from '../../shared/domain/decide.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import type { LinkedDevice } from '../../shared/domain/links.ts';
import { profileOf, type Profile } from '../../shared/domain/profile.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Log } from '../../shared/ports/telemetry.ts';
import type { DecisionTime } from './decision-time.ts';
import type { Caller } from './identify-caller.ts';
import { foldPending, type PendingEvents } from './pending-events.ts';
import type { StoreBreaker } from './store-breaker.ts';

/** Devices beyond those that are read whole, of which only what they say of consent is taken. */
const MAX_CONSENTS_READ = 12;
/** What a subject's items may come to, in characters: reading more would take a decision's time, and no signal ends it. */
const MAX_STATE_LENGTH = 1_500_000;

type ProfileRead = Pick<DecisionInput, 'profile' | 'fallbackReason' | 'isPartial'>;
type Read = { readonly items: readonly StoredItem[] } | { readonly failed: FallbackReason };

export interface ReadDependencies {
  readonly store: Pick<ProfileStore, 'query'>;
  readonly breaker: StoreBreaker;
  readonly clock: Clock;
  readonly log: Log;
  readonly segments: Pick<Segments, 'windows'>;
}

/**
 * Reads what the caller may see: one Query for a device; for an account one for the user and, beside it, one for
 * the request's own device, which the request itself proves to be the user's; then up to four more devices of the
 * user of which no copy stands in the first, as far as the time goes. Each is one attempt and fails alone. Never
 * rejects: what could not be read, in time or for its number, is said, not thrown.
 *
 * What cannot be read never opens more than what can: a device of the user that stays unread may hold a refusal, so
 * without it nothing of the profile is given (invariant 11).
 */
export async function readProfile(
  caller: Caller,
  pending: PendingEvents,
  time: Pick<DecisionTime, 'reads'>,
  dependencies: ReadDependencies,
): Promise<ProfileRead> {
  if (caller.level === 'none') return { isPartial: false };
  const admission = dependencies.breaker.admit();
  if (admission === null) return { fallbackReason: 'breaker-open', isPartial: false };
  const reader = profileReader(pending, time.reads(), dependencies);
  try {
    return await (caller.userKey === undefined
      ? readDevice(caller.deviceKey, reader)
      : readAccount(caller.userKey, caller.deviceKey, reader));
  } catch (error) {
    dependencies.log.error('an account cannot be put together', {}, error);
    return { fallbackReason: 'profile-unreadable', isPartial: false };
  } finally {
    admission.settle(reader.answered() ? 'answered' : 'failed');
  }
}

interface ProfileReader {
  /** A subject as it will be once its pending events are through, or why it cannot be read. */
  read(key: string): Promise<Profile | FallbackReason>;
  /** Whether the store gave anything at all. */
  answered(): boolean;
}

function profileReader(
  pending: PendingEvents,
  signal: AbortSignal,
  { store, clock, log, segments }: ReadDependencies,
): ProfileReader {
  const now = clock.now();
  let answers = 0;
  const query = async (key: string): Promise<Read> => {
    try {
      // The race holds even where a store does not heed the signal.
      const items = await unlessAborted(store.query(key, { signal }), signal);
      answers += 1;
      return { items };
    } catch (error) {
      if (signal.aborted) return { failed: 'deadline' };
      if (!(error instanceof StoreUnavailable)) log.error('the store failed in a way of its own', {}, error);
      return { failed: 'store-unavailable' };
    }
  };
  return {
    answered: () => answers > 0,
    async read(key) {
      const read = await query(key);
      if ('failed' in read) return read.failed;
      try {
        if (lengthOf(read.items) > MAX_STATE_LENGTH) throw new RangeError('the profile is too large');
        return profileOf(foldPending(key, read.items, pending, now, segments.windows));
      } catch (error) {
        log.error('a profile cannot be read', { subject: key }, error);
        return 'profile-unreadable';
      }
    },
  };
}

async function readDevice(deviceKey: string | undefined, reader: ProfileReader): Promise<ProfileRead> {
  if (deviceKey === undefined) return { isPartial: false };
  const device = await reader.read(deviceKey);
  return typeof device === 'string'
    ? { fallbackReason: device, isPartial: false }
    : { profile: device, isPartial: false };
}

interface DeviceTried {
  readonly device: string;
  readonly isProven: boolean;
  readonly profile: Profile | FallbackReason;
}

async function readAccount(
  userKey: string,
  deviceKey: string | undefined,
  reader: ProfileReader,
): Promise<ProfileRead> {
  const asking = deviceKey === undefined ? undefined : reader.read(deviceKey);
  const user = await reader.read(userKey);
  const tryAll = (devices: readonly LinkedDevice[]): Promise<readonly DeviceTried[]> =>
    Promise.all(
      devices.map(async ({ device, proof }) => ({
        device,
        isProven: proof !== 'none',
        profile: await reader.read(device),
      })),
    );
  if (typeof user === 'string') {
    await asking;
    return { fallbackReason: user, isPartial: false };
  }
  const { read, left } = planDevices(user, deviceKey);
  // The others do not wait for the device that asks: each read has all of the time.
  const [own, others, beyond] = await Promise.all([
    asking,
    tryAll(read),
    tryAll(left.slice(0, MAX_CONSENTS_READ)),
  ]);
  const devices: readonly DeviceTried[] =
    deviceKey === undefined || own === undefined
      ? others
      : [{ device: deviceKey, isProven: true, profile: own }, ...others];

  const [fallbackReason] = devices.flatMap(({ profile }) => (typeof profile === 'string' ? [profile] : []));
  const account = seenOf(beyond)
    .filter(({ profile }) => speaksFor(profile, userKey))
    .reduce(
      (joined, { profile }) => withConsentOf(joined, profile),
      accountOf(user, userKey, seenOf(devices)),
    );
  const consentUnread = unreadConsent([...devices, ...beyond], left.length > MAX_CONSENTS_READ);
  const isRefused = account.checkout.consent.get('personalization')?.value === false;
  // A refusal that is known is what was asked for, not something that went wrong.
  if (consentUnread !== undefined && !isRefused) return { fallbackReason: consentUnread, isPartial: false };
  return {
    profile: account,
    isPartial: fallbackReason !== undefined || left.length > 0,
    ...(fallbackReason && { fallbackReason }),
  };
}

/** Why it is not known whether a device that speaks for the user refuses; a claim moves orderings only. */
function unreadConsent(devices: readonly DeviceTried[], areTooMany: boolean): FallbackReason | undefined {
  const [reason] = devices.flatMap(({ isProven, profile }) =>
    isProven && typeof profile === 'string' ? [profile] : [],
  );
  return reason ?? (areTooMany ? 'consent-unread' : undefined);
}

function seenOf(devices: readonly DeviceTried[]) {
  return devices.flatMap(({ profile, ...from }) =>
    typeof profile === 'string' ? [] : [{ ...from, profile }],
  );
}

function lengthOf(items: readonly StoredItem[]): number {
  return items.reduce((sum, { state }) => sum + state.length, 0);
}
