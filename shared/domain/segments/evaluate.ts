import type { Json } from '../json.ts';
import type { Condition, Test } from './condition.ts';
import { passes, type TestContext } from './pass-test.ts';
import type { Window } from './window.ts';

/** What somebody is judged by. */
export interface Evidence {
  /** Plain JSON; conditions name what stands in it by path. */
  readonly fields: Json;
  /** ms */
  readonly now: number;
  /** What a window shows, as far as its events were kept. */
  readonly window: (window: Window) => WindowValue;
  /** The condition of a segment; undefined: there is none, and nobody is in it. */
  readonly segment: (id: string) => Condition | undefined;
}

export interface WindowValue {
  readonly value: Json;
  /** Whether nothing is missing; else more may have happened than is known. */
  readonly isComplete: boolean;
  /** ms; what happened since is known whole, 0: everything is. */
  readonly completeFrom: number;
}

/** Undefined: it cannot be told. */
export type Truth = boolean | undefined;

/**
 * Whether a condition certainly holds. Plain and slow: the reference for any faster way.
 *
 * What cannot be told, since events before a window was kept are missing, counts for neither side (Kleene's logic): a
 * condition that hangs on it does not hold, and neither does its opposite.
 */
export function holds(condition: Condition, evidence: Evidence): boolean {
  return truthOf(condition, evidence) === true;
}

/** What there is to say of a condition. */
export function truthOf(condition: Condition, evidence: Evidence): Truth {
  switch (condition.kind) {
    case 'all':
      return allOf(condition.of.map((part) => truthOf(part, evidence)));
    case 'any':
      return notOf(allOf(condition.of.map((part) => notOf(truthOf(part, evidence)))));
    case 'not':
      return notOf(truthOf(condition.of, evidence));
    case 'field':
      return passes(condition.test, valueAt(evidence.fields, condition.path), contextOf(evidence));
    case 'window':
      return windowTruth(
        condition.window,
        condition.test,
        evidence.window(condition.window),
        contextOf(evidence),
      );
    case 'member': {
      const segment = evidence.segment(condition.segment);
      return segment === undefined ? false : truthOf(segment, evidence);
    }
  }
}

/** What a window says to a test. One that is not complete says that a count has been reached, and that it is past one. */
export function windowTruth(
  window: Pick<Window, 'op'>,
  test: Test,
  shown: WindowValue,
  context: TestContext,
): Truth {
  if (shown.isComplete) return passes(test, shown.value, context);
  switch (test.kind) {
    case 'no':
      return notOf(windowTruth(window, test.test, shown, context));
    case 'every':
      return allOf(test.tests.map((one) => windowTruth(window, one, shown, context)));
    case 'order': {
      if (window.op !== 'count' && window.op !== 'distinct') return undefined;
      const isPassed = passes(test, shown.value, context);
      const isFloor = test.order === '>' || test.order === '>=';
      return isPassed === isFloor ? isPassed : undefined;
    }
    default:
      return undefined;
  }
}

function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function notOf(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** What stands at a path; nothing there is null. Names of an object's prototype are nothing. */
export function valueAt(fields: Json, path: readonly string[]): Json {
  let value: Json = fields;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as { readonly [key: string]: Json })[name] ?? null;
  }
  return value;
}

/** Of an element of a list conditions know its fields alone. */
const ELEMENT: Pick<Evidence, 'window' | 'segment'> = {
  window: () => ({ value: null, isComplete: true, completeFrom: 0 }),
  segment: () => undefined,
};

/** What tests need of the evidence. */
export function contextOf(evidence: Pick<Evidence, 'now'>): TestContext {
  return {
    now: evidence.now,
    holds: (condition, fields) => holds(condition, { ...ELEMENT, now: evidence.now, fields }),
  };
}
