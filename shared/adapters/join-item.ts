import type { StoredItem } from '../domain/item.ts';
import { StoreUnavailable, type ItemRef, type ProfileStore } from '../ports/profile-store.ts';
import { joinInto } from './join-into.ts';

/**
 * {@link joinInto} for one item of a profile store.
 *
 * @param join what is to stand there then; null: no change
 * @returns what stands there now
 * @throws {StoreUnavailable} the news are not in it: to be tried again
 *
 * @example
 * await joinItem({ key: device, item: 'link' }, store, (stored) => stored ? forgetFirstUser(stored, now) : null);
 */
export async function joinItem(
  ref: ItemRef,
  store: Pick<ProfileStore, 'read' | 'write'>,
  join: (stored: StoredItem | undefined) => StoredItem | null,
  options?: { readonly isLikelyNew: boolean },
): Promise<StoredItem | undefined> {
  const read = async (): Promise<StoredItem | undefined> => (await store.read([ref]))[0];
  const joined = await joinInto({ read, write: store.write }, join, options);
  if ('item' in joined) return joined.item;
  throw new StoreUnavailable(`news of ${ref.item.split('#')[0]} are not stored: ${joined.outcome}`);
}
