import type { Currency } from './currency.ts';
import { SHIPPING, type ShippingId } from './countries.ts';
import { PRODUCTS, type ProductId } from './products.ts';

export interface CartLine {
  readonly productId: ProductId;
  /** At least 1. */
  readonly quantity: number;
}

/** Minor units. */
export function subtotalOf(lines: readonly CartLine[], currency: Currency): number {
  return lines.reduce(
    (sum, { productId, quantity }) => sum + PRODUCTS[productId].price[currency] * quantity,
    0,
  );
}

/** Minor units. */
export function shippingPriceOf(shipping: ShippingId, currency: Currency): number {
  return SHIPPING.find(({ id }) => id === shipping)?.price[currency] ?? 0;
}
