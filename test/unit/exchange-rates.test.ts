import { convert, exchangeRates, isRate, type RatesConfig } from '../../shared/domain/exchange-rates.ts';
import { amountsOf } from '../../shared/domain/slots/amounts.ts';

const config: RatesConfig = {
  asOf: '2026-11-20',
  source: 'a test',
  base: 'EUR',
  perBase: { USD: 1.1, JPY: 162.5, KWD: 0.3347, BRL: 6.15, HUF: 3 },
};
const rates = exchangeRates(config);

test.each<[number, string, string, number]>([
  [1_000, 'EUR', 'USD', 1_100],
  // No decimals, and three: minor units are as different as the currencies.
  [1_000, 'EUR', 'JPY', 1_625],
  [1_000, 'EUR', 'KWD', 3_347],
  [3_347, 'KWD', 'EUR', 1_000],
  [1_625, 'JPY', 'KWD', 3_347],
  [1, 'JPY', 'EUR', 1],
  [1_100, 'USD', 'EUR', 1_000],
  [-1_000, 'EUR', 'JPY', -1_625],
  [0, 'EUR', 'JPY', 0],
  // 0.03 ÷ 1.1 = 0.02727…
  [3, 'USD', 'EUR', 3],
  // Half a unit goes away from zero: 0.01 EUR × 162.5 = 1.625, 0.04 EUR = 6.5.
  [1, 'EUR', 'JPY', 2],
  [4, 'EUR', 'JPY', 7],
  [-4, 'EUR', 'JPY', -7],
])('%i minor units of %s are, in %s, %i', (amount, from, to, converted) => {
  expect(convert(amount, from, to, rates)).toBe(converted);
});

test('the largest amounts are converted exactly, and what no integer holds is nothing', () => {
  expect(convert(Number.MAX_SAFE_INTEGER, 'EUR', 'EUR', rates)).toBe(Number.MAX_SAFE_INTEGER);
  expect(convert(3_002_399_751_580_330, 'EUR', 'HUF', rates)).toBe(9_007_199_254_740_990);
  expect(convert(Number.MAX_SAFE_INTEGER, 'EUR', 'USD', rates)).toBeUndefined();
});

test.each(['SEK', '', '__proto__', 'constructor'])(
  'without a rate for %j nothing is converted',
  (currency) => {
    expect([convert(100, 'EUR', currency, rates), convert(100, currency, 'EUR', rates)]).toEqual([
      undefined,
      undefined,
    ]);
  },
);

test.each([0, -1, NaN, Infinity, 1e-7, 1e21, '1.1', null])('%p is no rate', (rate) =>
  expect(isRate(rate)).toBe(false),
);
test.each([0.000001, 1, 162.5, 17_345.25])('%d is a rate', (rate) => expect(isRate(rate)).toBe(true));

test('an amount that is stated is never replaced by a converted one', () => {
  const amounts = amountsOf({ EUR: 5_000, USD: 5_000 }, rates);
  expect(
    [...amounts.values()].map(({ currency, amount, isConverted }) => [currency, amount, isConverted]),
  ).toEqual([
    ['USD', 5_000, false],
    ['JPY', 8_125, true],
    ['KWD', 16_735, true],
    ['BRL', 30_750, true],
    ['HUF', 15_000, true],
    ['EUR', 5_000, false],
  ]);
});

test('an amount is converted from the first of its currencies that has a rate, and without rates not at all', () => {
  expect(amountsOf({ SEK: 9, USD: 1_100, EUR: 1 }, rates).get('JPY')?.amount).toBe(1_625);
  expect([...amountsOf({ SEK: 9 }, rates).keys()]).toEqual(['SEK']);
  expect([...amountsOf({ EUR: 5_000 }, undefined).keys()]).toEqual(['EUR']);
});
