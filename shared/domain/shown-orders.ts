import { madeDecision } from './decision-id.ts';
import { decodeInteger, encodeInteger, hashText } from './hash.ts';
import type { Json } from './json.ts';
import { newestWithin, type Dated } from './newest.ts';
import { objectOf, textOf } from './property.ts';
import type { StreamEvent } from './stream-event.ts';

/** Where an order came from, as the page that showed it says: the ladder of a slot, and the two that only a page knows. */
export const SHOWN_RUNGS = ['personalized', 'regional', 'default', 'cached', 'store-default'] as const;
export type ShownRung = (typeof SHOWN_RUNGS)[number];

export const SHOWN_SLOTS = ['payment', 'shipping'] as const;
export type ShownSlot = (typeof SHOWN_SLOTS)[number];

/** One slot of one checkout, as it was shown last. `id` names slot and checkout, or else slot and decision. */
export interface ShownOrder extends Dated {
  readonly slot: ShownSlot;
  /** Digest of the checkout, or else of the decision: what {@link Completion} is joined by. */
  readonly checkout: string;
  /** Whether the page said which checkout it was. */
  readonly isNamed: boolean;
  /** Digest of the decision; absent for the shop's own order, which no decision was needed for. */
  readonly decision?: string;
  readonly rung: ShownRung;
  /** Ids of the options, first to last; marks (`#abcd`) in their place if they are too long to keep. */
  readonly order: readonly string[];
  readonly preselected?: string;
}

/** Orders shown that a facet keeps: those of a person's newest four checkouts of two slots. */
const MAX_SHOWN = 8;
/** Whatever is so much older than the newest goes. */
export const SHOWN_KEPT_MS = 90 * 86_400_000;
/** Longer orders are no checkout's. */
const MAX_OPTIONS = 20;
/** Characters of an order that is kept as it is. */
const MAX_ORDER_TEXT = 120;

/**
 * What was shown of each slot, as an event tells it: public input, of which what is not as it should be says nothing. Only a decision that
 * was made counts, but for the shop's own order: that is shown when none could be had.
 */
export function shownIn(event: StreamEvent): readonly ShownOrder[] {
  const { properties = {}, messageId } = event.message;
  const checkout = textOf(properties.checkout_id);
  const made = madeDecision(event);
  const place = digestOf(
    checkout !== undefined
      ? checkoutName(checkout)
      : made !== undefined
        ? `decision\n${made}`
        : `message\n${messageId}`,
  );
  const slots = objectOf(properties.slots);
  return SHOWN_SLOTS.flatMap((slot): readonly ShownOrder[] => {
    const { source, order, preselected } = objectOf(slots[slot]);
    const rung = SHOWN_RUNGS.find((one) => one === source);
    const ids = idsOf(order);
    if (rung === undefined || ids === undefined) return [];
    if (rung !== 'store-default' && made === undefined) return [];
    const chosen = ids.indexOf(textOf(preselected) ?? '');
    const kept = shortened(ids);
    return [
      {
        id: `${slot}\n${place}`,
        at: event.at,
        slot,
        checkout: place,
        isNamed: checkout !== undefined,
        ...(made !== undefined && { decision: digestOf(`decision\n${made}`) }),
        rung,
        order: kept,
        ...(kept[chosen] !== undefined && { preselected: kept[chosen] }),
      },
    ];
  });
}

/** What a checkout is called where its digest is taken: orders without one are called otherwise. */
export function checkoutName(checkoutId: string): string {
  return `checkout\n${checkoutId}`;
}

/** A digest of 48 bits: two of a million checkouts have the same once in a thousand shops. */
export function digestOf(name: string): string {
  return hashText(name, 8);
}

/** A method's short name, 24 bits: enough to tell the few of one checkout apart. */
export function methodMark(method: string): string {
  return hashText(method, 8).slice(0, 4);
}

/** @returns the place of a method in an order, from 1; undefined if it is not in it */
export function rankOf(order: readonly string[], mark: string): number | undefined {
  const index = order.findIndex((id) => id === `#${mark}` || methodMark(id) === mark);
  return index < 0 ? undefined : index + 1;
}

export function mergeShown(left: readonly ShownOrder[], right: readonly ShownOrder[]): readonly ShownOrder[] {
  return newestWithin(left, right, MAX_SHOWN, SHOWN_KEPT_MS);
}

function idsOf(value: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_OPTIONS) return undefined;
  const ids = (value as readonly Json[]).map(textOf);
  return ids.every((id) => id !== undefined) && new Set(ids).size === ids.length ? ids : undefined;
}

function shortened(ids: readonly string[]): readonly string[] {
  const isShort = ids.reduce((sum, id) => sum + id.length + 1, 0) <= MAX_ORDER_TEXT;
  return isShort ? ids : ids.map((id) => `#${methodMark(id)}`);
}

const DIGEST_WIDTH = 8;
const TIME_WIDTH = 7;
const NO_DECISION = '.'.repeat(DIGEST_WIDTH);
/** Added to the rung's number where the page said which checkout it was. */
const NAMED = 8;

/** `[head, option, option, …]`, the head 26 characters: slot, digests, time, rung and which one was preselected. */
export function encodeShown(shown: readonly ShownOrder[]): Json | undefined {
  if (shown.length === 0) return undefined;
  return shown.map(({ slot, checkout, decision, at, rung, isNamed, order, preselected }) => [
    [
      slot.charAt(0),
      checkout,
      decision ?? NO_DECISION,
      encodeInteger(at, TIME_WIDTH),
      encodeInteger(SHOWN_RUNGS.indexOf(rung) + (isNamed ? NAMED : 0), 1),
      encodeInteger(preselected === undefined ? 0 : order.indexOf(preselected) + 1, 1),
    ].join(''),
    ...order,
  ]);
}

export function decodeShown(stored: Json | undefined): readonly ShownOrder[] {
  const list = (stored ?? []) as readonly (readonly [string, ...string[]])[];
  return list.map(([head, ...order]) => {
    let from = 0;
    const next = (width: number): string => head.slice(from, (from += width));
    const slot = next(1) === 'p' ? 'payment' : 'shipping';
    const checkout = next(DIGEST_WIDTH);
    const decision = next(DIGEST_WIDTH);
    const at = decodeInteger(next(TIME_WIDTH));
    const flags = decodeInteger(next(1));
    const preselected = order[decodeInteger(next(1)) - 1];
    return {
      id: `${slot}\n${checkout}`,
      at,
      slot,
      checkout,
      isNamed: flags >= NAMED,
      ...(decision !== NO_DECISION && { decision }),
      rung: SHOWN_RUNGS[flags % NAMED] ?? 'default',
      order,
      ...(preselected !== undefined && { preselected }),
    };
  });
}
