import { convert, type ExchangeRates } from '../exchange-rates.ts';

/** One amount as a shop states it, in integer minor units by ISO 4217 code: `{ EUR: 5_000, JPY: 800 }`. */
export type AmountSource = Readonly<Record<string, number>>;

/** An amount of one currency. */
export interface Money {
  /** Integer minor units. */
  readonly amount: number;
  readonly currency: string;
}

export interface StatedAmount extends Money {
  /** From another currency, by the shop's rates. */
  readonly isConverted: boolean;
}

/** One amount in every currency that there is one in: nothing is converted any more once this stands. */
export type Amounts = ReadonlyMap<string, StatedAmount>;

/**
 * The amounts that are stated, and with `rates` those that follow from the first of them that has a rate.
 *
 * @example amountsOf({ EUR: 5_000 }, rates).get('JPY') // → { amount: 8125, currency: 'JPY', isConverted: true }
 */
export function amountsOf(source: AmountSource, rates: ExchangeRates | undefined): Amounts {
  const stated = Object.entries(source);
  const amounts = new Map<string, StatedAmount>();
  const [from, origin] = stated.find(([currency]) => rates?.perBase.has(currency)) ?? [];
  if (rates !== undefined && from !== undefined && origin !== undefined) {
    for (const currency of rates.perBase.keys()) {
      const amount = convert(origin, from, currency, rates);
      if (amount !== undefined) amounts.set(currency, { amount, currency, isConverted: true });
    }
  }
  for (const [currency, amount] of stated) amounts.set(currency, { amount, currency, isConverted: false });
  return amounts;
}
