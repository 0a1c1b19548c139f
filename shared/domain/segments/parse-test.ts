import type { Json } from '../json.ts';
import type { Condition, Order, Test } from './condition.ts';
import { durationMs, MAX_DAYS, MAX_DURATION_MS } from './duration.ts';
import { at, type FaultList, isPlain, wordHint } from './fault-list.ts';
import type { FieldType } from './fields.ts';
import { safePattern } from './safe-pattern.ts';
import { sortableVersion } from './sortable-version.ts';

/** What a test may refer to. */
export interface TestScope {
  /** Lists that `$inGroup` names. */
  readonly lists: Readonly<Record<string, readonly Json[]>>;
  /** Reads a condition on a list's elements that are objects. */
  readonly condition: (source: unknown, path: string) => Condition;
}

const ORDERS: Readonly<Record<string, Order>> = { $lt: '<', $lte: '<=', $gt: '>', $gte: '>=' };
const VERSIONS: Readonly<Record<string, Order | '='>> = {
  $veq: '=',
  $vlt: '<',
  $vlte: '<=',
  $vgt: '>',
  $vgte: '>=',
};
const TYPES: readonly string[] = ['string', 'number', 'boolean', 'object', 'array', 'null'];

const EQUALITY = ['$eq', '$ne', '$in', '$nin', '$inGroup', '$notInGroup'] as const;
const LETTERS = ['$ini', '$nini', '$regex', '$regexi'] as const;
const LISTS = ['$all', '$alli', '$elemMatch', '$size'] as const;
const ALWAYS = ['$exists', '$not'] as const;

/** Which operators a value of a type can be asked. */
const OPERATORS: Readonly<Record<FieldType, readonly string[]>> = {
  number: [...EQUALITY, ...Object.keys(ORDERS), ...ALWAYS],
  text: [...EQUALITY, ...LETTERS, ...ALWAYS],
  texts: ['$in', '$nin', '$ini', '$nini', '$inGroup', '$notInGroup', ...LISTS, ...ALWAYS],
  time: ['$within', '$before', ...ALWAYS],
  any: [
    ...EQUALITY,
    ...LETTERS,
    ...Object.keys(ORDERS),
    ...Object.keys(VERSIONS),
    '$vne',
    ...LISTS,
    '$type',
    ...ALWAYS,
  ],
};

const NEVER: Test = { kind: 'every', tests: [{ kind: 'null' }, { kind: 'exists' }] };
const no = (test: Test): Test => ({ kind: 'no', test });

/** One test: a plain value to be equal to, or an object of operators that must all hold. */
export function parseTest(
  source: unknown,
  type: FieldType,
  path: string,
  scope: TestScope,
  faults: FaultList,
): Test {
  if (isPlain(source) && isOperators(source)) {
    const tests = Object.entries(source).map(([name, argument]) =>
      OPERATORS[type].includes(name)
        ? parseOperator(name, argument, type, at(path, name), scope, faults)
        : unknownOperator(name, type, at(path, name), faults),
    );
    return tests.length === 1 && tests[0] ? tests[0] : { kind: 'every', tests };
  }
  return equalTo(source, type, path, faults);
}

function unknownOperator(name: string, type: FieldType, path: string, faults: FaultList): Test {
  const isKnown = OPERATORS.any.includes(name) || OPERATORS.time.includes(name);
  if (isKnown)
    faults.add(
      'wrong_type',
      path,
      `${name} cannot be asked of ${TYPE_WORDS[type]}; ${listOf(OPERATORS[type])} can`,
    );
  else faults.add('unknown_operator', path, `there is no operator ${name}${wordHint(name, OPERATORS[type])}`);
  return NEVER;
}

const TYPE_WORDS: Readonly<Record<FieldType, string>> = {
  number: 'a number',
  text: 'a text',
  texts: 'a list of texts',
  time: 'a time',
  any: 'a value',
};

function equalTo(source: unknown, type: FieldType, path: string, faults: FaultList): Test {
  if (source === null) return { kind: 'null' };
  const fits =
    type === 'any' ||
    (type === 'number' && typeof source === 'number') ||
    (type === 'text' && typeof source === 'string');
  if (!fits || source === undefined) {
    faults.add(
      'wrong_type',
      path,
      `this is ${TYPE_WORDS[type]}: ${JSON.stringify(source)} cannot be equal to it`,
    );
    return NEVER;
  }
  switch (typeof source) {
    case 'string':
      return { kind: 'text', value: source };
    case 'number':
      return { kind: 'number', value: source };
    case 'boolean':
      return { kind: 'flag', value: source };
    default:
      return { kind: 'json', value: JSON.stringify(source) ?? '' };
  }
}

function parseOperator(
  name: string,
  argument: unknown,
  type: FieldType,
  path: string,
  scope: TestScope,
  faults: FaultList,
): Test {
  const inner = (innerType: FieldType, source: unknown = argument, innerPath = path): Test =>
    parseTest(source, innerType, innerPath, scope, faults);
  switch (name) {
    case '$eq':
    case '$ne': {
      checkScalar(argument, type, path, faults);
      const same: Test = { kind: 'same', value: argument as Json };
      return name === '$eq' ? same : no(same);
    }
    case '$not':
      return no(inner(type));
    case '$exists':
      if (typeof argument !== 'boolean') return wrong(path, 'true or false', faults);
      return argument ? { kind: 'exists' } : no({ kind: 'exists' });
    case '$in':
    case '$nin':
    case '$ini':
    case '$nini': {
      if (!Array.isArray(argument)) return wrong(path, 'a list', faults);
      const list = argument as readonly unknown[];
      list.forEach((one, index) => checkScalar(one, type, `${path}[${index}]`, faults));
      const ignoresCase = name.endsWith('i');
      const values = list.map((one) =>
        ignoresCase && typeof one === 'string' ? one.toLowerCase() : (one as Json),
      );
      const test: Test = { kind: 'one-of', values, ignoresCase };
      return name.startsWith('$n') ? no(test) : test;
    }
    case '$inGroup':
    case '$notInGroup': {
      const list =
        typeof argument === 'string' && Object.hasOwn(scope.lists, argument)
          ? scope.lists[argument]
          : undefined;
      if (list === undefined) {
        const hint = wordHint(String(argument), Object.keys(scope.lists));
        faults.add('unknown_list', path, `there is no list ${JSON.stringify(argument)}${hint}`);
        return NEVER;
      }
      const test: Test = { kind: 'one-of', values: list, ignoresCase: false };
      return name === '$inGroup' ? test : no(test);
    }
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte': {
      const isFit =
        typeof argument === 'number'
          ? Number.isFinite(argument)
          : typeof argument === 'string' && type === 'any';
      if (!isFit) return wrong(path, type === 'any' ? 'a number or a text' : 'a number', faults);
      return { kind: 'order', order: ORDERS[name] ?? '<', than: argument as number | string };
    }
    case '$veq':
    case '$vne':
    case '$vlt':
    case '$vlte':
    case '$vgt':
    case '$vgte': {
      if (typeof argument !== 'string') return wrong(path, 'a version', faults);
      const test: Test = { kind: 'version', order: VERSIONS[name] ?? '=', than: sortableVersion(argument) };
      return name === '$vne' ? no(test) : test;
    }
    case '$regex':
    case '$regexi': {
      if (typeof argument !== 'string') return wrong(path, 'a pattern', faults);
      const pattern = safePattern(argument, name === '$regexi');
      if (typeof pattern !== 'string') return { kind: 'pattern', pattern };
      faults.add('unsafe_pattern', path, `the pattern ${JSON.stringify(argument)} is not taken: ${pattern}`);
      return NEVER;
    }
    case '$all':
    case '$alli': {
      if (!Array.isArray(argument)) return wrong(path, 'a list', faults);
      const ignoresCase = name === '$alli';
      const tests = (argument as readonly unknown[]).map((one, index) =>
        inner(
          type === 'texts' ? 'text' : 'any',
          ignoresCase && typeof one === 'string' ? one.toLowerCase() : one,
          `${path}[${index}]`,
        ),
      );
      return { kind: 'has-all', tests, ignoresCase };
    }
    case '$elemMatch':
      if (isPlain(argument) && !isOperators(argument) && type === 'any')
        return { kind: 'object-element', condition: scope.condition(argument, path) };
      return { kind: 'element', test: inner(type === 'texts' ? 'text' : 'any') };
    case '$size':
      return { kind: 'size', test: inner('number') };
    case '$type':
      if (typeof argument !== 'string' || !TYPES.includes(argument))
        return wrong(path, `one of ${listOf(TYPES)}`, faults);
      return { kind: 'type', type: argument };
    case '$within':
    case '$before':
      return { kind: name === '$within' ? 'within' : 'before', ms: parseDuration(argument, path, faults) };
    default:
      return NEVER;
  }
}

/** ms; 0 after a fault */
export function parseDuration(source: unknown, path: string, faults: FaultList): number {
  const ms = durationMs(source);
  if (ms === undefined) {
    faults.add(
      'not_a_duration',
      path,
      `${JSON.stringify(source)} is no duration; write one as "30m", "2h" or "90d"`,
    );
    return 0;
  }
  if (ms > MAX_DURATION_MS)
    faults.add(
      'window_too_long',
      path,
      `"${String(source)}" is longer than what can be looked back on, "${MAX_DAYS}d"`,
    );
  return ms;
}

function checkScalar(value: unknown, type: FieldType, path: string, faults: FaultList): void {
  const isFit =
    type === 'any'
      ? value === null || typeof value !== 'object'
      : type === 'number'
        ? typeof value === 'number'
        : typeof value === 'string';
  if (!isFit || value === undefined)
    faults.add(
      'wrong_type',
      path,
      `${JSON.stringify(value)} is not what a field of this type can be: it is ${TYPE_WORDS[type]}`,
    );
}

function wrong(path: string, wanted: string, faults: FaultList): Test {
  faults.add('wrong_type', path, `this must be ${wanted}`);
  return NEVER;
}

function isOperators(source: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(source);
  return names.length > 0 && names.every((name) => name.startsWith('$'));
}

function listOf(words: readonly string[]): string {
  return words.join(', ');
}
