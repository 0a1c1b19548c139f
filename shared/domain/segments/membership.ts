import type { Facts } from '../facts.ts';
import type { Segments } from './compile-segments.ts';
import type { Evidence } from './evaluate.ts';
import { fieldsOf } from './profile-fields.ts';
import { readWindow } from './read-window.ts';
import type { JourneyStage } from './segment-source.ts';

/** Who somebody is at a moment. */
export interface Membership {
  /** Ids, in the order of the configuration. */
  readonly segments: readonly string[];
  readonly journeyStage: JourneyStage | null;
}

export const NO_MEMBERSHIP: Membership = { segments: [], journeyStage: null };

/**
 * The segments that somebody is certainly in at `now` (ms), also when time alone made it so. Nobody is in any of whom
 * nothing is known.
 *
 * @param evidence if it is gathered already, or will be used again
 */
export function membershipOf(
  facts: Facts,
  segments: Segments,
  now: number,
  evidence = (): Evidence => evidenceOf(facts, segments, now),
): Membership {
  if (!facts.exists) return NO_MEMBERSHIP;
  const ids = [...segments.named.keys()];
  const matched = segments.index.match(evidence());
  const stage = matched.find((position) => position >= ids.length);
  return {
    segments: matched.flatMap((position) => ids[position] ?? []),
    journeyStage: stage === undefined ? null : (segments.journey[stage - ids.length]?.stage ?? null),
  };
}

/** What conditions judge somebody by. */
export function evidenceOf(facts: Facts, segments: Pick<Segments, 'named'>, now: number): Evidence {
  return {
    fields: fieldsOf(facts),
    now,
    window: (window) => readWindow(window, facts, now),
    segment: (id) => segments.named.get(id)?.condition,
  };
}
