import type { MethodUses } from '../../shared/domain/method-uses.ts';
import { rankOptions } from '../../shared/domain/rank-options.ts';

const NOW = Date.UTC(2026, 6, 15);
const WEIGHTS = { halfLifeMonths: 6, regionWeight: 1, habitPrior: 0.8 };

/** `card 2026-05` → a use of `card` in May 2026. */
const uses = (...said: readonly string[]): MethodUses =>
  said
    .map((use, index) => {
      const [method = '', month = ''] = use.split(' ');
      return { method, id: `use-${index}`, at: Date.parse(`${month}-10T00:00:00Z`) + index };
    })
    .sort((left, right) => left.at - right.at);
const rank = (options: readonly string[], history: MethodUses, now = NOW) =>
  rankOptions(options, { uses: history }, now, WEIGHTS);
const order = (...args: Parameters<typeof rank>) => rank(...args).map(({ id }) => id);
const reasons = (...args: Parameters<typeof rank>) =>
  Object.fromEntries(rank(...args).map((option) => [option.id, option.reasons]));

describe('the order of payment methods', () => {
  test("is the shop's for somebody unknown", () => {
    expect(order(['c', 'a', 'b'], [])).toEqual(['c', 'a', 'b']);
  });

  test('puts what was used before what was not, the shop breaking ties', () => {
    const history = uses('b 2026-06', 'd 2026-06');
    expect(order(['a', 'b', 'c', 'd'], history)).toEqual(['b', 'd', 'a', 'c']);
    expect(order(['d', 'c', 'b', 'a'], history)).toEqual(['d', 'b', 'c', 'a']);
  });

  test('puts what was used more often first', () => {
    expect(order(['a', 'b'], uses('a 2026-06', 'b 2026-06', 'b 2026-06'))).toEqual(['b', 'a']);
  });

  test('forgets by halves: two uses of half a year ago weigh as much as one of today', () => {
    const history = uses('a 2026-01', 'a 2026-01', 'b 2026-07');
    const [a, b] = rank(['a', 'b'], history);
    expect([a?.id, b?.id, a?.score]).toEqual(['a', 'b', b?.score]);
    expect(order(['a', 'b'], uses('a 2025-07', 'a 2025-07', 'b 2026-07'))).toEqual(['b', 'a']);
  });

  test('ages by whole months: the day does not matter', () => {
    const history = uses('a 2026-06');
    const scores = [Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 31, 23, 59)].map(
      (now) => rank(['a'], history, now)[0]?.score,
    );
    const aged = 0.5 ** (1 / 6);
    expect(scores).toEqual([aged / (aged + 1), aged / (aged + 1)]);
  });

  test('hides no later use when asked about an earlier time', () => {
    const history = uses('b 2026-06', 'b 2026-07', 'a 2018-01');
    expect(order(['a', 'b'], history, Date.UTC(2018, 0, 20))).toEqual(['b', 'a']);
    expect(rank(['b'], history, Date.UTC(2018, 0))[0]?.score).toBe(2 / 3);
  });

  test('never invents what is not offered and never drops what is', () => {
    expect(order(['a'], uses('b 2026-06', 'constructor 2026-06'))).toEqual(['a']);
    expect(order([], uses('b 2026-06'))).toEqual([]);
    expect(order(['__proto__', 'constructor'], uses('constructor 2026-06'))).toEqual([
      'constructor',
      '__proto__',
    ]);
  });
});

describe('the reasons', () => {
  test('say what was used most, last, or at all, and what the shop put there', () => {
    const history = uses('a 2026-05', 'a 2026-05', 'b 2026-06', 'c 2026-01');
    expect(reasons(['c', 'd', 'b', 'a'], history)).toEqual({
      a: ['used-most'],
      b: ['used-last'],
      c: ['used-before'],
      d: ['store-default'],
    });
  });

  test('speak of the methods on offer, not of others', () => {
    expect(reasons(['a'], uses('a 2026-01', 'b 2026-05', 'b 2026-05'))).toEqual({
      a: ['used-most', 'used-last'],
    });
  });

  test('are never empty', () => {
    for (const { reasons: given } of rank(['a', 'b', 'c'], uses('a 2026-06', 'b 2026-06', 'b 2025-01'))) {
      expect(given.length).toBeGreaterThan(0);
    }
  });
});
