/** What would put the first points into a graph that has none. */
export type Filling = 'decision' | 'event' | 'audit' | 'trouble';

/** By the metrics' own names, the most special first; a graph is filled by what all of its metrics have in common. */
const BY_NAME: readonly (readonly [Filling, RegExp])[] = [
  ['audit', /Audit|Reconciliation|ProfileMismatch/],
  ['decision', /Decision|Fallback|Consent/],
  ['trouble', /Throttle|Exceeded|Errors?$|Rejected|Unknown|Dropped|Delivered|OnFailure|[45]xx/i],
];

/**
 * Says what to do about an empty graph.
 *
 * @param names of the metrics that the graph reads
 * @example whatFills(['PersonalizedDecisions']) // 'decision'
 */
export function whatFills(names: readonly string[]): Filling {
  const [match] = BY_NAME.find(([, pattern]) => names.every((name) => pattern.test(name))) ?? [];
  return names.length > 0 && match !== undefined ? match : 'event';
}
