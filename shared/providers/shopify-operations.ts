import { arrangeKnown, type DecidedOptions, type NameTable } from './arrange-known.ts';

/** Of the input of `cart.payment-methods.transform.run`. */
export interface ShopifyPaymentMethod {
  readonly id: string;
  readonly name: string;
}

/** Of the input of `cart.delivery-options.transform.run`. */
export interface ShopifyDeliveryOption {
  readonly handle: string;
  readonly title?: string | null;
  readonly code?: string | null;
  /** Absent: it was not asked for, and all are taken for shipping. */
  readonly deliveryMethodType?: string;
  /** `amount` is a decimal as text, `"12.99"`. */
  readonly cost: { readonly amount: string };
}

/** CartPaymentMethodsTransformRunResult, as far as it is used. */
export interface ShopifyPaymentResult {
  readonly operations: {
    readonly paymentMethodMove: { readonly paymentMethodId: string; readonly index: number };
  }[];
}

/** CartDeliveryOptionsTransformRunResult, as far as it is used. */
export interface ShopifyDeliveryResult {
  readonly operations: {
    readonly deliveryOptionMove: { readonly deliveryOptionHandle: string; readonly index: number };
  }[];
}

interface Unmatched {
  /** Decided options that the table does not name, or that the checkout does not offer. */
  readonly unplaced: readonly string[];
  /** Names that the checkout offers and nobody decided on: they stay at their places. */
  readonly untouched: readonly string[];
}

/**
 * What a Payment Customization Function answers for a decided payment slot: moves only, nothing is hidden or renamed.
 * The table names methods as the Function's input does, e.g. `Cash on Delivery (COD)`: ids are the checkout's own.
 *
 * @see https://shopify.dev/docs/api/functions/latest/payment-customization
 * @example
 * export const cartPaymentMethodsTransformRun = (input) => shopifyPaymentOperations(decided, { cod: 'Cash on Delivery (COD)' }, input.paymentMethods).result;
 */
export function shopifyPaymentOperations(
  decided: DecidedOptions,
  table: NameTable,
  offered: readonly ShopifyPaymentMethod[],
): Unmatched & { readonly result: ShopifyPaymentResult } {
  const { methods, unplaced, untouched } = arrangeKnown(decided, table, offered, ({ name }) => [name]);
  return {
    result: {
      operations: movesTo(offered, methods).map(({ item, index }) => ({
        paymentMethodMove: { paymentMethodId: item.id, index },
      })),
    },
    unplaced,
    untouched: untouched.map(({ name }) => name),
  };
}

/**
 * What a Delivery Customization Function answers for a decided shipping slot. Of apps that reorder, Shopify asks that the
 * cheapest shipping option be the first selected: it comes first in its group, by the prices in the Function's input,
 * and the decided order follows; a group with a price that cannot be read stays as it is. The table names options by their
 * `code` or `title`. Pickup and local delivery stay where they are.
 *
 * @see https://shopify.dev/docs/api/functions/latest/delivery-customization
 */
export function shopifyDeliveryOperations(
  decided: DecidedOptions,
  table: NameTable,
  groups: readonly { readonly deliveryOptions: readonly ShopifyDeliveryOption[] }[],
): Unmatched & { readonly result: ShopifyDeliveryResult } {
  const arranged = groups.map(({ deliveryOptions }) => {
    const shipping = deliveryOptions.filter(isShipping);
    const { methods, unplaced, untouched } = arrangeKnown(decided, table, shipping, namesOf);
    const cheapest = cheapestOf([...methods.filter((option) => !untouched.includes(option)), ...untouched]);
    const others = shipping.filter((option) => option !== cheapest);
    const inOrder =
      cheapest === undefined
        ? shipping
        : [cheapest, ...arrangeKnown(decided, table, others, namesOf).methods];
    let next = 0;
    const options = deliveryOptions.map((option) => (isShipping(option) ? inOrder[next++]! : option));
    return { moves: movesTo(deliveryOptions, options), unplaced, untouched };
  });
  return {
    result: {
      operations: arranged.flatMap(({ moves }) =>
        moves.map(({ item, index }) => ({
          deliveryOptionMove: { deliveryOptionHandle: item.handle, index },
        })),
      ),
    },
    // An option is placed if it is in any group.
    unplaced: decided
      .map(({ id }) => id)
      .filter((id) => arranged.every(({ unplaced }) => unplaced.includes(id))),
    untouched: [
      ...new Set(
        arranged.flatMap(({ untouched }) => untouched.map((option) => namesOf(option)[0] ?? option.handle)),
      ),
    ],
  };
}

function namesOf({ code, title }: ShopifyDeliveryOption): readonly string[] {
  return [code, title].flatMap((name) => name ?? []);
}

function isShipping({ deliveryMethodType = 'SHIPPING' }: ShopifyDeliveryOption): boolean {
  return deliveryMethodType === 'SHIPPING';
}

/** The first of the cheapest. Undefined: which one it is cannot be told. */
function cheapestOf(options: readonly ShopifyDeliveryOption[]): ShopifyDeliveryOption | undefined {
  const prices = options.map(({ cost }) => (cost.amount.trim() === '' ? NaN : Number(cost.amount)));
  return prices.every(Number.isFinite) ? options[prices.indexOf(Math.min(...prices))] : undefined;
}

/**
 * Moves that turn one list into the other: of all items from the first to the last difference, in their final order, so
 * that they come to the same whether each is applied to the list as it then is or all to the list as it was.
 */
function movesTo<Item>(
  from: readonly Item[],
  to: readonly Item[],
): readonly { readonly item: Item; readonly index: number }[] {
  const isMoved = (item: Item, index: number): boolean => item !== from[index];
  const first = to.findIndex(isMoved);
  if (first < 0) return [];
  const last = to.findLastIndex(isMoved);
  return to.slice(first, last + 1).map((item, at) => ({ item, index: first + at }));
}
