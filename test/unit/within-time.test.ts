import { isOutOfTime, withinTime } from '../../functions/fold-profiles/within-time.ts';

test('what ends in time gives its value, or throws what it throws', () => {
  expect(withinTime(1_000, () => ({ of: 'mine' }))).toEqual({ of: 'mine' });
  const fault = new RangeError('of mine');
  const fails = (): never => {
    throw fault;
  };
  expect(() => withinTime(1_000, fails)).toThrow(fault);
  expect(isOutOfTime(fault)).toBe(false);
});

test('a loop without end is ended, and the next work runs as ever', () => {
  let thrown: unknown;
  try {
    withinTime(20, () => {
      for (;;);
    });
  } catch (error) {
    thrown = error;
  }

  expect(isOutOfTime(thrown)).toBe(true);
  expect(withinTime(1_000, () => 7)).toBe(7);
});
