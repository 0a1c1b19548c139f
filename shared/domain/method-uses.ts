import { decodeInteger, encodeInteger, hashText } from './hash.ts';
import type { Json } from './json.ts';
import { newestOf, type Dated } from './newest.ts';
import { textOf } from './property.ts';
import type { StreamEvent } from './stream-event.ts';
import { monthOf } from './time.ts';

/** One use of a payment or shipping method; `id` names (checkout, method), so that a use counts once. */
export interface MethodUse extends Dated {
  readonly method: string;
}

export type MethodUses = readonly MethodUse[];

/**
 * Uses kept, over all methods: years of purchases for nearly everybody, at 15 bytes each. The counts that readers
 * see are counts of these; a set, unlike a counter, can be merged and re-read without counting twice.
 */
const MAX_USES = 64;

/**
 * A method is used once per (`checkout_id` or else `order_id`, method); a use without either id is its message's.
 * `Payment Info Entered` and `Order Completed` of one checkout are one use, at the later of the two times.
 */
export function addUse(uses: MethodUses, event: StreamEvent, property: string): MethodUses {
  const properties = event.message.properties ?? {};
  const method = textOf(properties[property]);
  if (method === undefined) return uses;
  const checkout =
    textOf(properties.checkout_id) ?? textOf(properties.order_id) ?? `message:${event.message.messageId}`;
  return mergeUses(uses, [{ method, id: hashText(`${checkout}\n${method}`, 8), at: event.at }]);
}

export function mergeUses(left: MethodUses, right: MethodUses): MethodUses {
  return newestOf(left, right, MAX_USES);
}

/** How somebody used one method. */
export interface MethodHabit {
  readonly method: string;
  readonly uses: number;
  /** ms since the epoch */
  readonly lastAt: number;
  /** Uses by calendar month ({@link monthOf}). */
  readonly byMonth: ReadonlyMap<number, number>;
}

/** The uses summed up by method, the most recently used first. Segments and slots ask for the same: it is done once. */
export function habitsOf(uses: MethodUses): readonly MethodHabit[] {
  const known = habitsByUses.get(uses);
  if (known !== undefined) return known;
  const habits = sumUp(uses);
  habitsByUses.set(uses, habits);
  return habits;
}

const habitsByUses = new WeakMap<MethodUses, readonly MethodHabit[]>();

function sumUp(uses: MethodUses): readonly MethodHabit[] {
  const byMethod = new Map<string, { uses: number; lastAt: number; byMonth: Map<number, number> }>();
  for (const { method, at } of uses) {
    const habit = byMethod.get(method) ?? { uses: 0, lastAt: 0, byMonth: new Map<number, number>() };
    const month = monthOf(at);
    habit.uses += 1;
    habit.lastAt = Math.max(habit.lastAt, at);
    habit.byMonth.set(month, (habit.byMonth.get(month) ?? 0) + 1);
    byMethod.set(method, habit);
  }
  return [...byMethod]
    .map(([method, habit]) => ({ method, ...habit }))
    .sort((left, right) => right.lastAt - left.lastAt || (left.method < right.method ? -1 : 1));
}

const ID_WIDTH = 8;
/** 42 bits of milliseconds last until the year 2109. */
const TIME_WIDTH = 7;
const USE_WIDTH = ID_WIDTH + TIME_WIDTH;

/** `[method, uses, method, uses, …]`, each use 8 characters of id and 7 of time, unseparated: bytes matter here. */
export function encodeUses(uses: MethodUses): Json | undefined {
  if (uses.length === 0) return undefined;
  const packed = new Map<string, string>();
  for (const { method, id, at } of uses) {
    packed.set(method, (packed.get(method) ?? '') + id + encodeInteger(at, TIME_WIDTH));
  }
  return [...packed].flat();
}

export function decodeUses(stored: Json | undefined): MethodUses {
  if (!Array.isArray(stored)) return [];
  const list = stored as readonly string[];
  const uses: MethodUse[] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    const method = list[index] ?? '';
    const packed = list[index + 1] ?? '';
    for (let offset = 0; offset < packed.length; offset += USE_WIDTH) {
      uses.push({
        method,
        id: packed.slice(offset, offset + ID_WIDTH),
        at: decodeInteger(packed.slice(offset + ID_WIDTH, offset + USE_WIDTH)),
      });
    }
  }
  return mergeUses(uses, []);
}
