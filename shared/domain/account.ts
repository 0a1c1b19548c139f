import { mergeFacts, type Facts } from './facts.ts';
import type { LinkedDevice } from './links.ts';
import { mergeUses } from './method-uses.ts';
import type { Profile } from './profile.ts';

/** A user together with a device that is proven to be theirs: what it learned before it was linked counts too. */
export function mergeProfiles(user: Profile, device: Facts): Profile {
  return { ...user, ...mergeFacts(user, device) };
}

/**
 * A user together with a device that only claims to be theirs: its orderings count, nothing else does (invariant 7).
 */
export function mergeClaim(user: Profile, device: Facts): Profile {
  return {
    ...user,
    claims: {
      payment: mergeUses(user.claims.payment, device.checkout.payment),
      shipping: mergeUses(user.claims.shipping, device.checkout.shipping),
    },
  };
}

/** A user together with what a device says of consent, and nothing else of it. */
export function withConsentOf(user: Profile, device: Facts): Profile {
  const { consent } = mergeFacts(user, device).checkout;
  return { ...user, checkout: { ...user.checkout, consent } };
}

/** Whether a device may speak for a user who is proven on it: nobody else ever was. */
export function speaksFor(device: Profile, userKey: string): boolean {
  const { owner } = device;
  return owner === undefined || (!owner.isShared && owner.user === userKey);
}

/** How many devices of a user are read beside the one that asks; each is a Query within the decision's deadline. */
export const MAX_DEVICES_READ = 4;

/** What has to be read to see an account whole. */
export interface DevicePlan {
  /** Proven devices first, the most recent ones; then such as only claim to be the user's. */
  readonly read: readonly LinkedDevice[];
  /** Proven devices beyond those, of which no copy is good enough: without them the account is partial. */
  readonly left: readonly LinkedDevice[];
}

/** Plans the reading of a user's devices, never of the one that asks (it is read anyway). */
export function planDevices(user: Profile, askingDeviceKey: string | undefined): DevicePlan {
  const copiedAt = new Map(user.copies.map(({ device, takenAt }) => [device, takenAt]));
  const hasFreshCopy = (device: LinkedDevice): boolean => (copiedAt.get(device.device) ?? 0) > seenAt(device);
  const proven = liveDevices(user)
    .filter((device) => device.device !== askingDeviceKey && !hasFreshCopy(device))
    .sort(recentFirst);
  const known = new Set(user.devices.filter(isProven).map(({ device }) => device));
  const claiming = new Map(
    user.devices
      .filter((device) => !isProven(device) && !known.has(device.device) && device.device !== askingDeviceKey)
      .map((device) => [device.device, device]),
  );
  return {
    read: [...proven, ...[...claiming.values()].sort(recentFirst)].slice(0, MAX_DEVICES_READ),
    left: proven.slice(MAX_DEVICES_READ),
  };
}

/** The proven devices that count for a user: linked now, and nobody else's ever. */
export function liveDevices(user: Profile): readonly LinkedDevice[] {
  return user.devices.filter((device) => isProven(device) && !device.isShared);
}

/** When a device was last seen with its user, as far as the user's own items say. */
export function seenAt({ lastAt, notedAt }: LinkedDevice): number {
  return Math.max(lastAt, notedAt);
}

/** A device as it was read for an account. */
export interface DeviceRead {
  readonly device: string;
  /** By a link, or by the request itself. */
  readonly isProven: boolean;
  readonly profile: Profile;
}

/**
 * A user's own facts joined with those of the devices that were read and speak for nobody else, and with the copies of
 * those that were not. A device counts once: what was read outweighs its copy.
 */
export function accountOf(user: Profile, userKey: string, read: readonly DeviceRead[]): Profile {
  let account = user;
  for (const { isProven: counts, profile } of read) {
    if (!speaksFor(profile, userKey)) continue;
    account = counts ? mergeProfiles(account, profile) : mergeClaim(account, profile);
  }
  const live = new Set(liveDevices(user).map(({ device }) => device));
  for (const { device } of read) live.delete(device);
  return user.copies
    .filter(({ device }) => live.has(device))
    .reduce((joined, { facts }) => mergeProfiles(joined, facts), account);
}

function isProven({ proof }: LinkedDevice): boolean {
  return proof !== 'none';
}

function recentFirst(left: LinkedDevice, right: LinkedDevice): number {
  // Stryker disable next-line EqualityOperator: no two devices of one list have one name
  return right.lastAt - left.lastAt || (left.device < right.device ? -1 : 1);
}
