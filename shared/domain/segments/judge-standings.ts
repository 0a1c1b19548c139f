import type { Facts } from '../facts.ts';
import type { StoredItem } from '../item.ts';
import type { Segments } from './compile-segments.ts';
import { membershipOf } from './membership.ts';
import {
  decodeStandings,
  encodeStandings,
  NO_STANDINGS,
  type Crossing,
  type CrossingCause,
  type Standing,
} from './standing.ts';

export interface JudgedPerson {
  readonly key: string;
  /** The `membership` item, read together with `facts` or before them. */
  readonly stored: StoredItem | undefined;
  /** All of them; of a device that is somebody's none. */
  readonly facts: Facts;
  readonly isSomebodys: boolean;
  /** Nothing was known of them before: whatever they are in, they have entered it. */
  readonly isNew: boolean;
}

/**
 * The `membership` item as it is to stand, with the crossings that have to be told; null: it stands so. Each segment is
 * compared with what was last found of it, whoever found that.
 *
 * @param now ms
 */
export function judgeStandings(
  { key, stored, facts, isSomebodys, isNew }: JudgedPerson,
  segments: Segments,
  now: number,
): StoredItem | null {
  if (stored === undefined && !facts.exists) return null;
  const known = decodeStandings(stored);
  const version = (stored?.v ?? 0) + 1;
  const within = new Set(membershipOf(facts, segments, now).segments);
  const crossings: Crossing[] = [];
  const causeOf = (standing: Standing | undefined, definition: string): CrossingCause => {
    if (isSomebodys) return 'link';
    if (standing === undefined) return isNew ? 'events' : 'definition';
    return standing.definition === definition ? 'events' : 'definition';
  };
  const bySegment = new Map(
    [...segments.announced].map(([segment, definition]): [string, Standing] => {
      const standing = known.bySegment.get(segment);
      const isIn = within.has(segment);
      if (isIn === (standing?.isIn ?? false))
        return [segment, { isIn, since: standing?.since ?? now, definition }];
      crossings.push({ segment, isIn, at: now, version, because: causeOf(standing, definition) });
      return [segment, { isIn, since: now, definition }];
    }),
  );
  const state = encodeStandings({ bySegment, untold: [...known.untold, ...crossings] });
  return state === stored?.state ? null : itemOf(key, stored, state, now);
}

/** The item once its crossings have been told. */
export function toldStandings(stored: StoredItem, now: number): StoredItem {
  const state = encodeStandings({ ...decodeStandings(stored), untold: [] });
  return itemOf(stored.key, stored, state, now);
}

/** The item as it stands, with a version of its own: whatever was on its way to be written before lands no more. */
export function fencedStandings(key: string, stored: StoredItem | undefined, now: number): StoredItem {
  return itemOf(key, stored, stored?.state ?? encodeStandings(NO_STANDINGS), now);
}

function itemOf(key: string, stored: StoredItem | undefined, state: string, now: number): StoredItem {
  return {
    key,
    item: 'membership',
    v: (stored?.v ?? 0) + 1,
    state,
    writtenAt: now,
    // What was erased as of a time is not erased again as of the same.
    ...(stored?.erasedAt !== undefined && { erasedAt: stored.erasedAt }),
  };
}
