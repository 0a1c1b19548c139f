import type { Json } from '../json.ts';
import type { Facts } from '../facts.ts';
import { totalsOf, type Ledger, type LedgerEntry } from '../ledger.ts';
import { compareDated } from '../newest.ts';
import type { WindowValue } from './evaluate.ts';
import { keptWindow, type KeptEvent } from './kept-windows.ts';
import { LEDGER_KEPT, type Window } from './window.ts';

/** What a window shows of somebody at a time. */
export function readWindow(window: Window, facts: Facts, now: number): WindowValue {
  const { entries, completeFrom } = eventsOf(window, facts);
  const start = window.withinMs === undefined ? -1 : now - window.withinMs;
  const seen = entries.filter(({ at }) => at > start);
  const last = seen.at(-1);
  switch (window.op) {
    case 'count':
    case 'distinct':
      return { value: seen.length, ...completeness(completeFrom, start) };
    case 'sum':
      return {
        value: seen.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : 0), 0),
        ...completeness(completeFrom, start),
      };
    case 'first':
      return { value: shown(window, entries[0]), ...completeness(completeFrom, -1) };
    case 'last':
      // Whatever is missing came before.
      return last !== undefined && last.at > completeFrom
        ? { value: shown(window, last), isComplete: true, completeFrom }
        : { value: shown(window, last), ...completeness(completeFrom, start) };
  }
}

/** The times at which what a window shows may change by itself: when one of its events drops out. */
export function windowEnds(window: Window, facts: Facts): readonly number[] {
  const { withinMs } = window;
  return withinMs === undefined ? [] : eventsOf(window, facts).entries.map(({ at }) => at + withinMs);
}

function completeness(completeFrom: number, start: number): Pick<WindowValue, 'isComplete' | 'completeFrom'> {
  return { isComplete: completeFrom === 0 || completeFrom <= start, completeFrom };
}

function shown({ of }: Window, event: KeptEvent | undefined): Json {
  if (event === undefined) return null;
  return of === undefined ? event.at : (event.value ?? null);
}

interface Events {
  /** Oldest first. */
  readonly entries: readonly KeptEvent[];
  readonly completeFrom: number;
}

function eventsOf(window: Window, facts: Facts): Events {
  if (window.source === 'ledger') return ledgerEvents(window, facts.orders);
  const { entries, from, capacity } = keptWindow(facts[window.source].windows, window.name, window.capacity);
  // A full one has pushed out older events. Where no more is asked for than it holds, that changes no answer.
  const isFull = entries.length >= capacity && window.op !== 'first' && window.op !== 'last';
  const hasLost = isFull && (window.op === 'sum' || capacity < window.capacity);
  return { entries, completeFrom: hasLost ? Math.max(from, entries[0]?.at ?? 0) : from };
}

/** What happens to an order after it was made. */
const BELATED: readonly string[] = ['Order Cancelled', 'Order Delivered'];

/** Of a ledger with pages the newest entries are known one by one, the others only as sums. */
function ledgerEvents(window: Window, ledger: Ledger): Events {
  const entries = ledger.entries.flatMap((entry) => eventIn(window, entry) ?? []).sort(compareDated);
  if (ledger.pages.size === 0) return { entries, completeFrom: 0 };
  if (window.op === 'first') {
    const { firstAt } = totalsOf(ledger);
    if (window.event === 'Order Completed') return { entries: [{ id: '', at: firstAt }], completeFrom: 0 };
  }
  // What became of an order that stands in a page is not known here, however new that is.
  if (BELATED.includes(window.event)) return { entries, completeFrom: Infinity };
  const newest = [...ledger.entries].sort(compareDated).at(-LEDGER_KEPT);
  return { entries, completeFrom: newest?.at ?? 0 };
}

function eventIn({ event, currency }: Window, entry: LedgerEntry): KeptEvent | undefined {
  const at = timeIn(event, entry);
  if (at === undefined || (currency !== undefined && entry.currency !== currency)) return undefined;
  return { id: entry.id, at, value: Math.abs(entry.amount) };
}

/** When an entry had the event; undefined: it had not. A cancelled order was none. */
function timeIn(event: string, entry: LedgerEntry): number | undefined {
  const { kind, at, amountAt, amount, cancelledAt, deliveredAt } = entry;
  switch (event) {
    case 'Order Completed':
      return kind === 'order' && amountAt > 0 && cancelledAt === 0 ? at : undefined;
    case 'Order Cancelled':
      return kind === 'order' && cancelledAt > 0 ? cancelledAt : undefined;
    case 'Order Delivered':
      return kind === 'order' && deliveredAt > 0 && cancelledAt === 0 ? deliveredAt : undefined;
    case 'Order Refunded':
      return kind === 'refund' ? at : undefined;
    case 'Loyalty Points Earned':
      return kind === 'points' && amount > 0 ? at : undefined;
    case 'Loyalty Points Redeemed':
      return kind === 'points' && amount < 0 ? at : undefined;
    default:
      return undefined;
  }
}
