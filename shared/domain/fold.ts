import { ruleOf, type EventRule } from './events.ts';
import { isErased, lateLinksOf, type LateLink } from './erasure.ts';
import { BROWSE, CHECKOUT, CLAIMS, ORDERS, type FacetDefinition } from './facets.ts';
import { FIRST_PAGE, type FacetName, type ItemName, type Reach, type StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { book, LedgerFault } from './ledger.ts';
import { decodeEntries, encodeEntries, encodeLedger } from './ledger-codec.ts';
import type { Link } from './links.ts';
import { ringAdd, ringHas } from './ring.ts';
import type { Window, WindowPlan } from './segments/window.ts';
import type { Lane, StreamEvent } from './stream-event.ts';
import { hasTaken, positionName, reachAfter, reachOf } from './watermark.ts';

/** One record of a stream, in the order of its shard. */
export interface FoldRecord {
  readonly sequence: string;
  readonly event: StreamEvent;
}

export interface FoldContext {
  readonly lane: Lane;
  /** Which life of the stream the records come from (see watermark.ts). */
  readonly incarnation: string;
  /** ms; when the items are written */
  readonly now: number;
  /** What segments look back at: the facets keep just that. */
  readonly windows: WindowPlan;
}

/** An event that cannot be applied: it goes to quarantine, the others of its subject go on. */
export interface Poison {
  readonly sequence: string;
  readonly code: string;
  readonly reason: string;
  readonly path?: string;
}

/**
 * What became of a record. A redelivery is one that every facet has taken before; it is no deduplication. `suppressed`:
 * its subject was erased since it happened.
 */
export type Verdict = 'redelivered' | 'applied' | 'deduplicated' | 'suppressed' | 'poison';

export interface SubjectFold {
  /** To be joined before the writes: a facet remembers that its links were made. */
  readonly links: readonly Link[];
  /** To be seen to before the writes, too: they make no link, but erase what their device knows of the user. */
  readonly lateLinks: readonly LateLink[];
  /** To be written in this order, each conditional on its `v`. */
  readonly writes: readonly StoredItem[];
  readonly poison: readonly Poison[];
  /** By sequence. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** Items that must be read (and put into `items`, null if absent) before the fold can go on. */
export interface Needs {
  readonly needs: readonly ItemName[];
}

/** What a subject's partition holds, as far as it was read; null: read, and not there. */
export type ItemsRead = ReadonlyMap<ItemName, StoredItem | null>;

/**
 * Folds one subject's records into its items: what an event does to a profile, all of it.
 *
 * "Exactly one effect" comes from three things: a record at or below a facet's watermark (of the record's life of the
 * stream) is skipped, a message in its ring only moves the watermark, and facts are joins, so that order and repetition
 * do not matter to them.
 * Each facet is one conditional write that carries both the effect and the watermark.
 *
 * @example
 * let step = foldSubject(key, records, items, context);
 * while ('needs' in step) {
 *   for (const item of step.needs) items.set(item, await readItem(key, item));
 *   step = foldSubject(key, records, items, context);
 * }
 */
export function foldSubject(
  key: string,
  records: readonly FoldRecord[],
  items: ItemsRead,
  context: FoldContext,
): SubjectFold | Needs {
  const facets = WRITE_ORDER.map((facet) => ({
    facet,
    records: records.filter(({ event }) => facetsOf(event, context.lane).includes(facet)),
  })).filter((part) => part.records.length > 0);
  const unread = facets.filter(({ facet }) => !items.has(facet)).map(({ facet }) => facet);
  if (unread.length > 0) return { needs: unread };

  const poison = unbookable(records);
  for (;;) {
    const folds = facets.map((part) => foldFacet(key, part.facet, part.records, items, context, poison));
    const found = folds.flatMap((fold) => ('poison' in fold ? [fold.poison] : []));
    if (found.length > 0) {
      // No facet may keep an effect of an event that another cannot take: fold again without it.
      for (const entry of found) poison.set(entry.sequence, entry);
      continue;
    }
    const needs = folds.flatMap((fold) => ('needs' in fold ? fold.needs : []));
    if (needs.length > 0) return { needs };
    return joinFolds(
      // Stryker disable next-line MethodExpression: all of them have, by now; the types do not know
      folds.filter((fold) => 'writes' in fold),
      [...poison.values()],
    );
  }
}

/**
 * Events that money cannot be booked from. Found in the event itself, not on the way through the ledger: after a
 * crash between two writes the ledger has passed the record already, and the other facet must still not take it.
 */
function unbookable(records: readonly FoldRecord[]): Map<string, Poison> {
  const poison = new Map<string, Poison>();
  for (const { sequence, event } of records) {
    const fault = bookingFault(event);
    if (fault !== undefined) poison.set(sequence, poisonOf(sequence, fault));
  }
  return poison;
}

/** Why money cannot be booked from an event; undefined: it can, or there is none to book. */
export function bookingFault(event: StreamEvent): unknown {
  const rule: EventRule = ruleOf(event.message);
  if (rule.orders === undefined || event.subject.kind === 'claims') return undefined;
  try {
    rule.orders(event);
    return undefined;
  } catch (error) {
    return error ?? new Error('the event cannot be booked');
  }
}

/** Pages come before their orders; the facet whose ring says "done" comes last. */
const WRITE_ORDER: readonly FacetName[] = ['orders', 'checkout', 'claims', 'browse', 'claims-browse'];

/** The facets that one event may change. */
export function facetsOf(event: StreamEvent, lane: Lane): readonly FacetName[] {
  if (event.subject.kind === 'claims') return [lane === 'critical' ? 'claims' : 'claims-browse'];
  if (lane === 'bulk') return ['browse'];
  const rule: EventRule = ruleOf(event.message);
  if (rule.orders === undefined) return ['checkout'];
  return rule.checkout === undefined ? ['orders'] : ['orders', 'checkout'];
}

type FacetFold = Omit<SubjectFold, 'poison'>;
type FacetStep = FacetFold | Needs | { readonly poison: Poison };

function foldFacet(
  key: string,
  facet: FacetName,
  records: readonly FoldRecord[],
  items: ItemsRead,
  context: FoldContext,
  poison: ReadonlyMap<string, Poison>,
): FacetStep {
  const stored = items.get(facet) ?? undefined;
  const windows = facet === 'checkout' || facet === 'browse' ? context.windows[facet] : [];
  const seal = (taken: Taken<unknown>, state: Json): StoredItem => ({
    key,
    item: facet,
    v: (stored?.v ?? 0) + 1,
    // A tombstone stays one until something new is applied.
    state: stored !== undefined && !taken.isApplied ? stored.state : JSON.stringify(state),
    ...taken.reach,
    ...(taken.first !== undefined && { first: taken.first }),
    ...(taken.ring.length > 0 && { ring: taken.ring }),
    newestReceivedAt: taken.newestReceivedAt,
    writtenAt: context.now,
    ...(stored?.erasedAt !== undefined && { erasedAt: stored.erasedAt }),
  });
  const facts = <State>(
    definition: FacetDefinition<State>,
    linksOf: (state: State) => readonly Link[],
  ): FacetStep => {
    const taken = take(definition, stored, records, context, poison, windows);
    if ('poison' in taken) return taken;
    const writes = taken.moved ? [seal(taken, definition.encode(taken.state))] : [];
    const lateLinks = facet === 'checkout' ? lateLinksOf(taken.suppressed, stored?.erasedAt) : [];
    return { writes, links: linksOf(taken.state), lateLinks, verdicts: taken.verdicts };
  };
  switch (facet) {
    case 'checkout':
      return facts(CHECKOUT, (work) => work.links);
    case 'claims':
      return facts(CLAIMS, () => []);
    case 'browse':
    case 'claims-browse':
      return facts(BROWSE, () => []);
    case 'orders': {
      const taken = take(ORDERS, stored, records, context, poison, windows);
      // Stryker disable next-line all: what cannot be booked is none of these records; the types do not know
      if ('poison' in taken) return taken;
      const booked = book(taken.state.ledger, taken.state.changes, pagesRead(items, stored?.erasedAt));
      if ('needs' in booked) return { needs: booked.needs.map((page) => `orders#${page}` as const) };
      // Erased after the ledger was read, which was erased before its pages: what is in it must not get into them.
      if (isLedgerStale(stored, items)) return { needs: ['orders'] };
      const pages = [...booked.pages].map(([page, entries]): StoredItem => {
        const item = `orders#${page}` as const;
        return {
          key,
          item,
          v: (items.get(item)?.v ?? 0) + 1,
          state: JSON.stringify(encodeEntries(entries)),
          writtenAt: context.now,
          ...(stored?.erasedAt !== undefined && { erasedAt: stored.erasedAt }),
        };
      });
      const orders = taken.moved ? [seal(taken, encodeLedger(booked.ledger))] : [];
      return { writes: [...pages, ...orders], links: [], lateLinks: [], verdicts: taken.verdicts };
    }
  }
}

/** A facet after its records: not yet sealed into an item. */
interface Taken<State> {
  readonly state: State;
  readonly ring: Uint8Array;
  readonly reach: Reach;
  /** Of an item that was begun before first records were named, it is not known. */
  readonly first: string | undefined;
  readonly newestReceivedAt: number | undefined;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Whether a watermark moved: a record without effect moves it too. */
  readonly moved: boolean;
  readonly isApplied: boolean;
  readonly suppressed: readonly StreamEvent[];
}

function take<State>(
  definition: FacetDefinition<State>,
  stored: StoredItem | undefined,
  records: readonly FoldRecord[],
  context: FoldContext,
  poison: ReadonlyMap<string, Poison>,
  windows: readonly Window[],
): Taken<State> | { readonly poison: Poison } {
  const decoded = definition.decode(stored && (JSON.parse(stored.state) as Json));
  let state = definition.prepare(decoded, windows, stored?.newestReceivedAt ?? 0);
  let ring = stored?.ring ?? new Uint8Array();
  const before = reachOf(stored ?? {});
  let reach = before;
  let first = stored?.first;
  let newestReceivedAt = stored?.newestReceivedAt;
  let isApplied = false;
  const suppressed: StreamEvent[] = [];
  const verdicts = new Map<string, Verdict>();
  for (const { sequence, event } of records) {
    const position = { incarnation: context.incarnation, sequence };
    if (hasTaken(reach, position)) {
      if (!verdicts.has(sequence)) verdicts.set(sequence, 'redelivered');
      continue;
    }
    if (reach.watermark === undefined) first = positionName(position);
    reach = reachAfter(reach, position);
    if (poison.has(sequence)) {
      verdicts.set(sequence, 'poison');
      continue;
    }
    if (isErased(stored, event.at)) {
      verdicts.set(sequence, 'suppressed');
      suppressed.push(event);
      continue;
    }
    const { messageId } = event.message;
    if (ringHas(ring, messageId)) {
      verdicts.set(sequence, 'deduplicated');
      continue;
    }
    try {
      const next = definition.apply(state, event, windows);
      verdicts.set(sequence, definition.ringCapacity === 0 && next === state ? 'deduplicated' : 'applied');
      state = next;
    } catch (error) {
      return { poison: poisonOf(sequence, error) };
    }
    if (definition.ringCapacity > 0) ring = ringAdd(ring, messageId, definition.ringCapacity);
    newestReceivedAt = Math.max(newestReceivedAt ?? 0, event.receivedAt);
    isApplied = true;
  }
  return {
    state,
    ring,
    reach,
    first,
    newestReceivedAt,
    verdicts,
    moved: reach !== before,
    isApplied,
    suppressed,
  };
}

function isLedgerStale(ledger: StoredItem | undefined, items: ItemsRead): boolean {
  const erasedAt = ledger?.erasedAt ?? 0;
  return [...items.values()].some(
    (page) => page?.item.startsWith(FIRST_PAGE) && (page.erasedAt ?? 0) > erasedAt,
  );
}

/** A page that the erasing of its ledger has not come to yet holds nothing any more. */
function pagesRead(items: ItemsRead, erasedAt = 0): ReadonlyMap<string, ReturnType<typeof decodeEntries>> {
  return new Map(
    // Stryker disable next-line MethodExpression: what any other item would be taken for has a name that no page has
    [...items]
      // Stryker disable next-line all: as before
      .filter(([item]) => item.startsWith(FIRST_PAGE))
      .map(([item, page]) => [
        item.slice(FIRST_PAGE.length),
        decodeEntries(
          page && (page.erasedAt ?? 0) >= erasedAt ? (JSON.parse(page.state) as Json) : undefined,
        ),
      ]),
  );
}

/**
 * A record's verdict over all its facets. One facet's ring knowing the message outweighs the ledger, which has no
 * ring, taking its entry again; a facet that had it before the crash does not outweigh one that takes it now. What one facet
 * no longer takes, since its subject was erased, does not count as applied while another is still to be erased.
 */
const WEIGHT: Readonly<Record<Verdict, number>> = {
  redelivered: 0,
  applied: 1,
  deduplicated: 2,
  suppressed: 3,
  poison: 4,
};

function joinFolds(folds: readonly FacetFold[], poison: readonly Poison[]): SubjectFold {
  const verdicts = new Map<string, Verdict>();
  for (const [sequence, verdict] of folds.flatMap((fold) => [...fold.verdicts])) {
    const known = verdicts.get(sequence);
    // Stryker disable next-line EqualityOperator: what weighs the same is the same
    if (known === undefined || WEIGHT[verdict] > WEIGHT[known]) verdicts.set(sequence, verdict);
  }
  return {
    links: folds.flatMap((fold) => fold.links),
    lateLinks: folds.flatMap((fold) => fold.lateLinks),
    writes: folds.flatMap((fold) => fold.writes),
    poison: poison.filter(({ sequence }) => verdicts.get(sequence) === 'poison'),
    verdicts,
  };
}

function poisonOf(sequence: string, error: unknown): Poison {
  if (error instanceof LedgerFault)
    return { sequence, code: error.code, reason: error.message, path: error.path };
  return { sequence, code: 'fold_failed', reason: error instanceof Error ? error.message : 'the fold threw' };
}
