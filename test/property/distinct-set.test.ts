import fc from 'fast-check';
import {
  addDigest,
  countDistinct,
  decodeDistinct,
  digestOf,
  DISTINCT_KEPT,
  encodeDistinct,
  mergeDistinct,
  type DistinctSet,
} from '../../shared/domain/distinct-set.ts';

const EMPTY: DistinctSet = [];
const setOf = (names: readonly string[]): DistinctSet => names.map(digestOf).reduce(addDigest, EMPTY);
/** Few and many names, some of them again and again. */
const names = fc.array(fc.nat({ max: 400 }).map(String), { maxLength: 500 });

test('a set of few is exact', () => {
  const few = fc.uniqueArray(fc.string(), { maxLength: DISTINCT_KEPT - 1 });
  fc.assert(fc.property(few, (said) => expect(countDistinct(setOf([...said, ...said]))).toBe(said.length)));
});

test('order, repetition and portions do not matter: adding is a join', () => {
  fc.assert(
    fc.property(names, names, (left, right) => {
      const whole = setOf([...left, ...right]);
      expect(setOf([...right, ...left, ...right])).toEqual(whole);
      expect(mergeDistinct(setOf(left), setOf(right))).toEqual(whole);
      expect(mergeDistinct(setOf(right), setOf(left))).toEqual(whole);
      expect(mergeDistinct(whole, setOf(left))).toEqual(whole);
    }),
  );
});

test('what is known already gives the same set back, so that nothing is written', () => {
  fc.assert(
    fc.property(names, (said) => {
      const set = setOf(said);
      for (const name of said) expect(addDigest(set, digestOf(name))).toBe(set);
    }),
  );
});

test('a set stays small and is read back as it was', () => {
  fc.assert(
    fc.property(names, (said) => {
      const set = setOf(said);
      expect(set.length).toBeLessThanOrEqual(DISTINCT_KEPT);
      expect(decodeDistinct(encodeDistinct(set))).toEqual(set);
      expect(encodeDistinct(set)).toHaveLength(set.length * 5);
    }),
  );
});

test.each([100, 1_000, 20_000])(
  'a count of %i is unbiased, and off by no more than such a sketch may be',
  (truth) => {
    const errors = Array.from({ length: 200 }, (_, shop) => {
      const set = setOf(Array.from({ length: truth }, (_name, index) => `shop ${shop} shopper ${index}`));
      return countDistinct(set) / truth - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);

    const expected = 1 / Math.sqrt(DISTINCT_KEPT - 2);
    expect(Math.abs(mean)).toBeLessThan(3 * (expected / Math.sqrt(errors.length)));
    expect(spread).toBeLessThan(1.2 * expected);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4.5 * expected);
  },
);
