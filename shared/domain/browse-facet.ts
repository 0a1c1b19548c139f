import type { Json } from './json.ts';
import { newestOf, type Dated } from './newest.ts';
import { objectOf, objectsOf, textOf } from './property.ts';
import {
  decodeWindows,
  encodeWindows,
  mergeWindows,
  NO_WINDOWS,
  type KeptWindows,
} from './segments/kept-windows.ts';
import type { StreamEvent } from './stream-event.ts';
import { monthOf, monthText } from './time.ts';

/** One look at a product; `id` is the product's. */
export interface ProductView extends Dated {
  readonly category: string;
}

/** What the bulk lane knows of a subject. */
export interface BrowseFacet {
  readonly viewed: readonly ProductView[];
  /** `id` is what was searched for. */
  readonly searches: readonly Dated[];
  /** Events by kind and calendar month: the only counters, and why this facet keeps a ring. */
  readonly counts: ReadonlyMap<string, number>;
  /** Events whose name the table does not know, by name. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Events that segments look back at. */
  readonly windows: KeptWindows;
}

export const EMPTY_BROWSE: BrowseFacet = {
  viewed: [],
  searches: [],
  counts: new Map(),
  unknown: new Map(),
  windows: NO_WINDOWS,
};

const MAX_VIEWED = 24;
const MAX_SEARCHES = 8;
const MAX_MONTHS = 13;
const MAX_UNKNOWN_NAMES = 8;

/** What is counted by month, by the letter it is stored under. */
const COUNTED = {
  view: 'v',
  click: 'c',
  list: 'l',
  search: 's',
  share: 'h',
  page: 'p',
  wishlist: 'w',
  review: 'r',
  promotion: 'm',
} as const;
export type Counted = keyof typeof COUNTED;

export function noteView(facet: BrowseFacet, event: StreamEvent): BrowseFacet {
  const properties = event.message.properties ?? {};
  const products =
    properties.products === undefined ? [properties] : objectsOf(properties.products, MAX_VIEWED);
  const viewed = products.flatMap((product): readonly ProductView[] => {
    const id = textOf(product.product_id) ?? textOf(product.sku);
    return id === undefined ? [] : [{ id, at: event.at, category: textOf(product.category) ?? '' }];
  });
  return { ...facet, viewed: newestOf(facet.viewed, viewed, MAX_VIEWED) };
}

export function noteSearch(facet: BrowseFacet, event: StreamEvent): BrowseFacet {
  const query = textOf(event.message.properties?.query);
  if (query === undefined) return facet;
  return {
    ...facet,
    searches: newestOf(facet.searches, [{ id: query.toLowerCase(), at: event.at }], MAX_SEARCHES),
  };
}

export function countEvent(facet: BrowseFacet, event: StreamEvent, counted: Counted): BrowseFacet {
  return {
    ...facet,
    counts: addCounts(facet.counts, new Map([[`${COUNTED[counted]}${monthOf(event.at)}`, 1]])),
  };
}

export function countUnknown(facet: BrowseFacet, event: StreamEvent): BrowseFacet {
  const name = textOf(event.message.event)?.slice(0, 64);
  return name === undefined ? facet : { ...facet, unknown: addUnknown(facet.unknown, new Map([[name, 1]])) };
}

export function mergeBrowses(left: BrowseFacet, right: BrowseFacet): BrowseFacet {
  return {
    viewed: newestOf(left.viewed, right.viewed, MAX_VIEWED),
    searches: newestOf(left.searches, right.searches, MAX_SEARCHES),
    counts: addCounts(left.counts, right.counts),
    unknown: addUnknown(left.unknown, right.unknown),
    windows: mergeWindows(left.windows, right.windows),
  };
}

/** `countsByMonth(facet, 'view')` → `{ '2017-11': 31 }` */
export function countsByMonth(facet: BrowseFacet, counted: Counted): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...facet.counts]
      .filter(([key]) => key.startsWith(COUNTED[counted]))
      .map(([key, count]) => [monthText(Number(key.slice(1))), count]),
  );
}

/** Months are counted back from the newest one seen, so that what is dropped never depends on the order of events. */
function addCounts(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sum = addUp(left, right);
  const newest = Math.max(0, ...[...sum.keys()].map((key) => Number(key.slice(1))));
  return new Map([...sum].filter(([key]) => Number(key.slice(1)) > newest - MAX_MONTHS));
}

/**
 * The first names in the alphabet are kept: a name that is in the end among them always was, so its count is
 * whole whatever the order of events.
 */
function addUnknown(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...addUp(left, right)].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_UNKNOWN_NAMES));
}

function addUp(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sum = new Map(left);
  for (const [key, count] of right) sum.set(key, (sum.get(key) ?? 0) + count);
  return sum;
}

export function encodeBrowse(facet: BrowseFacet): Json {
  const windows = encodeWindows(facet.windows);
  return {
    ...(facet.viewed.length > 0 && { v: facet.viewed.map(({ id, at, category }) => [id, at, category]) }),
    ...(facet.searches.length > 0 && { q: facet.searches.map(({ id, at }) => [id, at]) }),
    ...(facet.counts.size > 0 && { n: [...facet.counts] }),
    ...(facet.unknown.size > 0 && { x: [...facet.unknown] }),
    ...(windows !== undefined && { w: windows }),
  };
}

export function decodeBrowse(stored: Json | undefined): BrowseFacet {
  const fields = objectOf(stored);
  const viewed = (fields.v ?? []) as readonly [string, number, string][];
  const searches = (fields.q ?? []) as readonly [string, number][];
  return {
    viewed: viewed.map(([id, at, category]) => ({ id, at, category })),
    searches: searches.map(([id, at]) => ({ id, at })),
    counts: new Map((fields.n ?? []) as readonly [string, number][]),
    unknown: new Map((fields.x ?? []) as readonly [string, number][]),
    windows: decodeWindows(fields.w),
  };
}
