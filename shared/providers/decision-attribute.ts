import type { DecidedOptions } from './arrange-known.ts';

/** As many options, and ids as long, as a decision may have. */
const MAX_OPTIONS = 50;
const MAX_ID_LENGTH = 128;

/** The order of a decision's lists: what a place without network needs of it. */
export interface DecidedOrder {
  readonly payment: DecidedOptions;
  readonly shipping: DecidedOptions;
}

/**
 * A decision's order as one short text, for a cart attribute: a Shopify Function cannot call anybody, it reads this.
 *
 * @param slots of the answer; a slot that was not asked for is an empty list
 * @example
 * await updateCartAttributes([{ key: 'cartwright', value: decisionAttribute(answer.slots) }]);
 */
export function decisionAttribute(slots: {
  readonly payment?: { readonly options: DecidedOptions };
  readonly shipping?: { readonly options: DecidedOptions };
}): string {
  const listed = (options: DecidedOptions = []): readonly string[] =>
    // Ids say nothing of a leading mark: it is always there.
    options.map(({ id, preselected }) => `${preselected ? '+' : '-'}${id}`);
  return JSON.stringify({
    payment: listed(slots.payment?.options),
    shipping: listed(slots.shipping?.options),
  });
}

/**
 * Reads what {@link decisionAttribute} wrote. The attribute is the buyer's to change, who can thereby reorder their own
 * checkout and nothing else: what is not one comes out as an order of nothing.
 */
export function parseDecisionAttribute(text: string | null | undefined): DecidedOrder {
  const { payment, shipping } = objectOf(text);
  return { payment: optionsOf(payment), shipping: optionsOf(shipping) };
}

function objectOf(text: string | null | undefined): {
  readonly payment?: unknown;
  readonly shipping?: unknown;
} {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function optionsOf(list: unknown): DecidedOptions {
  if (!Array.isArray(list) || list.length > MAX_OPTIONS) return [];
  const options = list.filter(
    (entry): entry is string =>
      typeof entry === 'string' && /^[+-]./s.test(entry) && entry.length <= MAX_ID_LENGTH + 1,
  );
  return options.length === list.length
    ? options.map((entry) => ({ id: entry.slice(1), preselected: entry.startsWith('+') }))
    : [];
}
