import { hashText } from './hash.ts';
import { currencyOf, minorUnits, NO_CURRENCY } from './money.ts';
import { compareDated, type Dated } from './newest.ts';
import { numberOf, textOf } from './property.ts';
import type { StreamEvent } from './stream-event.ts';

/**
 * The ledger: orders, refunds and points of a subject, each under its own id for ever, so that none counts twice
 * however late it comes back. The newest stand in the `orders` item, older ones in pages by the first digit of
 * their id; the item keeps a sum of each page, so that reading totals needs no page.
 */
export type EntryKind = 'order' | 'refund' | 'points';

export interface LedgerEntry extends Dated {
  readonly kind: EntryKind;
  /** ms of the event that set amount and currency; 0: not seen yet (a cancellation came first). */
  readonly amountAt: number;
  /** Integer minor units; for points, points. Redeemed points are negative. */
  readonly amount: number;
  readonly currency: string;
  /** ms, 0: not cancelled */
  readonly cancelledAt: number;
  /** ms, 0: not delivered */
  readonly deliveredAt: number;
}

/** What readers need of many entries; amounts by currency in integer minor units. */
export interface LedgerTotals {
  readonly orders: number;
  readonly cancelled: number;
  readonly delivered: number;
  readonly refunds: number;
  readonly points: number;
  readonly spent: ReadonlyMap<string, number>;
  readonly refunded: ReadonlyMap<string, number>;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Sums of the pages that exist, by page digit. */
  readonly pages: ReadonlyMap<string, LedgerTotals>;
}

export const EMPTY_LEDGER: Ledger = { entries: [], pages: new Map() };

/** Beyond this many entries the oldest move to pages, down to {@link KEPT_ENTRIES}, so that a busy buyer pages rarely. */
const MAX_ENTRIES = 64;
const KEPT_ENTRIES = 48;

type Change = Pick<LedgerEntry, 'id' | 'kind' | 'at'> & Partial<LedgerEntry>;

/** `Order Completed`, `Order Updated`: the newest of the two says what the order is worth. */
export function recordOrder(event: StreamEvent): LedgerEntry {
  const properties = event.message.properties ?? {};
  const currency = currencyOf(properties.currency) ?? NO_CURRENCY;
  const amount = amountOf(event, ['total', 'revenue', 'value'], currency);
  return entryOf({ ...orderChange(event), amount, currency, amountAt: event.at });
}

export function recordCancellation(event: StreamEvent): LedgerEntry {
  return entryOf({ ...orderChange(event), cancelledAt: event.at });
}

export function recordDelivery(event: StreamEvent): LedgerEntry {
  return entryOf({ ...orderChange(event), deliveredAt: event.at });
}

/** A refund is keyed by `refund_id` or else its message: one order can be refunded in parts. */
export function recordRefund(event: StreamEvent): LedgerEntry {
  const properties = event.message.properties ?? {};
  const currency = currencyOf(properties.currency) ?? NO_CURRENCY;
  const amount = Math.abs(amountOf(event, ['total', 'amount', 'value'], currency));
  const name = textOf(properties.refund_id) ?? `message:${event.message.messageId}`;
  return entryOf({
    id: idOf('refund', name),
    kind: 'refund',
    at: event.at,
    amount,
    currency,
    amountAt: event.at,
  });
}

/** Points are keyed by `transaction_id` or else their message. `sign` −1: redeemed. */
export function recordPoints(event: StreamEvent, sign: 1 | -1): LedgerEntry {
  const properties = event.message.properties ?? {};
  const points = numberOf(properties.points);
  if (points === undefined || !Number.isSafeInteger(Math.round(points))) {
    throw new LedgerFault('invalid_points', 'properties.points', 'points must be a number');
  }
  const name = textOf(properties.transaction_id) ?? `message:${event.message.messageId}`;
  const amount = sign * Math.abs(Math.round(points)) || 0;
  return entryOf({
    id: idOf(`points${sign}`, name),
    kind: 'points',
    at: event.at,
    amount,
    currency: NO_CURRENCY,
    amountAt: event.at,
  });
}

/** An event that money cannot be booked from; it goes to quarantine with this code and path. */
export class LedgerFault extends Error {
  override readonly name = 'LedgerFault';
  constructor(
    readonly code: string,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** Two states of one entry joined: commutative, associative, idempotent. */
export function joinEntries(left: LedgerEntry, right: LedgerEntry): LedgerEntry {
  const worth = compareWorth(left, right) >= 0 ? left : right;
  return {
    id: left.id,
    kind: left.kind,
    at: Math.min(left.at, right.at),
    amountAt: worth.amountAt,
    amount: worth.amount,
    currency: worth.currency,
    cancelledAt: Math.max(left.cancelledAt, right.cancelledAt),
    deliveredAt: Math.max(left.deliveredAt, right.deliveredAt),
  };
}

/** The union of two sets of entries, sorted by id. */
export function joinSets(
  left: readonly LedgerEntry[],
  right: readonly LedgerEntry[],
): readonly LedgerEntry[] {
  const byId = new Map(left.map((entry) => [entry.id, entry]));
  for (const entry of right) {
    const known = byId.get(entry.id);
    byId.set(entry.id, known ? joinEntries(known, entry) : entry);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Which page an entry belongs to: one of 16, by its id alone. */
export function pageOf(id: string): string {
  return ((id.codePointAt(0) ?? 0) % 16).toString(16);
}

export type BookResult =
  | { readonly needs: readonly string[] }
  | { readonly ledger: Ledger; readonly pages: ReadonlyMap<string, readonly LedgerEntry[]> };

/**
 * Books entries. `known` holds the pages read so far by digit (an empty list: read, and not there); an entry that
 * may stand in a page not read yet, or must move to one, asks for it through `needs`. The pages returned are to
 * be written before the ledger: after a crash between the two, the same call comes to the same result.
 */
export function book(
  ledger: Ledger,
  changes: readonly LedgerEntry[],
  known: ReadonlyMap<string, readonly LedgerEntry[]>,
): BookResult {
  const inItem = new Set(ledger.entries.map((entry) => entry.id));
  const paged = changes.filter((change) => !inItem.has(change.id) && ledger.pages.has(pageOf(change.id)));
  const missing = paged.map((change) => pageOf(change.id)).filter((page) => !known.has(page));
  if (missing.length > 0) return { needs: [...new Set(missing)] };

  const isPaged = (change: LedgerEntry): boolean =>
    paged.includes(change) && (known.get(pageOf(change.id)) ?? []).some((entry) => entry.id === change.id);
  const entries = joinSets(
    ledger.entries,
    changes.filter((change) => !isPaged(change)),
  );
  const { kept, moved } = splitOldest(entries);
  const needed = moved.map((entry) => pageOf(entry.id)).filter((page) => !known.has(page));
  if (needed.length > 0) return { needs: [...new Set(needed)] };

  // What an attempt that ended before its ledger was written has put into a page: it must not be counted twice.
  const strays = kept.filter(({ id }) => (known.get(pageOf(id)) ?? []).some((entry) => entry.id === id));
  const pages = new Map<string, readonly LedgerEntry[]>();
  for (const entry of [...changes.filter(isPaged), ...moved, ...strays]) {
    const page = pageOf(entry.id);
    pages.set(page, joinSets(pages.get(page) ?? known.get(page) ?? [], [entry]));
  }
  const sums = new Map(ledger.pages);
  for (const [page, list] of pages) sums.set(page, sumOf(list));
  // A page that was written before the write of the ledger failed need not be written again.
  const changed = [...pages].filter(
    ([page, list]) => JSON.stringify(list) !== JSON.stringify(known.get(page)),
  );
  return {
    ledger: { entries: kept.filter((entry) => !strays.includes(entry)), pages: sums },
    pages: new Map(changed),
  };
}

/** A ledger with the entries of a page that was read put back among its own: the same totals, but mergeable by id. */
export function withPage(ledger: Ledger, page: string, entries: readonly LedgerEntry[]): Ledger {
  const pages = new Map(ledger.pages);
  pages.delete(page);
  return { entries: joinSets(ledger.entries, entries), pages };
}

/**
 * The ledgers of two subjects read as one (a user's and its device's): an id they share counts once. Ids in pages
 * are known only if the pages were read too ({@link withPage}); sums of pages that were not are added up.
 */
export function mergeLedgers(left: Ledger, right: Ledger): Ledger {
  const pages = new Map(left.pages);
  for (const [page, totals] of right.pages) pages.set(page, addTotals(pages.get(page) ?? NO_TOTALS, totals));
  return { entries: joinSets(left.entries, right.entries), pages };
}

export function totalsOf(ledger: Ledger): LedgerTotals {
  return [...ledger.pages.values()].reduce(addTotals, sumOf(ledger.entries));
}

const NO_TOTALS: LedgerTotals = {
  orders: 0,
  cancelled: 0,
  delivered: 0,
  refunds: 0,
  points: 0,
  spent: new Map(),
  refunded: new Map(),
  firstAt: 0,
  lastAt: 0,
};

/** Orders that were completed and not cancelled count; a cancelled one is no order any more. */
function sumOf(entries: readonly LedgerEntry[]): LedgerTotals {
  return entries.reduce((totals, entry) => addTotals(totals, totalsOfEntry(entry)), NO_TOTALS);
}

function totalsOfEntry(entry: LedgerEntry): LedgerTotals {
  if (entry.amountAt === 0) return NO_TOTALS;
  const money = new Map([[entry.currency, entry.amount]]);
  switch (entry.kind) {
    case 'points':
      return { ...NO_TOTALS, points: entry.amount };
    case 'refund':
      return { ...NO_TOTALS, refunds: 1, refunded: money };
    case 'order':
      if (entry.cancelledAt > 0) return { ...NO_TOTALS, cancelled: 1 };
      return {
        ...NO_TOTALS,
        orders: 1,
        delivered: entry.deliveredAt > 0 ? 1 : 0,
        spent: money,
        firstAt: entry.at,
        lastAt: entry.at,
      };
  }
}

function addTotals(left: LedgerTotals, right: LedgerTotals): LedgerTotals {
  return {
    orders: left.orders + right.orders,
    cancelled: left.cancelled + right.cancelled,
    delivered: left.delivered + right.delivered,
    refunds: left.refunds + right.refunds,
    points: left.points + right.points,
    spent: addMoney(left.spent, right.spent),
    refunded: addMoney(left.refunded, right.refunded),
    firstAt:
      left.firstAt && right.firstAt ? Math.min(left.firstAt, right.firstAt) : left.firstAt || right.firstAt,
    lastAt: Math.max(left.lastAt, right.lastAt),
  };
}

function addMoney(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sum = new Map(left);
  for (const [currency, amount] of right) sum.set(currency, (sum.get(currency) ?? 0) + amount);
  return sum;
}

function splitOldest(entries: readonly LedgerEntry[]): {
  readonly kept: readonly LedgerEntry[];
  readonly moved: readonly LedgerEntry[];
} {
  if (entries.length <= MAX_ENTRIES) return { kept: entries, moved: [] };
  const moved = new Set([...entries].sort(compareDated).slice(0, entries.length - KEPT_ENTRIES));
  return { kept: entries.filter((entry) => !moved.has(entry)), moved: [...moved] };
}

function compareWorth(left: LedgerEntry, right: LedgerEntry): number {
  if (left.amountAt !== right.amountAt) return left.amountAt - right.amountAt;
  if (left.amount !== right.amount) return left.amount - right.amount;
  return left.currency < right.currency ? -1 : 1;
}

function orderChange(event: StreamEvent): Change {
  const orderId = textOf(event.message.properties?.order_id);
  if (orderId === undefined) {
    throw new LedgerFault('missing_order_id', 'properties.order_id', 'an order event needs its order_id');
  }
  return { id: idOf('order', orderId), kind: 'order', at: event.at };
}

function amountOf(event: StreamEvent, names: readonly string[], currency: string): number {
  const properties = event.message.properties ?? {};
  const name = names.find(
    (candidate) => properties[candidate] !== undefined && properties[candidate] !== null,
  );
  if (name === undefined) return 0;
  const amount = minorUnits(properties[name], currency);
  if (amount === undefined)
    throw new LedgerFault('invalid_amount', `properties.${name}`, `${name} must be an amount of money`);
  return amount;
}

function idOf(kind: string, name: string): string {
  return hashText(`${kind}\n${name}`, 10);
}

function entryOf(change: Change): LedgerEntry {
  return { amountAt: 0, amount: 0, currency: NO_CURRENCY, cancelledAt: 0, deliveredAt: 0, ...change };
}
