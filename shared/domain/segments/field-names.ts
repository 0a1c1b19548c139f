import type { Json } from '../json.ts';
import type { ClassRow } from './class-rows.ts';

/** What stands under one name: the rows that ask of it, and names within it. */
interface Place {
  row: ClassRow | undefined;
  /** Of ages, where it is asked for values too. */
  more: ClassRow | undefined;
  inner: Level | undefined;
}

/** Names of more than this are looked up each time. */
const REMEMBERED = 64;

/** The names of one object. */
class Level {
  readonly places = new Map<string, Place>();
  /** The names that the last object had, in its order, and their places: nearly always those of the next one. */
  readonly names: string[] = [];
  readonly placesInOrder: (Place | undefined)[] = [];

  placeOf(name: string): Place {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place: Place = { row: undefined, more: undefined, inner: undefined };
    this.places.set(name, place);
    return place;
  }
}

/**
 * Finds the rows for all fields of a profile in one walk over it: reading what is there, in its order, costs a fraction of
 * looking for each name.
 */
export class FieldNames {
  readonly #top = new Level();

  /** @returns whether it is a field with a name of one or two parts */
  add(row: ClassRow): boolean {
    const { subject } = row;
    if (subject.kind !== 'field') return false;
    const [outer, inner, ...more] = subject.path;
    if (outer === undefined || more.length > 0 || subject.path.some(isOfEveryArray)) return false;
    const first = this.#top.placeOf(outer);
    const place = inner === undefined ? first : (first.inner ??= new Level()).placeOf(inner);
    if (place.row === undefined) place.row = row;
    else place.more = row;
    return true;
  }

  /** Notes, by the positions of rows, where the bits for what is there stand; what is not there stays as it is. */
  read(fields: Json, now: number, offsets: Int32Array): void {
    if (typeof fields === 'object' && fields !== null) readLevel(this.#top, fields as Fields, now, offsets);
  }
}

type Fields = Readonly<Record<string, Json>>;

/** A list's own, though nothing that a walk over it meets. */
function isOfEveryArray(name: string): boolean {
  return name === 'length';
}

function readLevel(level: Level, fields: Fields, now: number, offsets: Int32Array): void {
  const { names, placesInOrder } = level;
  let at = 0;
  // What was read from JSON has nothing enumerable but its own.
  for (const name in fields) {
    const place = names[at] === name ? placesInOrder[at] : placeAt(level, at, name);
    at++;
    if (place === undefined) continue;
    const value = fields[name]!;
    const { row, more, inner } = place;
    if (row !== undefined) offsets[row.position] = row.offsetOf(value, now);
    if (more !== undefined) offsets[more.position] = more.offsetOf(value, now);
    if (inner !== undefined && typeof value === 'object' && value !== null)
      readLevel(inner, value as Fields, now, offsets);
  }
}

function placeAt(level: Level, at: number, name: string): Place | undefined {
  const place = level.places.get(name);
  if (at < REMEMBERED) {
    level.names[at] = name;
    level.placesInOrder[at] = place;
  }
  return place;
}
