import type { Json } from '../json.ts';
import type { Condition, Order, Test } from './condition.ts';
import { sortableVersion } from './sortable-version.ts';

/** What a test needs beside the value. */
export interface TestContext {
  /** ms */
  readonly now: number;
  /** A condition on an element that is an object. */
  readonly holds: (condition: Condition, element: Json) => boolean;
}

/** Longer texts are not matched with patterns: nobody means them, and they take time. */
const MAX_MATCHED = 1_024;

/** Whether a value passes. What is missing is null. Never throws. */
export function passes(test: Test, value: Json, context: TestContext): boolean {
  switch (test.kind) {
    case 'text':
      return typeof value !== 'object' && String(value) === test.value;
    case 'number':
      return typeof value !== 'object' ? Number(value) === test.value : numberIn(value) === test.value;
    case 'flag':
      return value !== null && Boolean(value) === test.value;
    case 'null':
      return value === null;
    case 'json':
      return JSON.stringify(value) === test.value;
    case 'same':
      return value === test.value;
    case 'order':
      return isOrdered(comparable(value), test.order, test.than);
    case 'version': {
      const version = sortableVersion(value);
      return test.order === '=' ? version === test.than : isOrdered(version, test.order, test.than);
    }
    case 'one-of': {
      const list: readonly Json[] = Array.isArray(value) ? value : [value];
      return list.some((one) => test.values.includes(test.ignoresCase ? lowered(one) : one));
    }
    case 'has-all':
      return (
        Array.isArray(value) &&
        test.tests.every((wanted) =>
          (value as readonly Json[]).some((one) =>
            passes(wanted, test.ignoresCase ? lowered(one) : one, context),
          ),
        )
      );
    case 'exists':
      return value !== null;
    case 'pattern':
      return isMatchable(value) && test.pattern.test(String(value));
    case 'type':
      return typeOf(value) === test.type;
    case 'size':
      return Array.isArray(value) && passes(test.test, value.length, context);
    case 'element':
      return elementsOf(value).some((one) => passes(test.test, one, context));
    case 'object-element':
      return elementsOf(value).some((one) => context.holds(test.condition, one));
    case 'within':
      return typeof value === 'number' && value > context.now - test.ms;
    case 'before':
      return typeof value === 'number' && value <= context.now - test.ms;
    case 'every':
      return test.tests.every((one) => passes(one, value, context));
    case 'no':
      return !passes(test.test, value, context);
  }
}

/**
 * What is compared in the place of a value: a list of one as what is in it, as JavaScript has it. Nothing else of objects is compared:
 * a sender may call a property `valueOf`, which would be called.
 */
function comparable(value: Json): number | string {
  if (typeof value !== 'object') return value as number | string;
  return value === null ? 0 : listText(value);
}

function numberIn(value: Json & (object | null)): number {
  return value === null ? 0 : Number(listText(value));
}

/** As JavaScript makes a text of a list of scalars; of all else what is no number. */
function listText(value: object): string {
  const parts: readonly Json[] | undefined = Array.isArray(value) ? value : undefined;
  if (parts === undefined || parts.some((part) => typeof part === 'object' && part !== null)) return 'object';
  return parts.join();
}

/** As JavaScript compares: two texts by letters, else as numbers; null is 0. */
function isOrdered(value: number | string, order: Order, than: number | string): boolean {
  switch (order) {
    case '<':
      return value < than;
    case '<=':
      return value <= than;
    case '>':
      return value > than;
    case '>=':
      return value >= than;
  }
}

function isMatchable(value: Json): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_MATCHED);
}

/** Elements that say something: an empty one (0, '', null, false) matches nothing. */
function elementsOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(Boolean) : [];
}

function lowered(value: Json): Json {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
