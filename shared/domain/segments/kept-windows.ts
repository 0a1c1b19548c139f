import { decodeInteger, encodeInteger, hashText } from '../hash.ts';
import { canonicalText, type Json } from '../json.ts';
import { minorUnits } from '../money.ts';
import { compareDated, newestOf, type Dated } from '../newest.ts';
import { textOf } from '../property.ts';
import { messageName } from '../register.ts';
import type { StreamEvent } from '../stream-event.ts';
import { holds, valueAt } from './evaluate.ts';
import { MAX_KEPT, NAME_LENGTH, type Window } from './window.ts';

/** One event that a window keeps, or one value that it tells apart; `id` names it. */
export interface KeptEvent extends Dated {
  /** Of sums and of what is shown: the property. */
  readonly value?: Json;
}

interface KeptWindow {
  /** The most entries; the newest are kept, of a `first` the oldest. */
  readonly capacity: number;
  /** ms: every event since is among the entries, or was pushed out by newer ones. 0: every event there ever was. */
  readonly from: number;
  /** Oldest first. */
  readonly entries: readonly KeptEvent[];
}

/**
 * The events that windows look at, one facet's. Sets of the newest entries by id: joins, so that neither order nor
 * repetition nor the cutting into subjects matters (merge law).
 */
export interface KeptWindows {
  readonly byName: ReadonlyMap<string, KeptWindow>;
  /** `receivedAt` of the facet's newest event, ms: of a window that is not among them, nothing before it is known. 0: no event. */
  readonly asOf: number;
}

export const NO_WINDOWS: KeptWindows = { byName: new Map(), asOf: 0 };

/** A facet as it was stored, with the `receivedAt` of its newest event, ms; that does not stand in its state. */
export function standingAt<Facet extends { readonly windows: KeptWindows }>(
  asOf: number | undefined,
  facet: Facet,
): Facet {
  return { ...facet, windows: { ...facet.windows, asOf: asOf ?? 0 } };
}

/** What is kept from now on: windows that nobody asks for go, new ones begin where the facet stands. */
export function prepareWindows(kept: KeptWindows, plan: readonly Window[]): KeptWindows {
  return {
    asOf: kept.asOf,
    byName: new Map(
      plan.map(({ name, capacity }) => [name, resized(name, keptWindow(kept, name, capacity), capacity)]),
    ),
  };
}

/** A larger one than before has lost what had no room; what happened since its oldest entry is whole. */
function resized(name: string, window: KeptWindow, capacity: number): KeptWindow {
  const [oldest] = window.entries;
  const hasLost =
    capacity > window.capacity && window.entries.length === window.capacity && oldest !== undefined;
  return {
    capacity,
    from: hasLost ? Math.max(window.from, oldest.at) : window.from,
    entries: newestWithin(name, window.entries, [], capacity),
  };
}

/** Notes an event in the windows that look at it. */
export function noteWindows(kept: KeptWindows, plan: readonly Window[], event: StreamEvent): KeptWindows {
  const { type, event: trackName } = event.message;
  const name = type === 'track' ? trackName : type;
  const changed = new Map(kept.byName);
  for (const window of plan) {
    if (window.event !== name || !isMeant(window, event)) continue;
    const entry = entryOf(window, event);
    if (entry === undefined) continue;
    const known = keptWindow(kept, window.name, window.capacity);
    changed.set(window.name, {
      ...known,
      entries: newestWithin(window.name, known.entries, [entry], known.capacity),
    });
  }
  return { ...kept, byName: changed };
}

export function mergeWindows(left: KeptWindows, right: KeptWindows): KeptWindows {
  if (left.byName.size + right.byName.size === 0)
    return { ...NO_WINDOWS, asOf: Math.max(left.asOf, right.asOf) };
  const names = [...new Set([...left.byName.keys(), ...right.byName.keys()])].sort();
  return {
    asOf: Math.max(left.asOf, right.asOf),
    byName: new Map(
      names.map((name) => {
        const one = keptWindow(left, name, right.byName.get(name)?.capacity ?? 1);
        const other = keptWindow(right, name, one.capacity);
        // The smaller one has lost what the larger would have kept.
        const capacity = Math.min(one.capacity, other.capacity);
        const entries = newestWithin(name, one.entries, other.entries, capacity);
        return [name, { capacity, from: Math.max(one.from, other.from), entries }];
      }),
    ),
  };
}

export function keptWindow({ byName, asOf }: KeptWindows, name: string, capacity: number): KeptWindow {
  return byName.get(name) ?? { capacity, from: asOf, entries: [] };
}

function newestWithin(
  name: string,
  left: readonly KeptEvent[],
  right: readonly KeptEvent[],
  capacity: number,
): readonly KeptEvent[] {
  if (!name.startsWith('f')) return newestOf(left, right, capacity);
  return [...left, ...right].sort(compareOldest).slice(0, capacity);
}

/** Two words of one millisecond and message: any rule will do, as long as it does not see the order. */
function compareOldest(left: KeptEvent, right: KeptEvent): number {
  return (
    compareDated(left, right) ||
    (canonicalText(left.value ?? null) < canonicalText(right.value ?? null) ? -1 : 1)
  );
}

function isMeant({ where }: Window, event: StreamEvent): boolean {
  if (where === undefined) return true;
  // An event alone: conditions on one know neither time nor windows nor segments.
  return holds(where, {
    fields: contentOf(event),
    now: event.at,
    window: () => ({ value: null, isComplete: true, completeFrom: 0 }),
    segment: () => undefined,
  });
}

function contentOf({ message }: StreamEvent): Json {
  const { properties = {}, traits = {}, context = {} } = message;
  return { properties, traits, context };
}

function entryOf(window: Window, event: StreamEvent): KeptEvent | undefined {
  const { at } = event;
  const id = eventId(event);
  if (window.of === undefined) return { at, id };
  if (window.of[0] === '$day') return { at, id: hashText(String(Math.floor(at / DAY_MS)), 8) };
  const value = shownValue(valueAt(contentOf(event), window.of));
  if (value === undefined) return undefined;
  switch (window.op) {
    case 'count':
      return { at, id };
    case 'distinct':
      return { at, id: hashText(JSON.stringify(value), 8) };
    case 'sum': {
      const amount = amountOf(window, event, value);
      return amount === undefined ? undefined : { at, id, value: amount };
    }
    case 'first':
    case 'last':
      return { at, id, value };
  }
}

const DAY_MS = 86_400_000;

/** An order counts once however often it is sent. */
function eventId(event: StreamEvent): string {
  const order =
    event.message.event === 'Order Completed' ? textOf(event.message.properties?.order_id) : undefined;
  return order === undefined ? messageName(event) : hashText(`order\n${order}`, 8);
}

const MAX_SHOWN = 160;

/** A text, number or truth value, or a list of them, if it is short. */
function shownValue(value: Json): Json | undefined {
  if (value === null) return undefined;
  const parts: readonly Json[] = Array.isArray(value) ? value : [value];
  if (parts.some((part) => typeof part === 'object')) return undefined;
  return JSON.stringify(value).length <= MAX_SHOWN ? value : undefined;
}

/** Whole numbers only, since sums of others depend on their order: money in minor units, else what is whole already. */
function amountOf({ currency }: Window, event: StreamEvent, value: Json): number | undefined {
  if (currency !== undefined) {
    const said = event.message.properties?.currency;
    return typeof said === 'string' && said.toUpperCase() === currency
      ? minorUnits(value, currency)
      : undefined;
  }
  const amount = typeof value === 'string' ? Number(value) : value;
  return typeof amount === 'number' && Number.isSafeInteger(amount) ? amount : undefined;
}

const ID_WIDTH = 8;
const TIME_WIDTH = 7;
const ENTRY_WIDTH = ID_WIDTH + TIME_WIDTH;

/**
 * `[names, [name, capacity, from, entries, values?], …]`: of windows that are empty and whole only the name and
 * capacity, a digit, since nearly all of nearly everybody's are.
 */
export function encodeWindows({ byName }: KeptWindows): Json | undefined {
  if (byName.size === 0) return undefined;
  const sorted = [...byName].sort(([left], [right]) => (left < right ? -1 : 1));
  const isEmpty = ({ entries, from }: KeptWindow): boolean => entries.length === 0 && from === 0;
  const empty = sorted.filter(([, window]) => isEmpty(window));
  return [
    empty.map(([name, { capacity }]) => name + encodeInteger(capacity, CAPACITY_WIDTH)).join(''),
    ...sorted
      .filter(([, window]) => !isEmpty(window))
      .map(([name, { capacity, from, entries }]): Json => [
        name,
        capacity,
        from,
        entries.map(({ id, at }) => id + encodeInteger(at, TIME_WIDTH)).join(''),
        ...(entries.some(({ value }) => value !== undefined)
          ? [entries.map(({ value = null }) => value)]
          : []),
      ]),
  ];
}

const CAPACITY_WIDTH = 2;

export function decodeWindows(stored: Json | undefined): KeptWindows {
  if (!Array.isArray(stored)) return NO_WINDOWS;
  const [empty, ...others] = stored as [string, ...[string, number, number, string, Json[]?][]];
  const byName = new Map<string, KeptWindow>();
  const width = NAME_LENGTH + CAPACITY_WIDTH;
  for (let offset = 0; offset < empty.length; offset += width) {
    const capacity = decodeInteger(empty.slice(offset + NAME_LENGTH, offset + width));
    byName.set(empty.slice(offset, offset + NAME_LENGTH), { capacity, from: 0, entries: [] });
  }
  for (const [name, capacity, from, packed, values] of others)
    byName.set(name, { capacity, from, entries: unpacked(packed, values) });
  return { byName: new Map([...byName].sort(([left], [right]) => (left < right ? -1 : 1))), asOf: 0 };
}

function unpacked(packed: string, values: readonly Json[] | undefined): readonly KeptEvent[] {
  return Array.from({ length: Math.min(MAX_KEPT, packed.length / ENTRY_WIDTH) }, (_, index) => {
    const entry = packed.slice(index * ENTRY_WIDTH, (index + 1) * ENTRY_WIDTH);
    const value = values?.[index];
    return {
      id: entry.slice(0, ID_WIDTH),
      at: decodeInteger(entry.slice(ID_WIDTH)),
      ...(value !== undefined && { value }),
    };
  });
}
