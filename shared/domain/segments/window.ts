import { hashText } from '../hash.ts';
import type { Condition } from './condition.ts';

export type WindowOp = 'count' | 'sum' | 'first' | 'last' | 'distinct';

/** A look back at what somebody did: events of one name, those that pass `where`. */
export interface Window {
  readonly op: WindowOp;
  /** A `track` event's name, or `page`, `screen`, `identify`. */
  readonly event: string;
  /** Tells one window from another: the same events, the same property. */
  readonly name: string;
  readonly where?: Condition;
  /** Path of the property that is summed up, told apart or shown; absent: the event itself. `$day` is its UTC day. */
  readonly of?: readonly string[];
  /** Of a sum of money; it is then in minor units. */
  readonly currency?: string;
  /** How far back; absent: ever. */
  readonly withinMs?: number;
  /** Where it is read from: the ledger knows orders, refunds and points for ever by their own ids. */
  readonly source: 'ledger' | 'checkout' | 'browse';
  /** The most that has to be kept for the answer to be exact. */
  readonly capacity: number;
}

/** What the fold keeps for windows, by the facet that it keeps it in. */
export interface WindowPlan {
  readonly checkout: readonly Window[];
  readonly browse: readonly Window[];
}

export const NO_WINDOWS_PLANNED: WindowPlan = { checkout: [], browse: [] };

/** Of one window in one facet: as bounded in bytes as a ring is. */
export const MAX_KEPT = 64;
/** Entries of the ledger that are always the newest it knows; older ones may be sums by now. */
export const LEDGER_KEPT = 48;
/** Windows of one facet. */
export const MAX_WINDOWS = 32;

/** Windows to keep: each once, with room for the most that any condition asks of it. */
export function planWindows(windows: readonly Window[]): WindowPlan {
  const of = (source: Window['source']): readonly Window[] => {
    const byName = new Map<string, Window>();
    for (const window of windows.filter((one) => one.source === source)) {
      const known = byName.get(window.name);
      if (known === undefined || known.capacity < window.capacity) byName.set(window.name, window);
    }
    return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  };
  return { checkout: of('checkout'), browse: of('browse') };
}

/** The same for the same events and property, however far back a condition looks. */
export function windowName(op: WindowOp, content: unknown): string {
  return LETTERS[op] + hashText(JSON.stringify(content), 8).slice(0, NAME_LENGTH - 1);
}

/** Characters of a name: 24 bits tell the few dozen windows of a shop apart. */
export const NAME_LENGTH = 5;
const LETTERS: Readonly<Record<WindowOp, string>> = {
  count: 'c',
  sum: 's',
  first: 'f',
  last: 'l',
  distinct: 'd',
};
