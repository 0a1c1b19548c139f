import { hashText } from '../hash.ts';
import type { StoredItem } from '../item.ts';

/**
 * Why somebody is in a segment or out of it now and was not before: what they did, or time; because the segment means
 * something else now, or was not announced before; or because a device is now part of its user.
 */
export type CrossingCause = 'events' | 'definition' | 'link';

/** That somebody entered or left a segment, to be told at least once. */
export interface Crossing {
  readonly segment: string;
  readonly isIn: boolean;
  /** ms; when it was found */
  readonly at: number;
  /** Of two crossings of one person's, the larger is the later one. */
  readonly version: number;
  readonly because: CrossingCause;
}

/** Where somebody stands with one announced segment. */
export interface Standing {
  readonly isIn: boolean;
  /** ms; when that was found */
  readonly since: number;
  /** Name of what the segment meant when that was found, see `definitionName`. */
  readonly definition: string;
}

/** The `membership` item: what has been found, and of that what may not have been told yet. */
export interface Standings {
  readonly bySegment: ReadonlyMap<string, Standing>;
  /** Oldest first. */
  readonly untold: readonly Crossing[];
}

export const NO_STANDINGS: Standings = { bySegment: new Map(), untold: [] };

/** The same crossing has the same id however often it is told. */
export function crossingId(key: string, { segment, version }: Crossing): string {
  return hashText(`${key}\n${segment}\n${version}`, 10);
}

type StoredStanding = readonly [segment: string, definition: string, isIn: 0 | 1, since: number];
type StoredCrossing = readonly [
  segment: string,
  isIn: 0 | 1,
  at: number,
  version: number,
  because: CrossingCause,
];

interface StoredStandings {
  readonly s: readonly StoredStanding[];
  readonly u?: readonly StoredCrossing[];
}

export function encodeStandings({ bySegment, untold }: Standings): string {
  const stored: StoredStandings = {
    s: [...bySegment].map(([segment, { definition, isIn, since }]) => [
      segment,
      definition,
      isIn ? 1 : 0,
      since,
    ]),
    ...(untold.length > 0 && {
      u: untold.map(({ segment, isIn, at, version, because }): StoredCrossing => [
        segment,
        isIn ? 1 : 0,
        at,
        version,
        because,
      ]),
    }),
  };
  return JSON.stringify(stored);
}

export function decodeStandings(item: StoredItem | undefined): Standings {
  if (item === undefined) return NO_STANDINGS;
  const { s = [], u = [] } = JSON.parse(item.state) as Partial<StoredStandings>;
  return {
    bySegment: new Map(
      s.map(([segment, definition, isIn, since]) => [segment, { definition, isIn: isIn === 1, since }]),
    ),
    untold: u.map(([segment, isIn, at, version, because]) => ({
      segment,
      isIn: isIn === 1,
      at,
      version,
      because,
    })),
  };
}
