import { addDigest, decodeDistinct, digestOf, encodeDistinct, type DistinctSet } from './distinct-set.ts';
import { hash64 } from './hash.ts';
import type { Json } from './json.ts';
import type { Place } from './place.ts';
import { objectOf } from './property.ts';
import type { RegionalChoice } from './regional-choices.ts';
import { RANKED_SLOTS, type RankedSlotName } from './slot.ts';
import { monthText, parseMonth } from './time.ts';

/** Who chose what in one place, month and bucket of subjects, as it is stored. */
export interface RegionCell {
  readonly place: Place;
  /** `2026-01#3`: month and bucket; sorts by time. */
  readonly part: string;
  /** Starts at 1; the write's condition. */
  readonly v: number;
  /** JSON */
  readonly state: string;
  /** When the store may forget it, seconds since the epoch. */
  readonly expiresAt: number;
}

export type CellRef = Pick<RegionCell, 'place' | 'part'>;

/** By slot and option: who chose it. */
export type CellSets = Readonly<Record<RankedSlotName, ReadonlyMap<string, DistinctSet>>>;

/**
 * Subjects of a place are spread over so many cells, for two reasons: writers that get in each other's way less, and
 * four sets of 64 digests that together are right within about 6 %.
 */
const BUCKET_BITS = 2;
export const BUCKETS = 2 ** BUCKET_BITS;
/**
 * Options counted a slot and cell: names come from the public, and an item must stay small. Which ones, beyond that
 * many, depends on which came first.
 */
const MAX_OPTIONS = 24;
/** A cell nobody has added to for so long is of no use to an order that halves its weight every few months. */
const KEPT_SECONDS = 400 * 86_400;

/** The cell that a choice belongs to: always the same, so that a redelivered choice meets itself. */
export function cellOf({ place, month, subject }: RegionalChoice): CellRef {
  const bucket = hash64(nameIn(place, subject))[1] >>> (32 - BUCKET_BITS);
  return { place, part: `${monthText(month)}#${bucket}` };
}

/** The calendar month ({@link monthOf}) that a cell counts. */
export function monthOfCell({ part }: Pick<RegionCell, 'part'>): number {
  return parseMonth(part.slice(0, part.indexOf('#')));
}

/**
 * A cell with choices of its own added, ready to be written; null if it knew them all.
 *
 * @param stored what the store holds in its place
 * @param now ms
 */
export function addChoices(
  stored: RegionCell | undefined,
  ref: CellRef,
  choices: readonly RegionalChoice[],
  now: number,
): RegionCell | null {
  const known = setsOf(stored);
  const sets = { payment: new Map(known.payment), shipping: new Map(known.shipping) };
  let isNews = false;
  for (const { slot, option, place, subject } of choices) {
    const set = sets[slot].get(option);
    if (set === undefined && sets[slot].size >= MAX_OPTIONS) continue;
    const added = addDigest(set ?? [], digestOf(nameIn(place, subject)));
    isNews ||= added !== set;
    sets[slot].set(option, added);
  }
  if (!isNews) return null;
  return {
    ...ref,
    v: (stored?.v ?? 0) + 1,
    state: JSON.stringify(encodeSets(sets)),
    expiresAt: Math.floor(now / 1000) + KEPT_SECONDS,
  };
}

/** Throws if the cell is not what {@link addChoices} made. */
export function setsOf(cell: Pick<RegionCell, 'state'> | undefined): CellSets {
  const fields = objectOf(cell && (JSON.parse(cell.state) as Json));
  return { payment: decodeSets(fields.payment), shipping: decodeSets(fields.shipping) };
}

/** The place goes in, so that digests of one subject cannot be joined from place to place. */
function nameIn(place: Place, subject: string): string {
  return `${place}\n${subject}`;
}

/** `[option, digests, option, digests, …]`: names from the public are no keys of objects. */
function encodeSets(sets: CellSets): Json {
  return Object.fromEntries(
    RANKED_SLOTS.filter((slot) => sets[slot].size > 0).map((slot) => [
      slot,
      [...sets[slot]].flatMap(([option, set]) => [option, encodeDistinct(set)]),
    ]),
  );
}

function decodeSets(stored: Json | undefined): ReadonlyMap<string, DistinctSet> {
  const list = Array.isArray(stored) ? (stored as readonly string[]) : [];
  const sets = new Map<string, DistinctSet>();
  for (let index = 0; index + 1 < list.length; index += 2)
    sets.set(list[index] ?? '', decodeDistinct(list[index + 1] ?? ''));
  return sets;
}
