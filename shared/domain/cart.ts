import { hashText } from './hash.ts';
import type { Json } from './json.ts';
import { currencyOf, minorUnits, NO_CURRENCY } from './money.ts';
import { compareDated, newerOf, newestOf, type Dated } from './newest.ts';
import { numberOf, objectsOf, textOf } from './property.ts';
import { messageName } from './register.ts';
import type { JsonObject, StreamEvent } from './stream-event.ts';

export interface CartLine {
  readonly productId: string;
  readonly quantity: number;
  /** Minor units of the cart's currency, if the shop sent a price. */
  readonly price?: number;
}

/** The whole cart as one event showed it; `checkouts` are short names of the ids that an order may close it by. */
interface CartSnapshot extends Dated {
  readonly lines: readonly CartLine[];
  readonly checkouts: readonly string[];
  readonly currency?: string;
}

/** One change since: `quantity` is added (or taken, if negative); 0 takes the whole line out. */
interface CartChange extends Dated, CartLine {
  /** Of the price; without one the event's price means nothing and is not kept. */
  readonly currency?: string;
}

/**
 * A cart that does not depend on the order in which its events are read: the newest snapshot, the changes newer
 * than it, and which checkouts an order has closed. (A late `Checkout Started` must not reopen a cart.)
 */
export interface CartState {
  readonly snapshot?: CartSnapshot;
  readonly changes: readonly CartChange[];
  readonly closed: readonly Dated[];
}

export interface Cart {
  readonly lines: readonly CartLine[];
  readonly currency: string;
  /** ms since the epoch of the newest event that shaped it */
  readonly updatedAt: number;
}

export const EMPTY_CART: CartState = { changes: [], closed: [] };

const MAX_LINES = 20;
const MAX_CHANGES = 24;
const MAX_CLOSED = 8;
const MAX_QUANTITY = 1_000_000;

/** `Product Added` (+1) and `Product Removed` (−1): by its `quantity`, or one added, or the whole line removed. */
export function changeCart(cart: CartState, event: StreamEvent, direction: 1 | -1): CartState {
  const properties = event.message.properties ?? {};
  const productId = productIdOf(properties);
  if (productId === undefined) return cart;
  const quantity = quantityOf(properties) ?? (direction === 1 ? 1 : 0);
  const currency = currencyOf(properties.currency);
  const change: CartChange = {
    at: event.at,
    id: messageName(event),
    productId,
    quantity: direction * quantity || 0,
    ...(currency !== undefined && { ...priceOf(properties, currency), currency }),
  };
  return mergeCarts(cart, { ...EMPTY_CART, changes: [change] });
}

/** `Cart Viewed`, `Checkout Started`: the products listed are the cart. */
export function replaceCart(cart: CartState, event: StreamEvent): CartState {
  const properties = event.message.properties ?? {};
  if (!Array.isArray(properties.products)) return cart;
  const currency = currencyOf(properties.currency);
  const lines = objectsOf(properties.products, MAX_LINES).flatMap((product): readonly CartLine[] => {
    const productId = productIdOf(product);
    return productId === undefined
      ? []
      : [
          {
            productId,
            quantity: quantityOf(product) ?? 1,
            ...(currency !== undefined && priceOf(product, currency)),
          },
        ];
  });
  return mergeCarts(cart, {
    ...EMPTY_CART,
    snapshot: {
      at: event.at,
      id: messageName(event),
      lines,
      checkouts: checkoutsOf(properties),
      ...(currency && { currency }),
    },
  });
}

/** `Order Completed`: what was in the cart is bought, and its checkout stays closed whatever arrives late. */
export function closeCart(cart: CartState, event: StreamEvent): CartState {
  const checkouts = checkoutsOf(event.message.properties ?? {});
  return mergeCarts(cart, {
    changes: [],
    snapshot: { at: event.at, id: messageName(event), lines: [], checkouts: [] },
    closed: checkouts.map((id) => ({ id, at: event.at })),
  });
}

export function mergeCarts(left: CartState, right: CartState): CartState {
  const snapshot = newerOf(left.snapshot, right.snapshot);
  const changes = newestOf(left.changes, right.changes, MAX_CHANGES);
  return {
    ...(snapshot && { snapshot }),
    changes: snapshot ? changes.filter((change) => compareDated(change, snapshot) > 0) : changes,
    closed: newestOf(left.closed, right.closed, MAX_CLOSED),
  };
}

/** The cart that is open now, or undefined when nothing is in it. */
export function openCart(cart: CartState): Cart | undefined {
  const { snapshot } = cart;
  const isClosed = snapshot?.checkouts.some((id) => cart.closed.some((closed) => closed.id === id)) ?? false;
  const lines = new Map((isClosed ? [] : (snapshot?.lines ?? [])).map((line) => [line.productId, line]));
  const currency =
    snapshot?.currency ?? cart.changes.findLast((change) => change.currency !== undefined)?.currency;
  for (const { productId, quantity, price, currency: priced } of cart.changes) {
    const line = lines.get(productId);
    const left = quantity === 0 ? 0 : (line?.quantity ?? 0) + quantity;
    if (left <= 0) lines.delete(productId);
    // Amounts of two currencies do not stand in one cart: a price in another one is unknown.
    else
      lines.set(productId, {
        ...line,
        productId,
        quantity: left,
        ...(price !== undefined && priced === currency && { price }),
      });
  }
  if (lines.size === 0) return undefined;
  return {
    lines: [...lines.values()].slice(0, MAX_LINES),
    currency: currency ?? NO_CURRENCY,
    updatedAt: Math.max(snapshot?.at ?? 0, ...cart.changes.map((change) => change.at)),
  };
}

export function encodeCart(cart: CartState): Json | undefined {
  const { snapshot, changes, closed } = cart;
  if (!snapshot && changes.length === 0 && closed.length === 0) return undefined;
  return [
    snapshot
      ? [
          snapshot.at,
          snapshot.id,
          snapshot.lines.map(lineTuple),
          snapshot.checkouts,
          ...(snapshot.currency ? [snapshot.currency] : []),
        ]
      : 0,
    changes.map((change) => [change.at, change.id, change.currency ?? '', ...lineTuple(change)]),
    closed.map(({ id, at }) => [at, id]),
  ];
}

export function decodeCart(stored: Json | undefined): CartState {
  if (!Array.isArray(stored)) return EMPTY_CART;
  const [snapshot, changes, closed] = stored as [
    0 | [number, string, LineTuple[], string[], ...string[]],
    [number, string, string, ...LineTuple][],
    [number, string][],
  ];
  return {
    ...(snapshot && {
      snapshot: {
        at: snapshot[0],
        id: snapshot[1],
        lines: snapshot[2].map(lineOf),
        checkouts: snapshot[3],
        ...(snapshot[4] !== undefined && { currency: snapshot[4] }),
      },
    }),
    changes: changes.map(([at, id, currency, ...line]) => ({
      at,
      id,
      ...lineOf(line),
      ...(currency !== '' && { currency }),
    })),
    closed: closed.map(([at, id]) => ({ at, id })),
  };
}

type LineTuple = [productId: string, quantity: number, ...price: number[]];

function lineTuple({ productId, quantity, price }: CartLine): LineTuple {
  return price === undefined ? [productId, quantity] : [productId, quantity, price];
}

function lineOf([productId, quantity, price]: LineTuple): CartLine {
  return { productId, quantity, ...(price !== undefined && { price }) };
}

function priceOf(product: JsonObject, currency: string): { readonly price?: number } {
  const price = minorUnits(product.price, currency);
  return price === undefined ? {} : { price };
}

function checkoutsOf(properties: JsonObject): readonly string[] {
  return [textOf(properties.checkout_id), textOf(properties.order_id)]
    .filter((id) => id !== undefined)
    .map((id) => hashText(id, 8));
}

function productIdOf(product: JsonObject): string | undefined {
  return textOf(product.product_id) ?? textOf(product.sku);
}

function quantityOf(product: JsonObject): number | undefined {
  const quantity = numberOf(product.quantity);
  return quantity !== undefined && quantity > 0 && quantity <= MAX_QUANTITY ? quantity : undefined;
}
