import type { StoredItem } from '../../shared/domain/item.ts';

/** An item without what a user's facet remembers of partings, from which links are made: the links are looked at on their own. */
export function withoutPartings(stored: StoredItem): StoredItem {
  if (stored.item !== 'checkout' || !stored.state.includes('"x":')) return stored;
  const { x: _partings, ...state } = JSON.parse(stored.state) as Readonly<Record<string, unknown>>;
  return { ...stored, state: JSON.stringify(state) };
}
