import { joinInto } from '../../shared/adapters/join-into.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { joinLink, placesOf, type Link } from '../../shared/domain/links.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';

/** Joins a link into each of its places. */
export async function storeLink(link: Link, store: ProfileStore, clock: Clock): Promise<void> {
  for (const place of placesOf(link)) {
    const read = async (): Promise<StoredItem | undefined> => (await store.read([place]))[0];
    const { outcome } = await joinInto(
      { read, write: store.write },
      (stored) => joinLink(stored, place, link, clock.now()),
      // Most links are new.
      { isLikelyNew: true },
    );
    if (outcome === 'refused' || outcome === 'contended')
      throw new StoreUnavailable(`a link is not stored: ${outcome}`);
  }
}
