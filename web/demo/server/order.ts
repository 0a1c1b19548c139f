import {
  COUNTRIES,
  SHIPPING,
  type CountryCode,
  type PaymentId,
  type ShippingId,
} from '../catalogue/countries.ts';
import { isCountryCode } from '../catalogue/countries.ts';
import type { Currency } from '../catalogue/currency.ts';
import { discountOf, type Discount } from '../catalogue/discount.ts';
import { isProductId } from '../catalogue/products.ts';
import { shippingPriceOf, subtotalOf, type CartLine } from '../catalogue/total.ts';

const MAX_LINES = 20;
const MAX_QUANTITY = 20;

/** An order as the shop took it. Amounts are minor units. */
export interface Order {
  readonly id: string;
  readonly placedAt: string;
  readonly customer?: string;
  readonly checkoutId: string;
  readonly lines: readonly CartLine[];
  readonly country: CountryCode;
  readonly currency: Currency;
  readonly payment: PaymentId;
  readonly shipping: ShippingId;
  readonly shippingPrice: number;
  readonly discount: number;
  readonly total: number;
  /** Of the address, what a later checkout may be filled with. */
  readonly city: string;
  readonly region?: string;
  readonly locale: string;
}

/** What the page says of the person, for Cartwright: the device, and whether it may be told of the order at all. */
export interface Shopper {
  readonly anonymousId?: string;
  readonly mayBeReported: boolean;
}

/** What the page says of a checkout that is under way. */
export type SaidCheckout = Pick<Order, 'checkoutId' | 'lines' | 'country' | 'currency' | 'locale'> & {
  readonly anonymousId?: string;
};

/**
 * Reads a checkout from the page. Prices are the shop's own: what a page says of them is not asked for.
 *
 * @returns undefined if it is none that the shop can serve
 */
export function readCheckout(body: unknown): SaidCheckout | undefined {
  const { country, checkoutId, anonymousId, locale, ...said } = fieldsOf(body);
  const lines = readLines(said.lines);
  if (!isText(country) || !isCountryCode(country) || !isText(checkoutId) || lines === undefined)
    return undefined;
  return {
    checkoutId,
    lines,
    country,
    currency: COUNTRIES[country].currency,
    locale: isText(locale) ? locale : 'en',
    ...(isText(anonymousId) && { anonymousId }),
  };
}

/**
 * Reads what else an order needs.
 *
 * @param discount what an offer takes off
 * @returns undefined if it is no order that the shop can take
 */
export function readOrder(
  body: unknown,
  { anonymousId, ...checkout }: SaidCheckout,
  discount: Discount | undefined,
  made: { readonly id: string; readonly placedAt: string; readonly customer?: string },
): { readonly order: Order; readonly shopper: Shopper } | undefined {
  const said = fieldsOf(body);
  const { city, region } = said;
  const { country, currency, lines } = checkout;
  const payment = COUNTRIES[country].payment.find(({ id }) => id === said.payment)?.id;
  const shipping = SHIPPING.find(({ id }) => id === said.shipping)?.id;
  if (payment === undefined || shipping === undefined || !isText(city)) return undefined;
  const subtotal = subtotalOf(lines, currency);
  const shippingPrice = shippingPriceOf(shipping, currency);
  const off = discountOf(discount, { subtotal, shipping: shippingPrice });
  return {
    order: {
      ...made,
      ...checkout,
      payment,
      shipping,
      shippingPrice,
      discount: off,
      total: subtotal + shippingPrice - off,
      city,
      ...(isText(region) && { region }),
    },
    shopper: {
      ...(anonymousId !== undefined && { anonymousId }),
      mayBeReported: said.mayBeReported === true,
    },
  };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}

function readLines(said: unknown): readonly CartLine[] | undefined {
  if (!Array.isArray(said) || said.length === 0 || said.length > MAX_LINES) return undefined;
  const lines: CartLine[] = [];
  for (const line of said as readonly (Partial<Record<keyof CartLine, unknown>> | null)[]) {
    const { productId, quantity } = line ?? {};
    if (typeof productId !== 'string' || !isProductId(productId)) return undefined;
    if (!Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > MAX_QUANTITY)
      return undefined;
    lines.push({ productId, quantity: Number(quantity) });
  }
  return lines;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 128;
}
