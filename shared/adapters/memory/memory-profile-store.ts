import { FIRST_PAGE, type StoredItem } from '../../domain/item.ts';
import {
  StoreUnavailable,
  type ItemRef,
  type ProfileStore,
  type WriteOutcome,
} from '../../ports/profile-store.ts';
import { faultPlan, type Faults } from './faults.ts';

/** DynamoDB's limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;

export interface MemoryProfileStore extends ProfileStore, Faults {
  /** Every stored item, by key and item name; a copy. */
  items(): readonly StoredItem[];
  /** Puts an item there, as nobody may: whatever its version. */
  tamper(item: StoredItem): void;
  /** Takes an item away, as nobody may. */
  lose(ref: ItemRef): void;
}

/**
 * A {@link ProfileStore} in memory, for tests. Nothing is shared with the caller: what comes in and goes out is
 * copied.
 *
 * @example
 * const store = memoryProfileStore();
 * store.failNext('after');
 * await store.write(item); // rejects with StoreUnavailable, yet the item is stored
 */
export function memoryProfileStore(): MemoryProfileStore {
  const subjects = new Map<string, Map<string, StoredItem>>();
  const faults = faultPlan((message, options) => new StoreUnavailable(message, options));

  const itemsOf = (key: string): readonly StoredItem[] =>
    [...(subjects.get(key)?.values() ?? [])]
      .sort((one, other) => (one.item < other.item ? -1 : 1))
      .map((item) => structuredClone(item));

  const readNow = (refs: readonly ItemRef[]): readonly StoredItem[] => {
    const found = new Set<StoredItem>();
    for (const { key, item } of refs) {
      const stored = subjects.get(key)?.get(item);
      if (stored) found.add(stored);
    }
    return [...found].map((item) => structuredClone(item));
  };

  const writeNow = (item: StoredItem): WriteOutcome => {
    if (!isStorable(item)) return 'refused';
    const subject = subjects.get(item.key) ?? new Map<string, StoredItem>();
    if ((subject.get(item.item)?.v ?? 0) !== item.v - 1) return 'conflict';
    subjects.set(item.key, subject.set(item.item, item));
    return 'written';
  };

  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    read: (refs) => faults.run(() => readNow(refs)),
    query: (key, options) =>
      faults.run(() => itemsOf(key).filter(({ item }) => item < FIRST_PAGE), options?.signal),
    write(item) {
      const copy = structuredClone(item);
      return faults.run(() => writeNow(copy));
    },
    tamper(item) {
      const subject = subjects.get(item.key) ?? new Map<string, StoredItem>();
      subjects.set(item.key, subject.set(item.item, structuredClone(item)));
    },
    lose: ({ key, item }) => void subjects.get(key)?.delete(item),
    items: () => [...subjects.keys()].sort().flatMap(itemsOf),
  };
}

function isStorable(item: StoredItem): boolean {
  const keyBytes = Buffer.byteLength(item.key);
  const itemBytes = Buffer.byteLength(item.item);
  if (!Number.isSafeInteger(item.v) || item.v < 1) return false;
  const positions = [item.watermark, item.formerWatermark].filter((position) => position !== undefined);
  if (!positions.every(({ sequence }) => /^(0|[1-9]\d*)$/.test(sequence))) return false;
  if (keyBytes === 0 || keyBytes > MAX_PARTITION_KEY_BYTES) return false;
  if (itemBytes === 0 || itemBytes > MAX_SORT_KEY_BYTES) return false;
  const stateBytes = Buffer.byteLength(item.state) + (item.ring?.byteLength ?? 0);
  return keyBytes + itemBytes + stateBytes <= MAX_ITEM_BYTES;
}
