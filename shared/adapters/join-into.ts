import type { WriteOutcome } from '../ports/profile-store.ts';

/** One stored thing that is only ever written on the condition that it is as it was read. */
export interface JoinPlace<Item> {
  read(): Promise<Item | undefined>;
  write(item: Item): Promise<WriteOutcome>;
}

/**
 * `known`: what stands there says it already. `contended`: others kept writing in between; nobody's news is lost,
 * but ours are not in it.
 */
export type JoinOutcome<Item> =
  | { readonly outcome: 'written'; readonly item: Item }
  | { readonly outcome: 'known'; readonly item: Item | undefined }
  | { readonly outcome: 'refused' | 'contended' };

const MAX_TRIES = 8;

/**
 * Joins news into what is stored, again and again while somebody else is quicker. Many may do so at the same time and
 * repeat themselves, as long as `join` is idempotent and does not depend on order.
 *
 * @param join what is to stand there then; null: no change
 * @param isLikelyNew the first try takes it that nothing stands there yet, and spares the reading
 * @throws what `place` throws
 *
 * @example
 * await joinInto({ read: () => store.read(ref), write: store.write }, (cell) => addChoices(cell, ref, choices, now));
 */
export async function joinInto<Item>(
  place: JoinPlace<Item>,
  join: (stored: Item | undefined) => Item | null,
  { isLikelyNew = false }: { readonly isLikelyNew?: boolean } = {},
): Promise<JoinOutcome<Item>> {
  let stored = isLikelyNew ? undefined : await place.read();
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const item = join(stored);
    if (item === null) return { outcome: 'known', item: stored };
    const outcome = await place.write(item);
    if (outcome === 'written') return { outcome, item };
    if (outcome === 'refused') return { outcome };
    stored = await place.read();
  }
  return { outcome: 'contended' };
}
