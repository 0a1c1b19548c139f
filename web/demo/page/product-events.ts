import type { Currency } from '../catalogue/currency.ts';
import { PRODUCTS, type ProductId } from '../catalogue/products.ts';
import { subtotalOf, type CartLine } from '../catalogue/total.ts';

/** A product as Segment's e-commerce events name it: amounts as decimals, as the spec has them. */
export function productProperties(productId: ProductId, currency: Currency, quantity?: number): object {
  const { category, price } = PRODUCTS[productId];
  return {
    product_id: productId,
    category,
    price: price[currency] / 100,
    currency,
    ...(quantity !== undefined && { quantity }),
  };
}

export function cartProperties(lines: readonly CartLine[], currency: Currency): object {
  return {
    currency,
    value: subtotalOf(lines, currency) / 100,
    products: lines.map(({ productId, quantity }) => productProperties(productId, currency, quantity)),
  };
}
