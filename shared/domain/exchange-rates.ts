import { exponentOf } from './money.ts';

/** What one currency is worth in others, as a shop states it: without it, amounts of two currencies are never compared. */
export interface RatesConfig {
  /** The day the rates are of, e.g. `2026-11-20`. */
  readonly asOf: string;
  /** Who published them. */
  readonly source: string;
  /** ISO 4217. */
  readonly base: string;
  /** How much of each currency one unit of the base is, in major units: `{ USD: 1.0834 }`. */
  readonly perBase: Readonly<Record<string, number>>;
}

/** Rates as fractions of whole numbers: what is converted with them does not drift. */
export interface ExchangeRates {
  readonly perBase: ReadonlyMap<string, Rate>;
}

/** units ÷ 10^scale */
interface Rate {
  readonly units: bigint;
  readonly scale: bigint;
}

/** A rate that can be calculated with: above 0, at most 12 decimals. */
export function isRate(rate: unknown): rate is number {
  return typeof rate === 'number' && rate > 0 && /^\d{1,12}(\.\d{1,12})?$/.test(String(rate));
}

export function exchangeRates({ base, perBase }: RatesConfig): ExchangeRates {
  return {
    perBase: new Map([
      ...Object.entries(perBase).map(([currency, rate]) => [currency, rateOf(rate)] as const),
      [base, { units: 1n, scale: 0n }] as const,
    ]),
  };
}

/**
 * An amount in minor units of another currency, half a unit rounded away from zero. Undefined: a rate is missing, or
 * the result is beyond what an integer holds exactly.
 *
 * @example convert(1_000, 'EUR', 'JPY', exchangeRates({ base: 'EUR', perBase: { JPY: 162.5 }, … })) // → 1625
 */
export function convert(amount: number, from: string, to: string, rates: ExchangeRates): number | undefined {
  const source = rates.perBase.get(from);
  const target = rates.perBase.get(to);
  if (source === undefined || target === undefined) return undefined;
  const above = BigInt(Math.abs(amount)) * target.units * 10n ** (source.scale + BigInt(exponentOf(to)));
  const below = source.units * 10n ** (target.scale + BigInt(exponentOf(from)));
  const converted = Number((2n * above + below) / (2n * below));
  if (!Number.isSafeInteger(converted)) return undefined;
  return amount < 0 && converted !== 0 ? -converted : converted;
}

function rateOf(rate: number): Rate {
  const [whole = '0', fraction = ''] = String(rate).split('.');
  return { units: BigInt(whole + fraction), scale: BigInt(fraction.length) };
}
