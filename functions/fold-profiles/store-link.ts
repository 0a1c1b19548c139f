import { joinLink, placesOf, type Link } from '../../shared/domain/links.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';

const MAX_TRIES = 8;

/**
 * Joins a link into each of its places: blind first, since most links are new, then by reading what stands there.
 * Joining is idempotent and commutative, so shards and lanes may do it at the same time and again.
 */
export async function storeLink(link: Link, store: ProfileStore, clock: Clock): Promise<void> {
  for (const place of placesOf(link)) {
    let item = joinLink(undefined, place, link, clock.now());
    for (let attempt = 1; item !== null; attempt++) {
      const outcome = await store.write(item);
      if (outcome === 'written') break;
      if (outcome === 'refused' || attempt === MAX_TRIES)
        throw new StoreUnavailable(`a link is not stored: ${outcome}`);
      const [stored] = await store.read([place]);
      item = joinLink(stored, place, link, clock.now());
    }
  }
}
