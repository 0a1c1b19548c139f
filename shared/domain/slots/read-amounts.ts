import { amountsOf, type Amounts, type AmountSource } from './amounts.ts';
import { note, type Reading } from './reading.ts';

export const CURRENCY = /^[A-Z]{3}$/;

/** An amount by currency; what is wrong with it is noted. */
export function readAmounts(source: AmountSource, path: string, reading: Reading): Amounts {
  const stated = Object.entries(source);
  if (stated.length === 0)
    note(reading, 'missing_setting', path, 'names no currency; write e.g. { EUR: 5_000 }, in minor units');
  let isRight = true;
  for (const [currency, amount] of stated) {
    const at = `${path}.${currency}`;
    if (!CURRENCY.test(currency)) {
      note(reading, 'not_a_currency', at, 'names no currency; write three capital letters, e.g. "EUR"');
      isRight = false;
    } else if (!Number.isSafeInteger(amount) || amount < 1) {
      note(reading, 'out_of_range', at, `is ${amount}; write a whole number of minor units from 1`);
      isRight = false;
    }
  }
  return isRight ? amountsOf(source, reading.rates) : new Map();
}
