import type { FacetName, ItemName, StoredItem } from '../../shared/domain/item.ts';
import { compareFacet, facetsIn, pagesOf } from '../../shared/domain/recompute.ts';
import type { SubjectHistory } from '../../shared/domain/subject-sample.ts';
import type { WindowPlan } from '../../shared/domain/segments/window.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';

export interface Mismatch {
  readonly key: string;
  readonly facet: FacetName;
  readonly scope: 'whole' | 'part';
  /** Checksums of what is stored and of what the fold makes of the records. */
  readonly stored: string;
  readonly expected: string;
}

export interface ProfilesCompared {
  /** Subjects of whom a facet was compared in all that it is; and of the others those whose money was. */
  readonly whole: number;
  readonly part: number;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Compares the facets of these histories with what the fold makes of them. What differs is looked at a second time: a
 * facet and its pages are not read in one instant.
 */
export async function compareProfiles(
  histories: readonly SubjectHistory[],
  store: Pick<ProfileStore, 'read'>,
  windows: WindowPlan,
): Promise<ProfilesCompared> {
  const compared = await compareOnce(histories, store, windows);
  const doubtful = compared.filter(({ isSame }) => !isSame);
  const again = await compareOnce(
    histories.filter((history) => doubtful.some((one) => one.history === history)),
    store,
    windows,
  );
  const mismatches = doubtful.flatMap(({ history, item, v }) => {
    const second = again.find((one) => one.history === history && one.item === item);
    // A facet that has moved on meanwhile is left to another audit.
    if (!second || second.isSame || second.v !== v) return [];
    const { scope, stored, expected } = second;
    return [{ key: history.key, facet: item, scope, stored, expected }];
  });
  const keysOf = (scope: 'whole' | 'part') =>
    new Set(compared.filter((one) => one.scope === scope).map(({ history }) => history.key));
  const whole = keysOf('whole');
  const part = [...keysOf('part')].filter((key) => !whole.has(key));
  return { whole: whole.size, part: part.length, mismatches };
}

interface FacetCompared {
  readonly history: SubjectHistory;
  readonly item: FacetName;
  readonly v: number;
  readonly scope: 'whole' | 'part';
  readonly isSame: boolean;
  readonly stored: string;
  readonly expected: string;
}

async function compareOnce(
  histories: readonly SubjectHistory[],
  store: Pick<ProfileStore, 'read'>,
  windows: WindowPlan,
): Promise<readonly FacetCompared[]> {
  const facets = histories.flatMap((history) => facetsIn(history).map((item) => ({ history, item })));
  const items = await readItems(
    facets.map(({ history: { key }, item }) => ({ key, item })),
    store,
  );
  const itemOf = (key: string, item: ItemName): StoredItem | undefined => items.get(key)?.get(item);
  const pages = await readItems(
    facets.flatMap(({ history: { key }, item }) => {
      const stored = itemOf(key, item);
      return stored ? pagesOf(stored).map((page) => ({ key, item: page })) : [];
    }),
    store,
  );
  return facets.flatMap(({ history, item }): readonly FacetCompared[] => {
    const stored = itemOf(history.key, item);
    if (!stored) return [];
    const comparison = compareFacet(history, stored, pages.get(history.key) ?? new Map(), windows);
    return comparison.scope === 'nothing' ? [] : [{ history, item, v: stored.v, ...comparison }];
  });
}

async function readItems(
  refs: readonly { readonly key: string; readonly item: ItemName }[],
  store: Pick<ProfileStore, 'read'>,
): Promise<ReadonlyMap<string, ReadonlyMap<ItemName, StoredItem>>> {
  const items = new Map<string, Map<ItemName, StoredItem>>();
  for (const stored of refs.length === 0 ? [] : await store.read(refs)) {
    const own = items.get(stored.key) ?? new Map<ItemName, StoredItem>();
    items.set(stored.key, own.set(stored.item, stored));
  }
  return items;
}
