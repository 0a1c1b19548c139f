import { exponentOf } from '../money.ts';
import type { Condition, Order, Test } from './condition.ts';
import type { FIELDS } from './fields.ts';
import type { Window } from './window.ts';

/**
 * A condition in words.
 *
 * @example
 * describeCondition(parsed({ 'orders.lastAt': { $within: '30d' } })) // → 'the last order lies less than 30 days back'
 */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0
        ? 'anything is known'
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
      return `the person is in “${condition.segment}”`;
    case 'field':
      return describeField(condition.path, condition.test);
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

/** What a shop calls the fields: of those that are not here, their name will do. */
const FIELD_WORDS: Readonly<Partial<Record<keyof typeof FIELDS, string>>> = {
  'orders.count': 'the number of orders',
  'orders.cancelled': 'the number of orders cancelled',
  'orders.delivered': 'the number of orders delivered',
  'orders.refunds': 'the number of refunds',
  'orders.firstAt': 'the first order',
  'orders.lastAt': 'the last order',
  'cart.lines': 'the number of lines in the cart',
  'cart.updatedAt': 'the last change of the cart',
  'payment.preferred': 'the payment method used most',
  'payment.last': 'the payment method used last',
  'payment.methods': 'the payment methods used',
  'shipping.preferred': 'the shipping option chosen most',
  'shipping.last': 'the shipping option chosen last',
  'shipping.methods': 'the shipping options chosen',
  'loyalty.tier': 'the loyalty tier',
  'loyalty.points': 'the number of loyalty points',
  'support.openTickets': 'the number of open support tickets',
  'address.country': 'the country',
  'address.region': 'the region',
  'address.city': 'the city',
  locale: 'the language',
  currency: 'the currency',
  'browse.viewedAt': 'the last look at a product',
  'browse.categories': 'the categories looked at lately',
  'browse.searches': 'what was searched for lately',
};

function describeField(path: readonly string[], test: Test): string {
  const name = path.join('.');
  const words = Object.hasOwn(FIELD_WORDS, name) ? FIELD_WORDS[name as keyof typeof FIELDS] : undefined;
  const [root, kind, currency] = path;
  if (root === 'orders' && currency !== undefined && (kind === 'spent' || kind === 'refunded'))
    return `the sum of all ${kind === 'spent' ? 'orders' : 'refunds'} ${predicate(test, currency)}`;
  return `${words ?? name} ${predicate(test)}`;
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
  const subjects: Readonly<Record<Window['op'], string>> = {
    count: `the number of ${events}${within}`,
    distinct: `the number of different ${property === '$day' ? 'days' : property} of ${events}${within}`,
    sum: `the sum of ${property === '' ? '' : `${property} of `}${events}${within}`,
    first: `${property === '' ? '' : `${property} of `}the first ${events}`,
    last: `${property === '' ? '' : `${property} of `}the last ${events}${within}`,
  };
  return `${subjects[op]} ${predicate(test, currency)}`;
}

/** What is said of a value: `is at least 3`. @param currency the value is money, in its minor units */
function predicate(test: Test, currency?: string): string {
  const letters = (ignoresCase: boolean): string => (ignoresCase ? ' (in capitals or not)' : '');
  const told = (value: unknown): string =>
    currency !== undefined && typeof value === 'number'
      ? `${(value / 10 ** exponentOf(currency)).toLocaleString('en', { minimumFractionDigits: exponentOf(currency) })} ${currency}`
      : JSON.stringify(value);
  switch (test.kind) {
    case 'text':
    case 'number':
    case 'flag':
    case 'same':
      return `is ${told(test.value)}`;
    case 'json':
      return `is ${test.value}`;
    case 'null':
      return 'is not known';
    case 'exists':
      return 'is known';
    case 'order':
      return `is ${ORDERS[test.order]} ${told(test.than)}`;
    case 'version':
      return `is ${test.order === '=' ? '' : `${ORDERS[test.order]} `}version ${test.than.replaceAll(' ', '')}`;
    case 'one-of':
      return test.values.length === 1
        ? `is ${told(test.values[0])}${letters(test.ignoresCase)}`
        : `is one of ${test.values.map(told).join(', ')}${letters(test.ignoresCase)}`;
    case 'has-all':
      return `has all of: ${test.tests.map((one) => `one that ${predicate(one)}`).join('; ')}${letters(test.ignoresCase)}`;
    case 'pattern':
      return `matches ${String(test.pattern)}`;
    case 'type':
      return `is of type ${test.type}`;
    case 'size':
      return `has a length that ${predicate(test.test)}`;
    case 'element':
      return `has one that ${predicate(test.test)}`;
    case 'object-element':
      return `has one of which: ${describeCondition(test.condition)}`;
    case 'within':
      return `lies less than ${describeDuration(test.ms)} back`;
    case 'before':
      return `lies ${describeDuration(test.ms)} or more back`;
    case 'every':
      return test.tests.map((one) => predicate(one, currency)).join(' and ');
    case 'no':
      return negated(test.test, currency);
  }
}

/** What is not known is none of what is denied. */
function negated(test: Test, currency?: string): string {
  switch (test.kind) {
    case 'exists':
      return 'is not known';
    case 'null':
      return 'is known';
    case 'no':
      return predicate(test.test, currency);
    case 'every':
      return `does not do this: ${predicate(test, currency)}`;
    default: {
      const said = predicate(test, currency);
      return said
        .replace(/^is /, 'is not ')
        .replace(/^lies /, 'does not lie ')
        .replace(/^has /, 'does not have ')
        .replace(/^matches /, 'does not match ');
    }
  }
}
