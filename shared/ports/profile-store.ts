import type { ItemName, StoredItem } from '../domain/item.ts';

export interface ItemRef {
  readonly key: string;
  readonly item: ItemName;
}

/**
 * `conflict`: the item's `v` is not the expected one (an earlier try of ours whose reply was lost looks the same:
 * read again and decide anew). `refused`: the store will never take this item (too large, malformed).
 */
export type WriteOutcome = 'written' | 'conflict' | 'refused';

/**
 * Where facets, links and copies of devices live. Every method rejects with {@link StoreUnavailable} when the outcome is unknown
 * or the store is out of reach: an error is an unknown, never a "no".
 */
export interface ProfileStore {
  /** Strongly consistent read of any number of items; missing ones are absent from the answer. Refs may repeat. */
  read(refs: readonly ItemRef[]): Promise<readonly StoredItem[]>;

  /**
   * The facets and links of one subject and the copies of its devices, sorted by item name; pages of old orders stay
   * where they are. `consistent` costs twice. One attempt when `signal` is given: a decision has no time for a second.
   */
  query(
    key: string,
    options?: { readonly consistent?: boolean; readonly signal?: AbortSignal },
  ): Promise<readonly StoredItem[]>;

  /**
   * Writes `item` if the stored `v` is `item.v - 1` (for `v` 1: if there is none). Guard and effect are this one
   * conditional write.
   */
  write(item: StoredItem): Promise<WriteOutcome>;
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store_unavailable';
}
