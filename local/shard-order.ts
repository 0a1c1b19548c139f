export interface ShardNode {
  readonly id: string;
  /** The shard it was split from, or the two it was merged from; those no longer listed are over. */
  readonly parents: readonly string[];
}

/** The shards that may be read now: neither begun nor over, and all that comes before them is over. */
export function startable(
  shards: readonly ShardNode[],
  begun: ReadonlySet<string>,
  finished: (id: string) => boolean,
): readonly ShardNode[] {
  const listed = new Set(shards.map(({ id }) => id));
  return shards.filter(
    ({ id, parents }) =>
      !begun.has(id) && !finished(id) && parents.every((parent) => !listed.has(parent) || finished(parent)),
  );
}
