import type { Facts } from '../facts.ts';
import type { Json } from '../json.ts';
import type { Segments } from './compile-segments.ts';
import type { Condition, Test } from './condition.ts';
import { describeCondition } from './describe-condition.ts';
import { truthOf, valueAt, type Evidence, type Truth } from './evaluate.ts';
import { evidenceOf } from './membership.ts';
import { windowEnds } from './read-window.ts';

/** One question of a segment, and what somebody's profile answers. */
export interface ExplainedLeaf {
  readonly asks: string;
  readonly value: Json;
  readonly truth: Truth;
  /** ms; of a look back that is not complete: since when all is known. */
  readonly completeFrom?: number;
}

export interface ExplainedSegment {
  readonly id: string;
  readonly description: string;
  /** Undefined: it cannot be told yet, and counts as out. */
  readonly truth: Truth;
  readonly leaves: readonly ExplainedLeaf[];
  /** When that will be otherwise if nothing more happens, ms; absent: never. */
  readonly changesAt?: number;
}

/** Why somebody is in each segment or is not, and when time alone will change it. @param now ms */
export function explainMembership(
  facts: Facts,
  segments: Segments,
  now: number,
): readonly ExplainedSegment[] {
  const evidence = evidenceOf(facts, segments, now);
  return [...segments.named].map(([id, { description, condition }]) => {
    const truth = truthOf(condition, evidence);
    const changesAt = momentsOf(condition, facts, evidence).find(
      (moment) => (truthOf(condition, evidenceOf(facts, segments, moment)) === true) !== (truth === true),
    );
    return {
      id,
      description,
      truth,
      leaves: leavesOf(condition).map((leaf) => explainLeaf(leaf, evidence)),
      ...(changesAt !== undefined && { changesAt }),
    };
  });
}

function explainLeaf(leaf: Condition, evidence: Evidence): ExplainedLeaf {
  const asks = describeCondition(leaf);
  const truth = truthOf(leaf, evidence);
  switch (leaf.kind) {
    case 'field':
      return { asks, truth, value: valueAt(evidence.fields, leaf.path) };
    case 'window': {
      const { value, isComplete, completeFrom } = evidence.window(leaf.window);
      return { asks, truth, value, ...(!isComplete && { completeFrom }) };
    }
    default:
      return { asks, truth, value: truth ?? null };
  }
}

/** The questions of a condition, those of other segments as one each. */
function leavesOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(leavesOf);
    case 'not':
      return leavesOf(condition.of);
    default:
      return [condition];
  }
}

/** The moments to come (ms, in order) at which some answer may be another by itself. */
function momentsOf(condition: Condition, facts: Facts, evidence: Evidence): readonly number[] {
  const moments = leavesOf(condition).flatMap((leaf): readonly number[] => {
    switch (leaf.kind) {
      case 'field':
        return agesOf(leaf.test, valueAt(evidence.fields, leaf.path));
      case 'window': {
        const { value, completeFrom } = evidence.window(leaf.window);
        return [
          ...agesOf(leaf.test, value),
          ...windowEnds(leaf.window, facts),
          ...(leaf.window.withinMs === undefined ? [] : [completeFrom + leaf.window.withinMs]),
        ];
      }
      case 'member': {
        const segment = evidence.segment(leaf.segment);
        return segment === undefined ? [] : momentsOf(segment, facts, evidence);
      }
      default:
        return [];
    }
  });
  return [...new Set(moments)]
    .filter((moment) => moment > evidence.now && Number.isFinite(moment))
    .sort((left, right) => left - right);
}

function agesOf(test: Test, value: Json): readonly number[] {
  switch (test.kind) {
    case 'within':
    case 'before':
      return typeof value === 'number' ? [value + test.ms] : [];
    case 'every':
      return test.tests.flatMap((one) => agesOf(one, value));
    case 'no':
      return agesOf(test.test, value);
    default:
      return [];
  }
}
