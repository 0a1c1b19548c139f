import { isErased } from './erasure.ts';
import { facetsOf } from './fold.ts';
import type { FacetName, Reach, StoredItem, Watermark } from './item.ts';
import { repetitionFinder } from './repetition.ts';
import type { Lane, StreamEvent } from './stream-event.ts';
import { hasTaken } from './watermark.ts';

/** One record of the retained streams, as reconciliation needs it. */
export interface RetainedRecord {
  readonly lane: Lane;
  readonly incarnation: string;
  readonly shardId: string;
  readonly sequence: string;
  /** Null: not an event at all. */
  readonly event: StreamEvent | null;
}

/** What is to be shown of an accepted event: that its facets passed it, or that quarantine holds it. */
export interface Claim {
  readonly messageId: string;
  readonly quarantineId: string;
  readonly key: string;
  readonly facets: readonly FacetName[];
  readonly position: Watermark;
  /** ms; when it happened */
  readonly at: number;
  /** A message that its subject had already: it is deduplicated, not applied. */
  readonly isRepeated: boolean;
}

/** Accounts of accepted events: `accepted = applied + deduplicated + quarantined + suppressed + gap`. */
export interface Account {
  readonly applied: number;
  readonly deduplicated: number;
  readonly quarantined: number;
  readonly suppressed: number;
  /** Neither at or below a watermark nor anywhere else: not yet visible, or lost. */
  readonly gap: number;
}

/**
 * Goes through the retained records in stream order and says of each event in scope what must be shown of it.
 * Which messages were repeated is found as the fold finds it, by the subject's ring.
 */
export function claimsOf(
  records: Iterable<RetainedRecord>,
  isInScope: (event: StreamEvent) => boolean,
): readonly Claim[] {
  const isRepeated = repetitionFinder();
  const claims: Claim[] = [];
  for (const { lane, incarnation, shardId, sequence, event } of records) {
    if (event === null) continue;
    const repeated = isRepeated(event, lane);
    if (!isInScope(event)) continue;
    claims.push({
      messageId: event.message.messageId,
      quarantineId: `${lane}/${shardId}/${sequence}`,
      key: event.subject.key,
      facets: facetsOf(event, lane),
      position: { incarnation, sequence },
      at: event.at,
      isRepeated: repeated,
    });
  }
  return claims;
}

/**
 * Settles accepted events record by record (invariant 13). `accepted` says how often each message was acknowledged.
 * A message can have more records than that (its sender got no answer and sent again): as long as any of them is
 * open, so is the message, since it may be the acknowledged one.
 */
export function settle(
  accepted: ReadonlyMap<string, number>,
  claims: readonly Claim[],
  traceOf: (key: string, facet: FacetName) => (Reach & Pick<StoredItem, 'erasedAt'>) | undefined,
  isQuarantined: (id: string) => boolean,
): Account {
  const fateOf = (claim: Claim): keyof Account => {
    if (isQuarantined(claim.quarantineId)) return 'quarantined';
    const traces = claim.facets.map((facet) => traceOf(claim.key, facet));
    if (!traces.every((trace) => hasTaken(trace, claim.position))) return 'gap';
    if (traces.some((trace) => isErased(trace, claim.at))) return 'suppressed';
    return claim.isRepeated ? 'deduplicated' : 'applied';
  };
  const fates = new Map<string, (keyof Account)[]>();
  for (const claim of claims)
    fates.set(claim.messageId, [...(fates.get(claim.messageId) ?? []), fateOf(claim)]);

  const account = { applied: 0, deduplicated: 0, quarantined: 0, suppressed: 0, gap: 0 };
  for (const [messageId, count] of accepted) {
    const found = (fates.get(messageId) ?? []).sort(
      (a, b) => WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b),
    );
    for (let index = 0; index < count; index++) account[found[index] ?? 'gap'] += 1;
  }
  return account;
}

const WORST_FIRST: readonly (keyof Account)[] = [
  'gap',
  'quarantined',
  'applied',
  'deduplicated',
  'suppressed',
];
