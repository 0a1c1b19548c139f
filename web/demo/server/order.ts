import {
  COUNTRIES,
  SHIPPING,
  type CountryCode,
  type PaymentId,
  type ShippingId,
} from '../catalogue/countries.ts';
import { isCountryCode } from '../catalogue/countries.ts';
import type { Currency } from '../catalogue/currency.ts';
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

/**
 * Reads an order from the page. Prices are the shop's own: what a page says of them is not asked for.
 *
 * @returns undefined if it is no order that the shop can take
 */
export function readOrder(
  body: unknown,
  made: { readonly id: string; readonly placedAt: string; readonly customer?: string },
): { readonly order: Order; readonly shopper: Shopper } | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const said = body as Readonly<Record<string, unknown>>;
  const { country, city, region, anonymousId } = said;
  const lines = readLines(said.lines);
  if (typeof country !== 'string' || !isCountryCode(country) || !isText(city) || lines === undefined)
    return undefined;
  const { currency, payment: offered } = COUNTRIES[country];
  const payment = offered.find(({ id }) => id === said.payment)?.id;
  const shipping = SHIPPING.find(({ id }) => id === said.shipping)?.id;
  if (payment === undefined || shipping === undefined || !isText(said.checkoutId)) return undefined;
  const shippingPrice = shippingPriceOf(shipping, currency);
  return {
    order: {
      ...made,
      checkoutId: said.checkoutId,
      lines,
      country,
      currency,
      payment,
      shipping,
      shippingPrice,
      total: subtotalOf(lines, currency) + shippingPrice,
      city,
      ...(isText(region) && { region }),
      locale: isText(said.locale) ? said.locale : 'en',
    },
    shopper: {
      ...(isText(anonymousId) && { anonymousId }),
      mayBeReported: said.mayBeReported === true,
    },
  };
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
