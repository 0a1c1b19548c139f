import { facetsOf, foldSubject } from './fold.ts';
import { hash64 } from './hash.ts';
import type { FacetName, ItemName, StoredItem } from './item.ts';
import { canonicalText, type Json } from './json.ts';
import { joinEntries, joinSets, totalsOf, type Ledger, type LedgerEntry } from './ledger.ts';
import { decodeEntries, decodeLedger, encodeEntries, encodeLedger } from './ledger-codec.ts';
import { withWholeWindows } from './segments/compare-windows.ts';
import type { WindowPlan } from './segments/window.ts';
import type { SubjectHistory } from './subject-sample.ts';
import { positionName } from './watermark.ts';

/**
 * What recomputing a facet says of it. `whole`: its first and its newest record were read, so that nothing of its history
 * is missing, and it must be what the fold makes of them. `part`: only that the ledger holds whatever the records read say
 * of money can be asked. `nothing`: no more than what each record's own finding says.
 */
export type Comparison =
  | { readonly scope: 'nothing' }
  | {
      readonly scope: 'whole' | 'part';
      readonly isSame: boolean;
      /** Checksums of what is stored and of what must be. */
      readonly stored: string;
      readonly expected: string;
    };

/** The facets that a history's records belong to. */
export function facetsIn({ records, lane }: SubjectHistory): readonly FacetName[] {
  return [...new Set(records.flatMap(({ event }) => facetsOf(event, lane)))];
}

/** The pages that a stored facet has: they are needed to compare it. */
export function pagesOf(stored: StoredItem): readonly `orders#${string}`[] {
  if (stored.item !== 'orders') return [];
  const ledger = parsed(stored.state, decodeLedger);
  return ledger ? [...ledger.pages.keys()].map((page) => `orders#${page}` as const) : [];
}

/**
 * Folds a history from nothing, with the fold that made the stored facet, and compares. All of its records must have
 * been applied, or be such as no facet can take.
 *
 * @param pages of the facet, by item name
 * @param windows what the fold keeps for segments now
 */
export function compareFacet(
  history: SubjectHistory,
  stored: StoredItem,
  pages: ReadonlyMap<ItemName, StoredItem>,
  windows: WindowPlan,
): Comparison {
  const { incarnation } = history;
  const own = history.records.filter(({ event }) =>
    facetsOf(event, history.lane).some((facet) => facet === stored.item),
  );
  // The life of the stream that the facet heard of last: if it is the first, too, a history of it lacks nothing.
  const isEndSeen =
    stored.watermark?.incarnation === incarnation && stored.watermark.sequence === own.at(-1)?.sequence;
  const isStartSeen = own.some(({ sequence }) => positionName({ incarnation, sequence }) === stored.first);
  const items = refold(history, stored, windows);
  const expected = items.get(stored.item);
  if (expected === undefined) return { scope: 'nothing' };
  if (isStartSeen && isEndSeen) {
    const [[state, ...others], [wanted, ...rest]] = [contentOf(stored, pages), contentOf(expected, items)];
    const [found, made] = withWholeWindows(state, wanted);
    return compared('whole', [found, ...others], [made, ...rest]);
  }
  return stored.item === 'orders' ? compareMoney(stored, pages, expected, items) : { scope: 'nothing' };
}

/** A ledger holds what a part of its records says if joining that into it changes nothing. */
function compareMoney(
  stored: StoredItem,
  pages: ReadonlyMap<ItemName, StoredItem>,
  expected: StoredItem,
  items: ReadonlyMap<ItemName, StoredItem>,
): Comparison {
  const wanted = entriesIn(expected, items) ?? [];
  const held = new Map(entriesIn(stored, pages)?.map((entry) => [entry.id, entry]));
  const found = wanted.flatMap(({ id }) => held.get(id) ?? []);
  const joined = wanted.map((entry): LedgerEntry => {
    const known = held.get(entry.id);
    return known ? joinEntries(known, entry) : entry;
  });
  return compared('part', encodeEntries(found), encodeEntries(joined));
}

function refold(
  { key, lane, incarnation, records }: SubjectHistory,
  stored: StoredItem,
  windows: WindowPlan,
): ReadonlyMap<ItemName, StoredItem> {
  const items = new Map<ItemName, StoredItem | null>();
  // Whoever was erased begins with what an erased subject has, and takes only what happened since.
  if (stored.erasedAt !== undefined)
    items.set(stored.item, { key, item: stored.item, v: 0, state: '{}', erasedAt: stored.erasedAt });
  for (;;) {
    const step = foldSubject(key, records, items, { lane, incarnation, now: 0, windows });
    if (!('needs' in step)) return new Map(step.writes.map((item) => [item.item, item]));
    for (const item of step.needs) items.set(item, null);
  }
}

/** What is the same however the records were cut into batches: not the version, nor when it was written, nor which order lies in which page. */
function contentOf(
  item: StoredItem,
  pages: ReadonlyMap<ItemName, StoredItem>,
): readonly [state: Json, ...others: Json[]] {
  const state = parsed(item.state, (value) => {
    if (item.item === 'orders') return moneyOf(value, item, pages);
    return item.item === 'checkout' ? withoutPartings(value) : value;
  });
  return [state ?? 'unreadable', [...(item.ring ?? [])], item.newestReceivedAt ?? null];
}

/** `checkout` less when devices were taken away: the erasing of a device alone notes that, too, and no event. */
export function withoutPartings(state: Json): Json {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return state;
  const { x: _, ...rest } = state as { readonly [name: string]: Json };
  return rest;
}

/** A ledger's entries as they are stored, those in its pages among the others. Undefined as in {@link entriesIn}. */
function moneyOf(state: Json, item: StoredItem, pages: ReadonlyMap<ItemName, StoredItem>): Json | undefined {
  if (entriesIn(item, pages) === undefined) return undefined;
  const { e = [], p: _, ...rest } = state as { readonly e?: readonly Json[]; readonly p?: Json };
  const paged = pagesOf(item).flatMap(
    (page) => JSON.parse(pages.get(page)?.state ?? '[]') as readonly Json[],
  );
  const entries = [...e, ...paged].sort((one, other) => (canonicalText(one) < canonicalText(other) ? -1 : 1));
  return [entries, rest];
}

/** All entries of a ledger, those in its pages too. Undefined: a page is lost, or is not what the ledger's sum of it says. */
function entriesIn(
  item: StoredItem,
  pages: ReadonlyMap<ItemName, StoredItem>,
): readonly LedgerEntry[] | undefined {
  const ledger = parsed(item.state, decodeLedger);
  if (ledger === undefined) return undefined;
  let all = ledger.entries;
  for (const [page, sum] of ledger.pages) {
    const stored = pages.get(`orders#${page}`);
    const entries = stored && parsed(stored.state, decodeEntries);
    if (entries === undefined) return undefined;
    const asLedger: Ledger = { entries, pages: new Map() };
    if (sumText(page, totalsOf(asLedger)) !== sumText(page, sum)) return undefined;
    all = joinSets(all, entries);
  }
  return all;
}

function sumText(page: string, totals: ReturnType<typeof totalsOf>): string {
  return canonicalText(encodeLedger({ entries: [], pages: new Map([[page, totals]]) }));
}

/** Stored JSON is the product's own, but an audit must not end at an item that somebody has broken. */
function parsed<Value>(state: string, decode: (stored: Json) => Value | undefined): Value | undefined {
  try {
    return decode(JSON.parse(state) as Json);
  } catch {
    return undefined;
  }
}

function compared(scope: 'whole' | 'part', stored: Json, expected: Json): Comparison {
  const [found, wanted] = [checksumOf(stored), checksumOf(expected)];
  return { scope, isSame: found === wanted, stored: found, expected: wanted };
}

/** 64 bits of a value's canonical text, as 16 hexadecimal digits. */
function checksumOf(value: Json): string {
  return hash64(canonicalText(value))
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');
}
