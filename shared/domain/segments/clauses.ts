import type { Condition, Test } from './condition.ts';
import type { Window } from './window.ts';

/** What is asked about: a field, or what a window shows. */
export type Subject =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'window'; readonly window: Window };

/** One question, and the answer that is wanted. */
export interface Literal {
  readonly subject: Subject;
  readonly test: Test;
  readonly wanted: boolean;
}

/** Questions that must all be answered as wanted. */
export type Clause = readonly Literal[];

/** More alternatives than this are not written out: they would take more room than they spare time. */
const MAX_CLAUSES = 32;

/**
 * A condition as alternatives, each of which makes it hold (disjunctive normal form), with the segments that it refers to
 * written out. Undefined: there are too many.
 *
 * @param segment the condition of a segment; undefined: there is none, and nobody is in it
 * @example
 * clausesOf(a or (b and not c)) // → [[a], [b, not c]]
 */
export function clausesOf(
  condition: Condition,
  segment: (id: string) => Condition | undefined,
): readonly Clause[] | undefined {
  return expand(condition, true, segment);
}

function expand(
  condition: Condition,
  wanted: boolean,
  segment: (id: string) => Condition | undefined,
): readonly Clause[] | undefined {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => expand(part, wanted, segment));
      return (condition.kind === 'all') === wanted ? allOf(parts) : anyOf(parts);
    }
    case 'not':
      return expand(condition.of, !wanted, segment);
    case 'member': {
      const named = segment(condition.segment);
      if (named === undefined) return wanted ? [] : [[]];
      return expand(named, wanted, segment);
    }
    case 'field':
    case 'window': {
      const { test, ...subject } = condition;
      return expandTest(subject, test, wanted);
    }
  }
}

function expandTest(subject: Subject, test: Test, wanted: boolean): readonly Clause[] | undefined {
  switch (test.kind) {
    case 'no':
      return expandTest(subject, test.test, !wanted);
    case 'every': {
      const parts = test.tests.map((one) => expandTest(subject, one, wanted));
      return wanted ? allOf(parts) : anyOf(parts);
    }
    default:
      return [[{ subject, test, wanted }]];
  }
}

type Parts = readonly (readonly Clause[] | undefined)[];

function anyOf(parts: Parts): readonly Clause[] | undefined {
  const clauses: Clause[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    clauses.push(...part);
  }
  return clauses.length > MAX_CLAUSES ? undefined : clauses;
}

function allOf(parts: Parts): readonly Clause[] | undefined {
  let clauses: readonly Clause[] = [[]];
  for (const part of parts) {
    if (part === undefined || clauses.length * part.length > MAX_CLAUSES) return undefined;
    clauses = clauses.flatMap((left) => part.map((right) => [...left, ...right]));
  }
  return clauses;
}
