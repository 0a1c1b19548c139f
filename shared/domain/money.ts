import type { Json } from './json.ts';

/** ISO 4217 codes whose minor unit is not a hundredth (ISO 4217 list one, 2026-01). */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
  ['CLF', 4],
  ['UYW', 4],
]);

/** ISO 4217 for "no currency": what an amount without one is counted under, in hundredths. */
export const NO_CURRENCY = 'XXX';

/** How many decimals a currency's major unit has: 2 for EUR, 0 for JPY, 3 for KWD; 2 where the list does not say. */
export function exponentOf(currency: string): number {
  return EXPONENTS.get(currency) ?? 2;
}

/** `'brl'` → `'BRL'`; anything that is not three letters → undefined. */
export function currencyOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && /^[a-z]{3}$/i.test(value) ? value.toUpperCase() : undefined;
}

/**
 * An amount in major units, as events carry it, in integer minor units: `minorUnits(139.12, 'GBP')` → 13912,
 * `minorUnits('12.3', 'JPY')` → 12. Half a unit rounds away from zero. It works on the decimal text, so that
 * 1.005 is 101 hundredths and not 100, and sums do not depend on the order of events.
 * Undefined: not a number, or beyond what an integer holds exactly.
 */
export function minorUnits(value: Json | undefined, currency: string): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const parts = /^([+-]?)(\d{1,15})(?:\.(\d{1,40}))?$/.exec(decimalText(value));
  if (!parts) return undefined;
  const [, sign, whole = '', fraction = ''] = parts;
  const exponent = exponentOf(currency);
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0');
  const roundUp = (fraction.codePointAt(exponent) ?? 0) >= 0x35;
  const units = Number(whole + kept) + (roundUp ? 1 : 0);
  if (!Number.isSafeInteger(units)) return undefined;
  return sign === '-' && units !== 0 ? -units : units;
}

/** The shortest decimal text of a number, never in exponent form for amounts that matter. */
function decimalText(value: number | string): string {
  if (typeof value === 'string') return value.trim();
  const text = String(value);
  return text.includes('e-') ? value.toFixed(20) : text;
}
