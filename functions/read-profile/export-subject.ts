import { liveDevices, speaksFor } from '../../shared/domain/account.ts';
import { isTombstone } from '../../shared/domain/erasure.ts';
import { FIRST_PAGE, type ItemName, type StoredItem } from '../../shared/domain/item.ts';
import type { Json } from '../../shared/domain/json.ts';
import { decodeEntries, decodeLedger } from '../../shared/domain/ledger-codec.ts';
import type { LedgerEntry } from '../../shared/domain/ledger.ts';
import { describeProfile, profileOf } from '../../shared/domain/profile.ts';
import { ringLength } from '../../shared/domain/ring.ts';
import { membershipOf } from '../../shared/domain/segments/membership.ts';
import { readSubject, type ReadProfileDependencies } from './read-subject.ts';

/**
 * All that is stored of a subject, for the person who asks what is known of them: the profile as it is read, then every item
 * of it and, of a user, of each device that is proven to be theirs alone. Of an erased subject that is as much as of an
 * unknown one. Rejects with StoreUnavailable rather than leave a part out.
 */
export async function exportSubject(subject: string, dependencies: ReadProfileDependencies): Promise<Json> {
  const { subjectKeys, segments, clock } = dependencies;
  const now = clock.now();
  const key = subjectKeys.keyOf(subject);
  const { profile, isPartial } = await readSubject(subject, dependencies);
  const own = await itemsOf(key, dependencies);
  const devices = subject.startsWith('u:') ? liveDevices(profileOf(own)) : [];
  const ofDevices = await Promise.all(
    devices.map(async ({ device }) => ({ device, items: await itemsOf(device, dependencies) })),
  );
  return {
    subject,
    exportedAt: new Date(now).toISOString(),
    profile: describeProfile(subject, profile, isPartial, membershipOf(profile, segments, now).segments),
    records: [
      recordOf(key, own),
      ...ofDevices
        .filter(({ items }) => speaksFor(profileOf(items), key))
        .map(({ device, items }) => recordOf(device, items)),
    ],
  };
}

/** A subject's items and the pages of its old orders, but for those that hold nothing: of whoever is erased there are none. */
async function itemsOf(
  key: string,
  { store }: Pick<ReadProfileDependencies, 'store'>,
): Promise<readonly StoredItem[]> {
  const stored = await store.query(key, { consistent: true });
  if (profileOf(stored).isErased) return [];
  const items = stored.filter((item) => !isTombstone(item));
  const orders = items.find(({ item }) => item === 'orders');
  const names = orders === undefined ? [] : [...decodeLedger(stateOf(orders)).pages.keys()];
  const pages =
    names.length === 0
      ? []
      : await store.read(names.map((page) => ({ key, item: `${FIRST_PAGE}${page}` as ItemName })));
  return [...items, ...[...pages].sort((one, other) => (one.item < other.item ? -1 : 1))];
}

function recordOf(key: string, items: readonly StoredItem[]): Json {
  return {
    key,
    items: items.map(({ item, v, state, newestReceivedAt, writtenAt, erasedAt, ring }) => ({
      item,
      version: v,
      newestReceivedAt: timeOf(newestReceivedAt),
      writtenAt: timeOf(writtenAt),
      erasedAt: timeOf(erasedAt),
      rememberedMessages: ring === undefined ? 0 : ringLength(ring),
      state: JSON.parse(state) as Json,
    })),
    orders: items.flatMap(entriesIn).map(describeEntry),
  };
}

function entriesIn(item: StoredItem): readonly LedgerEntry[] {
  if (item.item === 'orders') return decodeLedger(stateOf(item)).entries;
  return item.item.startsWith(FIRST_PAGE) ? decodeEntries(stateOf(item)) : [];
}

function describeEntry({
  id,
  kind,
  at,
  amountAt,
  amount,
  currency,
  cancelledAt,
  deliveredAt,
}: LedgerEntry): Json {
  return {
    id,
    kind,
    at: timeOf(at),
    amount: amountAt === 0 ? null : amount,
    currency: amountAt === 0 || kind === 'points' ? null : currency,
    cancelledAt: timeOf(cancelledAt || undefined),
    deliveredAt: timeOf(deliveredAt || undefined),
  };
}

function stateOf({ state }: StoredItem): Json {
  return JSON.parse(state) as Json;
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
