import type { Condition, Order, Test } from './condition.ts';
import type { Window } from './window.ts';

/**
 * A condition in words.
 *
 * @example
 * describeCondition(parsed({ 'orders.lastAt': { $within: '30d' } })) // → 'orders.lastAt lies less than 30 days back'
 */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0
        ? 'anybody'
        : condition.of
            .map((part) => (part.kind === 'any' ? `(${describeCondition(part)})` : describeCondition(part)))
            .join(', and ');
    case 'any':
      return condition.of
        .map((part) => (part.kind === 'all' ? `(${describeCondition(part)})` : describeCondition(part)))
        .join(', or ');
    case 'not':
      return `not (${describeCondition(condition.of)})`;
    case 'member':
      return `is in “${condition.segment}”`;
    case 'field':
      return describeTest(condition.path.join('.'), condition.test);
    case 'window':
      return describeLook(condition.window, condition.test);
  }
}

/** 7200000 → `2 hours` */
export function describeDuration(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ];
  const [size, name] = units.find(([unit]) => ms % unit === 0) ?? [1_000, 'second'];
  const count = Math.round(ms / size);
  return `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}

const ORDERS: Readonly<Record<Order, string>> = {
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
};

function describeLook({ op, event, where, of, currency, withinMs }: Window, test: Test): string {
  const events = where === undefined ? `“${event}”` : `“${event}” (${describeCondition(where)})`;
  const within = withinMs === undefined ? '' : ` within ${describeDuration(withinMs)}`;
  const property = of?.join('.') ?? '';
  switch (op) {
    case 'count':
      return describeTest(`the number of ${events}${within}`, test);
    case 'distinct':
      return describeTest(
        `the number of different ${property === '$day' ? 'days' : property} of ${events}${within}`,
        test,
      );
    case 'sum': {
      const unit = currency === undefined ? '' : `, in minor units of ${currency},`;
      return describeTest(
        `the sum of ${property === '' ? '' : `${property} of `}${events}${within}${unit}`,
        test,
      );
    }
    case 'first':
      return describeTest(`${property === '' ? 'the time' : property} of the first ${events}`, test);
    case 'last':
      return describeTest(`${property === '' ? 'the time' : property} of the last ${events}${within}`, test);
  }
}

function describeTest(what: string, test: Test): string {
  const letters = (ignoresCase: boolean): string => (ignoresCase ? ' (in capitals or not)' : '');
  switch (test.kind) {
    case 'text':
    case 'number':
    case 'flag':
    case 'same':
      return `${what} is ${JSON.stringify(test.value)}`;
    case 'json':
      return `${what} is ${test.value}`;
    case 'null':
      return `${what} is not known`;
    case 'exists':
      return `${what} is known`;
    case 'order':
      return `${what} is ${ORDERS[test.order]} ${JSON.stringify(test.than)}`;
    case 'version':
      return `${what} is ${test.order === '=' ? '' : `${ORDERS[test.order]} `}version ${test.than.replaceAll(' ', '')}`;
    case 'one-of':
      return `${what} is one of ${test.values.map((value) => JSON.stringify(value)).join(', ')}${letters(test.ignoresCase)}`;
    case 'has-all':
      return `${what} has all of: ${test.tests.map((one) => describeTest('one', one)).join('; ')}${letters(test.ignoresCase)}`;
    case 'pattern':
      return `${what} matches ${String(test.pattern)}`;
    case 'type':
      return `${what} is of type ${test.type}`;
    case 'size':
      return describeTest(`the length of ${what}`, test.test);
    case 'element':
      return `${what} has one of which: ${describeTest('it', test.test)}`;
    case 'object-element':
      return `${what} has one of which: ${describeCondition(test.condition)}`;
    case 'within':
      return `${what} lies less than ${describeDuration(test.ms)} back`;
    case 'before':
      return `${what} lies ${describeDuration(test.ms)} or more back`;
    case 'every':
      return test.tests.map((one) => describeTest(what, one)).join(', and ');
    case 'no':
      return `not (${describeTest(what, test.test)})`;
  }
}
