import { decodeInteger, encodeInteger } from './hash.ts';
import type { Json } from './json.ts';
import { newestWithin, type Dated } from './newest.ts';
import { textOf } from './property.ts';
import { checkoutName, digestOf, methodMark, SHOWN_KEPT_MS } from './shown-orders.ts';
import type { StreamEvent } from './stream-event.ts';

/** A checkout that was completed. `id` is the digest of the checkout, or else of the order. */
export interface Completion extends Dated {
  /** Whether the order says of which checkout it is. */
  readonly isNamed: boolean;
  /** Marks of what was chosen, as far as the order says it. */
  readonly payment?: string;
  readonly shipping?: string;
}

/** Completed checkouts that a facet keeps, at 24 bytes each: more than the checkouts shown that they are joined to. */
const MAX_COMPLETED = 8;

/** The completion that an `Order Completed` tells of. */
export function completionIn(event: StreamEvent): readonly Completion[] {
  const properties = event.message.properties ?? {};
  const checkout = textOf(properties.checkout_id);
  const order = textOf(properties.order_id);
  if (checkout === undefined && order === undefined) return [];
  const payment = textOf(properties.payment_method);
  const shipping = textOf(properties.shipping_method);
  return [
    {
      id: digestOf(checkout === undefined ? `order\n${order}` : checkoutName(checkout)),
      at: event.at,
      isNamed: checkout !== undefined,
      ...(payment !== undefined && { payment: methodMark(payment) }),
      ...(shipping !== undefined && { shipping: methodMark(shipping) }),
    },
  ];
}

export function mergeCompletions(
  left: readonly Completion[],
  right: readonly Completion[],
): readonly Completion[] {
  return newestWithin(left, right, MAX_COMPLETED, SHOWN_KEPT_MS);
}

const ID_WIDTH = 8;
const TIME_WIDTH = 7;
const MARK_WIDTH = 4;
const NO_MARK = '.'.repeat(MARK_WIDTH);
const WIDTH = ID_WIDTH + TIME_WIDTH + 1 + 2 * MARK_WIDTH;

/** 24 characters a completion, unseparated: every order of every shop has one. */
export function encodeCompletions(completions: readonly Completion[]): Json | undefined {
  if (completions.length === 0) return undefined;
  return completions
    .map(({ id, at, isNamed, payment = NO_MARK, shipping = NO_MARK }) =>
      [id, encodeInteger(at, TIME_WIDTH), isNamed ? 'c' : 'o', payment, shipping].join(''),
    )
    .join('');
}

export function decodeCompletions(stored: Json | undefined): readonly Completion[] {
  const packed = typeof stored === 'string' ? stored : '';
  const completions: Completion[] = [];
  for (let start = 0; start < packed.length; start += WIDTH) {
    let from = start;
    const next = (width: number): string => packed.slice(from, (from += width));
    const id = next(ID_WIDTH);
    const at = decodeInteger(next(TIME_WIDTH));
    const isNamed = next(1) === 'c';
    const payment = next(MARK_WIDTH);
    const shipping = next(MARK_WIDTH);
    completions.push({
      id,
      at,
      isNamed,
      ...(payment !== NO_MARK && { payment }),
      ...(shipping !== NO_MARK && { shipping }),
    });
  }
  return completions;
}
