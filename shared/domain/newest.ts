import { canonicalText } from './json.ts';

/** Anything that happened at a time and has a name of its own. */
export interface Dated {
  readonly at: number;
  readonly id: string;
}

/** Order in time, ties by id: the one order that every fact uses, so that no fact depends on the order of reading. */
export function compareDated(left: Dated, right: Dated): number {
  if (left.at !== right.at) return left.at - right.at;
  if (left.id === right.id) return 0;
  // Stryker disable next-line EqualityOperator: ids that are equal are answered above
  return left.id < right.id ? -1 : 1;
}

/**
 * The newest `limit` of two sets, oldest first, one entry an id (its newest). Keeping the newest is a join: it
 * does not matter in which order, how often or in what portions entries come (the merge law).
 */
export function newestOf<Entry extends Dated>(
  left: readonly Entry[],
  right: readonly Entry[],
  limit: number,
): readonly Entry[] {
  const byId = new Map<string, Entry>();
  for (const entry of [...left, ...right]) {
    const known = byId.get(entry.id);
    if (known === undefined || isNewer(entry, known)) byId.set(entry.id, entry);
  }
  return [...byId.values()].sort(compareDated).slice(-limit);
}

/**
 * {@link newestOf}, of which nothing is kept that is more than `keptMs` older than the newest. Both cut off the oldest
 * end, so that this too is a join.
 */
export function newestWithin<Entry extends Dated>(
  left: readonly Entry[],
  right: readonly Entry[],
  limit: number,
  keptMs: number,
): readonly Entry[] {
  const newest = newestOf(left, right, limit);
  const from = (newest.at(-1)?.at ?? 0) - keptMs;
  return newest.filter(({ at }) => at >= from);
}

/** Same name, same millisecond, different content: any rule will do, as long as it does not see the order. */
function isNewer(entry: Dated, known: Dated): boolean {
  // Stryker disable next-line EqualityOperator: times that are the same come to the next line
  if (entry.at !== known.at) return entry.at > known.at;
  // Stryker disable next-line EqualityOperator: of two that are the same either will do
  return canonicalText(entry) > canonicalText(known);
}

/** The newer of two words on the same thing. */
export function newerOf<Entry extends Dated>(
  left: Entry | undefined,
  right: Entry | undefined,
): Entry | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  const order = compareDated(left, right);
  // Stryker disable next-line EqualityOperator: it is not 0 here
  if (order !== 0) return order > 0 ? left : right;
  return isNewer(left, right) ? left : right;
}
