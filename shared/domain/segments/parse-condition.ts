import type { Json } from '../json.ts';
import type { Condition, Test } from './condition.ts';
import { at, type FaultList, isPlain, wordHint } from './fault-list.ts';
import { nearestWord } from '../nearest-word.ts';
import { FIELD_NAMES, fieldType, type FieldType } from './fields.ts';
import { parseTest, type TestScope } from './parse-test.ts';
import { parseWindow, WINDOW_OPERATORS } from './parse-window.ts';

/** What a condition may speak of. */
export interface ConditionScope {
  /** `profile`: the fields of a profile, windows and segments; `event`: what an event carries; `open`: anything. */
  readonly over: 'profile' | 'event' | 'open';
  readonly lists: Readonly<Record<string, readonly Json[]>>;
  /** Ids of segments that can be referred to. */
  readonly segments: readonly string[];
  /** Names of the shop's own events. */
  readonly events: readonly string[];
}

export const OPEN_SCOPE: ConditionScope = { over: 'open', lists: {}, segments: [], events: [] };

const MAX_DEPTH = 12;
const EVENT_ROOTS: readonly string[] = ['properties', 'traits', 'context'];

/**
 * Reads a condition: Mongo's syntax as GrowthBook targets with it. What is wrong is added to `faults` with its path;
 * the tree that comes back then means nothing.
 *
 * @example
 * const faults = new FaultList();
 * parseCondition({ 'orders.cuont': { $gte: 3 } }, 'when', scope, faults);
 * // faults.all → [{ code: 'unknown_field', path: 'when.orders.cuont', message: '…did you mean "orders.count"…' }]
 */
export function parseCondition(
  source: unknown,
  path: string,
  scope: ConditionScope,
  faults: FaultList,
  depth = 0,
): Condition {
  const nothing: Condition = { kind: 'all', of: [] };
  if (depth > MAX_DEPTH) {
    faults.add('nested_too_deep', path, `a condition may nest ${MAX_DEPTH} deep`);
    return nothing;
  }
  if (!isPlain(source)) {
    faults.add('wrong_type', path, 'a condition must be an object');
    return nothing;
  }
  const nested = (inner: unknown, innerPath: string): Condition =>
    parseCondition(inner, innerPath, scope, faults, depth + 1);
  // Elements of lists have the fields that their senders gave them.
  const elements = (inner: unknown, innerPath: string): Condition =>
    parseCondition(inner, innerPath, { ...scope, over: 'open' }, faults, depth + 1);
  const list = (inner: unknown, innerPath: string): readonly Condition[] => {
    if (Array.isArray(inner)) return inner.map((one, index) => nested(one, `${innerPath}[${index}]`));
    faults.add('wrong_type', innerPath, 'this must be a list of conditions');
    return [];
  };
  const parts = Object.entries(source).map(([name, argument]): Condition => {
    const here = at(path, name);
    switch (name) {
      case '$and':
        return { kind: 'all', of: list(argument, here) };
      case '$or':
        return anyOf(list(argument, here));
      case '$nor':
        return { kind: 'not', of: anyOf(list(argument, here)) };
      case '$not':
        return { kind: 'not', of: nested(argument, here) };
      default:
        return name.startsWith('$') && !isFieldOf(scope, name)
          ? parseLookBack(name, argument, here, scope, faults, depth)
          : parseField(name, argument, here, scope, faults, elements);
    }
  });
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'all', of: parts };
}

const LOGIC: readonly string[] = ['$and', '$or', '$nor', '$not'];

/** Senders may call a field of theirs `$groups`; what is nearly an operator is a slip of the pen. */
function isFieldOf({ over }: ConditionScope, name: string): boolean {
  return over === 'open' && nearestWord(name, LOGIC) === null;
}

/** No alternatives at all exclude nobody, as in GrowthBook. */
function anyOf(of: readonly Condition[]): Condition {
  return of.length === 0 ? { kind: 'all', of } : { kind: 'any', of };
}

function parseLookBack(
  name: string,
  argument: unknown,
  path: string,
  scope: ConditionScope,
  faults: FaultList,
  depth: number,
): Condition {
  if (scope.over !== 'profile') {
    faults.add('unknown_operator', path, `there is no ${name} here${wordHint(name, LOGIC)}`);
    return { kind: 'all', of: [] };
  }
  if (name === '$segment') {
    if (typeof argument === 'string' && scope.segments.includes(argument))
      return { kind: 'member', segment: argument };
    const hint = wordHint(String(argument), scope.segments);
    faults.add('unknown_segment', path, `there is no segment ${JSON.stringify(argument)}${hint}`);
    return { kind: 'all', of: [] };
  }
  if (WINDOW_OPERATORS.includes(name)) {
    const inEvent = (source: unknown, where: string): Condition =>
      parseCondition(source, where, { ...scope, over: 'event' }, faults, depth + 1);
    return parseWindow(name, argument, path, scope, inEvent, faults);
  }
  const known = [...LOGIC, '$segment', ...WINDOW_OPERATORS];
  faults.add('unknown_operator', path, `there is no ${name} of a person${wordHint(name, known)}`);
  return { kind: 'all', of: [] };
}

function parseField(
  name: string,
  argument: unknown,
  path: string,
  scope: ConditionScope,
  faults: FaultList,
  condition: TestScope['condition'],
): Condition {
  const type = typeIn(scope, name, path, faults);
  const test: Test = parseTest(argument, type ?? 'any', path, { lists: scope.lists, condition }, faults);
  return { kind: 'field', path: name.split('.'), test };
}

function typeIn(scope: ConditionScope, name: string, path: string, faults: FaultList): FieldType | undefined {
  if (scope.over === 'open') return 'any';
  if (scope.over === 'event') {
    const root = name.split('.')[0] ?? '';
    if (EVENT_ROOTS.includes(root) && name.length > root.length + 1) return 'any';
    faults.add(
      'unknown_field',
      path,
      `an event has no ${name}: name "properties.…", "traits.…" or "context.…"${wordHint(root, EVENT_ROOTS)}`,
    );
    return undefined;
  }
  const type = fieldType(name);
  if (type === undefined)
    faults.add('unknown_field', path, `a profile has no ${name}${wordHint(name, FIELD_NAMES)}`);
  return type;
}
