import { LocalFault } from './fault.ts';

/** What an expression can ask for while it is computed; a value that is not there makes all that uses it not there. */
export interface MathScope {
  value(id: string): number | undefined;
  readonly periodSeconds: number;
}

export interface Formula {
  /** Ids that the expression refers to. */
  readonly ids: ReadonlySet<string>;
  /** The value at one point of time; `undefined`: no data point. */
  compute(scope: MathScope): number | undefined;
}

type Term = (scope: MathScope) => number | undefined;

/**
 * Reads an expression of CloudWatch's metric math: numbers, ids, `+ - * /`, `>=`, brackets, `IF` and `PERIOD`, which is
 * what the stack uses. All of it works point by point.
 *
 * @example parseFormula('IF(bad >= 5, 100 * bad / all, 0)').ids // Set { 'bad', 'all' }
 * @throws {LocalFault} naming what is not honoured
 */
export function parseFormula(text: string): Formula {
  const tokens = tokensOf(text);
  const ids = new Set<string>();
  let at = 0;

  const refuse = (what: string): never => {
    throw new LocalFault(`Metric math: ${what} in "${text}" is not honoured by the local run.`);
  };
  const take = (...wanted: readonly string[]): string | undefined => {
    const token = tokens[at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    at += 1;
    return token;
  };
  const expect = (wanted: string): void => {
    if (take(wanted) === undefined) refuse(tokens[at] ?? 'the end');
  };

  const chain = (next: () => Term, ...operators: readonly (keyof typeof OPERATORS)[]): Term => {
    let left = next();
    for (let sign = take(...operators); sign !== undefined; sign = take(...operators)) {
      const [one, other, operator] = [left, next(), OPERATORS[sign as keyof typeof OPERATORS]];
      left = (scope) => both(one(scope), other(scope), operator);
    }
    return left;
  };
  const comparison = (): Term => chain(sum, '>=');
  const sum = (): Term => chain(product, '+', '-');
  const product = (): Term => chain(factor, '*', '/');

  const factor = (): Term => {
    const token = tokens[at++] ?? refuse('the end');
    if (token === '(') {
      const inner = comparison();
      expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (/^[a-z]/.test(token)) {
      ids.add(token);
      return (scope) => scope.value(token);
    }
    if (token === 'IF') return condition();
    return token === 'PERIOD' ? period() : refuse(token);
  };

  const condition = (): Term => {
    expect('(');
    const test = comparison();
    expect(',');
    const then = comparison();
    expect(',');
    const otherwise = comparison();
    expect(')');
    return (scope) => {
      const outcome = test(scope);
      if (outcome === undefined) return undefined;
      return outcome === 0 ? otherwise(scope) : then(scope);
    };
  };

  const period = (): Term => {
    expect('(');
    const of = comparison();
    expect(')');
    return (scope) => (of(scope) === undefined ? undefined : scope.periodSeconds);
  };

  const formula = comparison();
  if (at < tokens.length) refuse(tokens[at] ?? '');
  return { ids, compute: formula };
}

const OPERATORS = {
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  '/': (left: number, right: number) => left / right,
  '>=': (left: number, right: number) => (left >= right ? 1 : 0),
} as const;

/** There is no data point where an operand lacks one, nor where the result is no number. */
function both(
  left: number | undefined,
  right: number | undefined,
  operator: (left: number, right: number) => number,
): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  const result = operator(left, right);
  return Number.isFinite(result) ? result : undefined;
}

/** Anything else comes as one token, to be refused by its name. */
function tokensOf(text: string): readonly string[] {
  return text.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|>=|[^\s]/g) ?? [];
}
