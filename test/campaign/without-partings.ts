import type { StoredItem } from '../../shared/domain/item.ts';
import type { Json } from '../../shared/domain/json.ts';
import { withoutPartings as stateWithoutPartings } from '../../shared/domain/recompute.ts';

/** An item without what a user's facet remembers of partings, from which links are made: the links are looked at on their own. */
export function withoutPartings(stored: StoredItem): StoredItem {
  if (stored.item !== 'checkout' || !stored.state.includes('"x":')) return stored;
  return { ...stored, state: JSON.stringify(stateWithoutPartings(JSON.parse(stored.state) as Json)) };
}
