import { saysOnlyPartings } from './checkout-facet.ts';
import { isDeviceCopy } from './device-copy.ts';
import { linkOf } from './facets.ts';
import { FIRST_PAGE, type FacetName, type ItemName, type StoredItem } from './item.ts';
import { CLAIM_PLACES, eraseLink, isErasedLink, type Link, type LinkPlace } from './links.ts';
import type { StreamEvent } from './stream-event.ts';
import { reachOf } from './watermark.ts';

/** Who is erased: a user, with all that is theirs, or a device alone. */
export type ErasedKind = 'user' | 'device';

/** `owned`: a device with its user, whose own erasing sees to what ties the two. */
export type SuppressionKind = ErasedKind | 'owned';

/** What is known of an erasing for as long as there are backups to restore: nothing of the person but a keyed hash. */
export interface Suppression {
  /** The subject's. */
  readonly key: string;
  readonly kind: SuppressionKind;
  /** ms; what happened up to then (inclusive) is erased and stays so. */
  readonly erasedAt: number;
}

/** Whether an event comes too late for an item: its subject was erased since it happened. */
export function isErased(stored: Pick<StoredItem, 'erasedAt'> | undefined, at: number): boolean {
  return stored?.erasedAt !== undefined && at <= stored.erasedAt;
}

/** Whether an item is a tombstone and nothing more: nothing got into it since its subject was erased. */
export function isTombstone(stored: StoredItem): boolean {
  const { item, state, erasedAt, newestReceivedAt, writtenAt } = stored;
  if (item.startsWith('link#')) return isErasedLink(stored);
  if (erasedAt === undefined) return false;
  if (item.startsWith(FIRST_PAGE)) return state === NO_ENTRIES;
  if (isDeviceCopy(item)) return writtenAt === undefined;
  // An event without effect leaves a facet as empty, but not without a time; one that is yet to arrive the other way round.
  return (
    newestReceivedAt === undefined && (state === NOTHING || (item === 'checkout' && saysOnlyPartings(state)))
  );
}

/**
 * The facets that an erased subject has, whether it had them before or not: one that is not there could tell no late event of the
 * erasing. They are erased before anything else: from then on no event from before gets into the rest.
 */
export function facetsToErase(kind: SuppressionKind): readonly FacetName[] {
  return kind === 'user' ? [...DEVICE_FACETS, ...USER_FACETS] : DEVICE_FACETS;
}

/** The other items that stand there afterwards, so that no write that was on its way finds its place empty. */
export function restToErase(kind: SuppressionKind): readonly ItemName[] {
  return kind === 'user' ? [...PAGES, 'membership', ...CLAIM_PLACES] : [...PAGES, 'membership'];
}

const DEVICE_FACETS: readonly FacetName[] = ['checkout', 'orders', 'browse'];
const USER_FACETS: readonly FacetName[] = ['claims', 'claims-browse'];
const PAGES: readonly ItemName[] = Array.from(
  { length: 16 },
  (_, page) => `orders#${page.toString(16)}` as const,
);
const NO_ENTRIES = '[]';
const NOTHING = '{}';

/**
 * What stands in an item's place when its subject is erased as of a time. Version and watermarks stay, so that the fold
 * and its redeliveries go on as if nothing were; of what was known nothing stays. Null: it is erased as of then already.
 *
 * @param now ms; when it is written
 * @param seenAt of a link: see {@link eraseLink}
 * @example
 * const item = entomb({ key, item: 'checkout' }, stored, erasedAt, clock.now());
 * if (item !== null) await store.write(item);
 */
export function entomb(
  place: LinkPlace,
  stored: StoredItem | undefined,
  erasedAt: number,
  now: number,
  seenAt?: number,
): StoredItem | null {
  const { key, item } = place;
  if (item.startsWith('link#')) return eraseLink(stored, place, erasedAt, now, seenAt);
  const v = (stored?.v ?? 0) + 1;
  if (isDeviceCopy(item)) {
    if (stored !== undefined && isTombstone(stored)) return null;
    // Without a time of its own it is older than any word of the device: nobody takes it for the device.
    return { key, item, v, state: NOTHING, erasedAt };
  }
  if ((stored?.erasedAt ?? 0) >= erasedAt) return null;
  if (item.startsWith(FIRST_PAGE)) return { key, item, v, state: NO_ENTRIES, erasedAt, writtenAt: now };
  return {
    key,
    item,
    v,
    state: NOTHING,
    ...(stored && reachOf(stored)),
    ...(stored?.first !== undefined && { first: stored.first }),
    // What came in while the erasing was under way is erased with it: nothing that was ever applied is later than this.
    erasedAt: Math.max(erasedAt, stored?.newestReceivedAt ?? 0),
    writtenAt: now,
  };
}

/** When a subject is erased that asks for it now: no earlier than anything that it knows came in. */
export function erasingTime(items: readonly StoredItem[], now: number): number {
  return items.reduce((latest, { newestReceivedAt = 0 }) => Math.max(latest, newestReceivedAt), now);
}

/** "This device is this user's", or is theirs no more, said by an event from before the user was erased. */
export interface LateLink {
  readonly link: Link;
  /** ms; when the user was. */
  readonly erasedAt: number;
}

/**
 * The proven links that suppressed events speak of, one a device, a parting where there is nothing else. Nobody knew of them when the
 * user was erased: what their devices know is still to be erased with the user.
 */
export function lateLinksOf(
  suppressed: readonly StreamEvent[],
  erasedAt: number | undefined,
): readonly LateLink[] {
  if (erasedAt === undefined) return [];
  const latest = new Map<string, Link>();
  for (const event of suppressed) {
    const link = linkOf(event);
    if (link === undefined || link.proof === 'none') continue;
    const known = latest.get(link.device);
    if (known === undefined || tellsMore(link, known)) latest.set(link.device, link);
  }
  return [...latest.values()].map((link) => ({ link, erasedAt }));
}

function tellsMore(link: Link, known: Link): boolean {
  if (link.isUnlinking !== known.isUnlinking) return !link.isUnlinking;
  // Stryker disable next-line EqualityOperator: of two of one time either will do
  return link.at > known.at;
}
