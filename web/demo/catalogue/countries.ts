import type { Currency, Price } from './currency.ts';

export type CountryCode = 'IE' | 'BR' | 'SE' | 'FI' | 'AE';
export type PaymentId =
  | 'credit_card'
  | 'debit_card'
  | 'paypal'
  | 'bank_transfer'
  | 'boleto'
  | 'pix'
  | 'invoice'
  | 'swish'
  | 'mobilepay'
  | 'installments'
  | 'cash_on_delivery';
export type ShippingId = 'standard' | 'pickup' | 'express';

/** A way to pay as a decision is told of it; `kind` says whether it is credit. */
export interface PaymentMethod {
  readonly id: PaymentId;
  readonly kind: 'card' | 'debit' | 'bnpl' | 'wallet' | 'transfer' | 'voucher' | 'cash' | 'invoice';
}

export interface Country {
  readonly code: CountryCode;
  readonly currency: Currency;
  /** In the shop's own order, which stands whenever nobody says better. */
  readonly payment: readonly PaymentMethod[];
  /** Whether an address names a state or a region. */
  readonly hasRegions: boolean;
}

const CARD = { id: 'credit_card', kind: 'card' } as const;
const INVOICE = { id: 'invoice', kind: 'invoice' } as const;

/** Where the shop delivers. Its own order is lawful there: it stands, too, when nobody can be asked. */
export const COUNTRIES: Readonly<Record<CountryCode, Country>> = {
  IE: {
    code: 'IE',
    currency: 'EUR',
    payment: [CARD, { id: 'paypal', kind: 'wallet' }, { id: 'bank_transfer', kind: 'transfer' }],
    hasRegions: false,
  },
  BR: {
    code: 'BR',
    currency: 'BRL',
    payment: [CARD, { id: 'boleto', kind: 'voucher' }, { id: 'pix', kind: 'transfer' }],
    hasRegions: true,
  },
  SE: {
    code: 'SE',
    currency: 'SEK',
    payment: [{ id: 'debit_card', kind: 'debit' }, { id: 'swish', kind: 'transfer' }, CARD, INVOICE],
    hasRegions: false,
  },
  FI: {
    code: 'FI',
    currency: 'EUR',
    payment: [{ id: 'mobilepay', kind: 'wallet' }, { id: 'bank_transfer', kind: 'transfer' }, CARD, INVOICE],
    hasRegions: false,
  },
  AE: {
    code: 'AE',
    currency: 'AED',
    payment: [CARD, { id: 'installments', kind: 'bnpl' }, { id: 'cash_on_delivery', kind: 'cash' }],
    hasRegions: false,
  },
};

export interface ShippingMethod {
  readonly id: ShippingId;
  readonly price: Price;
  readonly etaDays: number;
}

/** In the shop's own order. */
export const SHIPPING: readonly ShippingMethod[] = [
  { id: 'standard', price: { EUR: 490, BRL: 2_490, SEK: 4_900, AED: 2_000 }, etaDays: 4 },
  { id: 'pickup', price: { EUR: 290, BRL: 1_490, SEK: 2_900, AED: 1_200 }, etaDays: 5 },
  { id: 'express', price: { EUR: 990, BRL: 4_990, SEK: 9_900, AED: 3_900 }, etaDays: 1 },
];

export function isCountryCode(code: string): code is CountryCode {
  return Object.hasOwn(COUNTRIES, code);
}
