import { liveDevices, MAX_DEVICES_READ, planDevices, seenAt, speaksFor } from './account.ts';
import { decodeCheckout } from './checkout-facet.ts';
import { copyName, encodeCopy } from './device-copy.ts';
import type { SubjectFold } from './fold.ts';
import { hash64 } from './hash.ts';
import type { StoredItem } from './item.ts';
import type { Json } from './json.ts';
import type { LinkedDevice } from './links.ts';
import { profileOf, type Profile } from './profile.ts';

/** Devices absorbed at a time: the shard waits meanwhile, and there is a next time soon. */
const MAX_DEVICES = 4;
/**
 * How old a copy gets before it is taken anew. A device may speak again without its user being proven on it (after a
 * logout, or from quarantine): then nothing in the user's partition says so.
 */
const RENEWED_AFTER_MS = 30 * 86_400_000;
/**
 * Characters of a copy: many times what a device comes to. Every decision of the user reads all copies, and what the
 * public sends to a device must not make that dear.
 */
const MAX_LENGTH = 8_192;

/**
 * Whether a subject's fold is a reason to look after its devices: it linked one, which happens at most once a day a
 * device, and there are more of them than an account read reads.
 */
export function isAbsorptionDue({ links, writes }: Pick<SubjectFold, 'links' | 'writes'>): boolean {
  if (!links.some(({ proof, isUnlinking }) => proof !== 'none' && !isUnlinking)) return false;
  const checkout = writes.find(({ item }) => item === 'checkout');
  if (checkout === undefined) return false;
  return decodeCheckout(JSON.parse(checkout.state) as Json).links.length > MAX_DEVICES_READ;
}

/**
 * The devices of a user to be absorbed now, as far as the user's own items tell: proven, nobody else's, not seen with
 * the user for longer than the streams keep events, and not among those that an account read reads. Copies that are
 * old come after those that are missing. Which come first is drawn by the time, so that one that is not to be had
 * keeps no other waiting.
 */
export function devicesToAbsorb(user: Profile, now: number, retentionMs: number): readonly string[] {
  const { read, left } = planDevices(user, undefined);
  const planned = new Set([...read, ...left].map(({ device }) => device));
  const agedOut = new Set(
    user.copies.filter(({ takenAt }) => takenAt + RENEWED_AFTER_MS < now).map(({ device }) => device),
  );
  const renewals = liveDevices(user).filter(({ device }) => !planned.has(device) && agedOut.has(device));
  const drawn = (devices: readonly LinkedDevice[]): readonly string[] =>
    devices
      .filter((device) => seenAt(device) + retentionMs < now)
      .map(({ device }) => ({ device, lot: hash64(`${now}\n${device}`)[0] }))
      .sort((a, b) => a.lot - b.lot)
      .map(({ device }) => device);
  return [...drawn(left), ...drawn(renewals)].slice(0, MAX_DEVICES);
}

/** What is known when a device is to be absorbed. */
export interface Absorption {
  readonly user: string;
  readonly device: string;
  /** The device's items, all but its pages of old orders. */
  readonly items: readonly StoredItem[];
  /** The former copy of the device in the user's partition. */
  readonly stored: StoredItem | undefined;
  /** ms; not later than when `items` were read */
  readonly now: number;
  readonly retentionMs: number;
}

/**
 * The copy of a device to be written into its user's partition. Null: the device speaks for somebody else too; or
 * something was written to it since the streams' oldest events, so that more may be on its way; or it is too large.
 */
export function absorb({ user, device, items, stored, now, retentionMs }: Absorption): StoredItem | null {
  const profile = profileOf(items);
  if (!speaksFor(profile, user)) return null;
  const facets = (['checkout', 'orders', 'browse'] as const).map((facet) =>
    items.find(({ item }) => item === facet),
  );
  if (facets.some((facet) => (facet?.writtenAt ?? 0) + retentionMs >= now)) return null;
  const [checkout = 0, orders = 0, browse = 0] = facets.map((facet) => facet?.v ?? 0);
  const versions = { checkout, orders, browse };
  const copy = encodeCopy(user, { device, takenAt: now, versions, facts: profile }, stored);
  return copy.state.length > MAX_LENGTH ? null : copy;
}

/** The former copy of a device among its user's items. */
export function copyAmong(items: readonly StoredItem[], device: string): StoredItem | undefined {
  return items.find(({ item }) => item === copyName(device));
}
