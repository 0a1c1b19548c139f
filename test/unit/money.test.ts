import fc from 'fast-check';
import { currencyOf, minorUnits, NO_CURRENCY } from '../../shared/domain/money.ts';

describe('an amount in minor units', () => {
  test.each<[number | string, string, number]>([
    [139.12, 'GBP', 13_912],
    [1.005, 'EUR', 101],
    [0.1 + 0.2, 'EUR', 30],
    [8.2, 'EUR', 820],
    [4.35, 'EUR', 435],
    [1.115, 'EUR', 112],
    [-1.005, 'EUR', -101],
    [0, 'EUR', 0],
    [1e-7, 'EUR', 0],
    [5e-3, 'EUR', 1],
    [4.9e-3, 'EUR', 0],
    [12, 'EUR', 1_200],
    ['12', 'EUR', 1_200],
    [' 12.5 ', 'EUR', 1_250],
    ['+1.10', 'EUR', 110],
    ['-0.01', 'EUR', -1],
    ['0.994', 'EUR', 99],
    ['0.995', 'EUR', 100],
    ['12.3', 'JPY', 12],
    ['12.5', 'JPY', 13],
    [1500, 'KRW', 1_500],
    ['1.2345', 'BHD', 1_235],
    [1.5, 'KWD', 1_500],
    ['1.23456', 'CLF', 12_346],
    [9_999_999_999_999.99, 'EUR', 999_999_999_999_999],
    [999_999_999_999_999, 'JPY', 999_999_999_999_999],
  ])('%j %s is %d', (amount, currency, units) => {
    expect(minorUnits(amount, currency)).toBe(units);
  });

  test('is never minus zero', () => {
    expect(Object.is(minorUnits(-0, 'EUR'), 0)).toBe(true);
    expect(Object.is(minorUnits('-0.001', 'EUR'), 0)).toBe(true);
  });

  test.each([
    undefined,
    null,
    true,
    {},
    [1],
    '',
    ' ',
    'free',
    '12,50',
    '1.234,56',
    '€12',
    '12 EUR',
    '0x10',
    '1e3',
    '--1',
    '1.',
    'Infinity',
    1e21,
    90_071_992_547_409.92,
    '9999999999999999',
    `1.${'0'.repeat(41)}`,
  ])('is not made of %j: nobody guesses at money', (value) => {
    expect(minorUnits(value as never, 'EUR')).toBeUndefined();
  });

  test('is the exact integer that its decimal text means', () => {
    const units = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });
    fc.assert(
      fc.property(units, (cents) => {
        const text = `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
        expect(minorUnits(text, 'EUR')).toBe(cents);
        expect(minorUnits(Number(text), 'EUR')).toBe(cents);
      }),
    );
  });

  test('of a currency that nobody knows, or of none, has hundredths', () => {
    expect([minorUnits('1.5', 'QQQ'), minorUnits('1.5', NO_CURRENCY)]).toEqual([150, 150]);
  });
});

test.each<[unknown, string | undefined]>([
  ['BRL', 'BRL'],
  ['brl', 'BRL'],
  ['R$', undefined],
  ['EURO', undefined],
  ['', undefined],
  [986, undefined],
  [null, undefined],
  [undefined, undefined],
])('the currency %j is %j', (value, currency) => {
  expect(currencyOf(value as never)).toBe(currency);
});
