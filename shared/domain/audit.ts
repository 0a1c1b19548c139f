import { isErased } from './erasure.ts';
import { remembersAll, ringCapacityOf } from './facets.ts';
import { bookingFault, facetsOf } from './fold.ts';
import type { FacetName, Reach } from './item.ts';
import type { RetainedRecord } from './reconcile.ts';
import { messageMark, ringHasMark } from './ring.ts';
import type { Lane } from './stream-event.ts';
import { hasTaken } from './watermark.ts';

/**
 * A record younger than this may still be on its way: a scheduled audit does not look at it yet. Twice as old as
 * the oldest unread record of the slower lane may be before an alarm of its own is raised.
 */
export const AUDIT_DISTANCE_MS = 600_000;

/** One record of a stream, as the auditor reads it. */
export interface AuditedRecord extends RetainedRecord {
  /** ms */
  readonly arrivedAt: number;
}

/**
 * What is due of one record: that each of its facets took it, or else that quarantine holds it. Nothing in it of what was
 * sent, so that it can be kept until the record is accounted for.
 */
export interface DueRecord {
  readonly lane: Lane;
  readonly incarnation: string;
  readonly shardId: string;
  readonly sequence: string;
  /** The subject's; empty: the record is not an event of anybody. */
  readonly key: string;
  /** None: no facet can take it (it cannot be read, or no money booked from it), so that it must be in quarantine. */
  readonly facets: readonly FacetName[];
  /** The message, as rings name it. */
  readonly mark: string;
  /** ms; when it happened. Absent: an audit noted the record before erasings were known of. */
  readonly at?: number;
  /** ms */
  readonly arrivedAt: number;
}

/** As much of a stored facet as tells what it took. */
export interface FacetTrace extends Reach {
  readonly ring?: Uint8Array;
  readonly erasedAt?: number;
}

/**
 * What became of a record. Accounted for are `taken` (applied or deduplicated), `suppressed` (its subject was erased since
 * it happened: nothing of it is left) and `quarantined`. Not accounted for:
 * `behind`: a facet has not come to it; `skipped`: a facet went past it, remembers all its messages, and not this one;
 * `unkept`: it must be in quarantine and is not.
 */
export type Finding = 'taken' | 'suppressed' | 'quarantined' | OpenFinding;
export type OpenFinding = 'behind' | 'skipped' | 'unkept';

/** A record that is not accounted for. */
export interface OpenRecord extends DueRecord {
  readonly finding: OpenFinding;
}

/** How far the shards are decided. By `<lane>/<shardId>`. */
export type AuditPosition = Readonly<Record<string, ShardProgress>>;

export interface ShardProgress {
  readonly incarnation: string;
  /** The last record decided; absent: none was there. */
  readonly after?: string;
  /** ms; all that arrived by then is decided. */
  readonly until: number;
}

/** What one audit leaves to the next: where to go on, and what it could not account for. */
export interface AuditState {
  readonly position: AuditPosition;
  readonly open: readonly DueRecord[];
}

export function dueOf({ lane, incarnation, shardId, sequence, arrivedAt, event }: AuditedRecord): DueRecord {
  const isTakeable = event !== null && bookingFault(event) === undefined;
  return {
    lane,
    incarnation,
    shardId,
    sequence,
    key: event?.subject.key ?? '',
    facets: isTakeable ? facetsOf(event, lane) : [],
    mark: event === null ? '' : messageMark(event.message.messageId),
    ...(event !== null && { at: event.at }),
    arrivedAt,
  };
}

/** The id under which quarantine holds a record. */
export function recordId({ lane, shardId, sequence }: DueRecord): string {
  return `${lane}/${shardId}/${sequence}`;
}

/**
 * Decides one record (invariant 13). Quarantine is asked first: what was given up and put there stays there, also when
 * later records of its subject took the watermark past it.
 */
export function findingOf(
  due: DueRecord,
  traceOf: (key: string, facet: FacetName) => FacetTrace | undefined,
  isQuarantined: (id: string) => boolean,
): Finding {
  if (isQuarantined(recordId(due))) return 'quarantined';
  if (due.facets.length === 0) return 'unkept';
  const traces = due.facets.map((facet) => ({ facet, ...traceOf(due.key, facet) }));
  if (!traces.every((trace) => hasTaken(trace, due))) return 'behind';
  const { at = due.arrivedAt } = due;
  if (traces.some((trace) => isErased(trace, at))) return 'suppressed';
  const isSkipped = traces.some(
    ({ facet, ring = new Uint8Array() }) =>
      ringCapacityOf(facet) > 0 && remembersAll(facet, ring) && !ringHasMark(ring, due.mark),
  );
  return isSkipped ? 'skipped' : 'taken';
}

/** How old the oldest record may be that is not decided yet, ms: at most what the streams retain. */
export function auditLagMs(position: AuditPosition, now: number, retentionMs: number): number {
  const ages = Object.values(position).map(({ until }) => now - until);
  return Math.max(0, Math.min(retentionMs, Math.max(0, ...ages)));
}
