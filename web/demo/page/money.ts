import type { Locale } from '../words/words.ts';

/** How numbers are written where the language is most likely read. */
const FORMATS: Readonly<Record<Locale, string>> = { en: 'en-IE', 'pt-BR': 'pt-BR', sv: 'sv-SE', ar: 'ar-AE' };

/** @example moneyIn('en')(1250, 'EUR') // '€12.50' */
export function moneyIn(locale: Locale): (amount: number, currency: string) => string {
  return (amount, currency) =>
    new Intl.NumberFormat(FORMATS[locale], {
      style: 'currency',
      currency,
      trailingZeroDisplay: 'stripIfInteger',
    }).format(amount / 100);
}

/** @example daysIn('en')(1) // 'tomorrow' */
export function daysIn(locale: Locale): (days: number) => string {
  return (days) => new Intl.RelativeTimeFormat(FORMATS[locale], { numeric: 'auto' }).format(days, 'day');
}

/** @example countryNameIn('sv')('FI') // 'Finland' */
export function countryNameIn(locale: Locale): (code: string) => string {
  const names = new Intl.DisplayNames([locale], { type: 'region' });
  return (code) => names.of(code) ?? code;
}
