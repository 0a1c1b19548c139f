import { parseFormula } from '../../local/metric-math.ts';

const scope = (values: Readonly<Record<string, number | undefined>> = {}) => ({
  value: (id: string) => values[id],
  periodSeconds: 300,
});

describe('metric math', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['12 / 3 / 2', 2],
    ['2 * 0.000000000625', 1.25e-9],
    ['3 >= 3', 1],
    ['2 >= 3', 0],
    ['IF(2 >= 3, 10, 20)', 20],
    ['IF(1 + 1, 10, 20)', 10],
    ['IF(1 >= 0, IF(0, 1, 2), 3)', 2],
  ])('%s is %d', (text, value) => {
    expect(parseFormula(text).compute(scope())).toBe(value);
  });

  it('computes with what its ids stand for, and tells which they are', () => {
    const { ids, compute } = parseFormula('IF(bad >= 5, 100 * bad / all, 0)');
    expect([...ids]).toEqual(['bad', 'all']);
    expect([compute(scope({ bad: 5, all: 20 })), compute(scope({ bad: 4, all: 20 }))]).toEqual([25, 0]);
  });

  it('a period lasts as long as the metric’s', () => {
    expect(parseFormula('n / PERIOD(n)').compute(scope({ n: 600 }))).toBe(2);
  });

  it.each([
    ['a + b', { a: 1 }],
    ['100 * a / b', { b: 1 }],
    ['a / b', { a: 1, b: 0 }],
    ['IF(a, 1, 2)', {}],
    ['n / PERIOD(n)', {}],
  ])('%s of %j has no data point', (text, values) => {
    expect(parseFormula(text).compute(scope(values))).toBeUndefined();
  });

  it.each([
    ["SEARCH('{A}', 'Sum')", 'SEARCH'],
    ['FILL(a, 0)', 'FILL'],
    ['a > b', '>'],
    ['a ^ 2', '^'],
    ['a b', 'b'],
    ['(a', 'the end'],
    ['IF(a, b)', ')'],
    ['', 'the end'],
  ])('%s is refused, naming %s', (text, what) => {
    expect(() => parseFormula(text)).toThrow(
      `Metric math: ${what} in "${text}" is not honoured by the local run.`,
    );
  });
});
