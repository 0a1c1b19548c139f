import { decodeInteger, encodeInteger } from '../../shared/domain/hash.ts';

test.each([0, 63, 64, 281_474_976_710_655])('%d is written and read again', (value) => {
  expect(decodeInteger(encodeInteger(value, 8))).toBe(value);
});

test.each([Number.NaN, -1, Number.NEGATIVE_INFINITY, Number(undefined)])(
  'what is no unsigned integer, %d, is refused instead of being written for ever: a damaged item may hold it',
  (value) => {
    expect(() => encodeInteger(value, 8)).toThrow(RangeError);
  },
);
