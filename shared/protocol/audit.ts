import * as v from 'valibot';
import { accept, rejectIssue, type Parsed } from './rejection.ts';

const millis = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = millis;
const lane = v.picklist(['critical', 'bulk']);
const facet = v.picklist(['checkout', 'orders', 'browse', 'claims', 'claims-browse']);

const positionSchema = v.record(
  v.string(),
  v.object({ incarnation: v.string(), after: v.exactOptional(v.string()), until: millis }),
);

const dueSchema = v.object({
  lane,
  incarnation: v.string(),
  shardId: v.string(),
  sequence: v.string(),
  key: v.string(),
  facets: v.array(facet),
  mark: v.string(),
  at: v.exactOptional(millis),
  arrivedAt: millis,
});

/** What a scheduled audit keeps for the next one. */
export const auditStateSchema = v.object({ position: positionSchema, open: v.array(dueSchema) });

/** The audit that is due: it goes on where the one before ended. What is younger than the distance is left to the next. */
const scheduledSchema = v.object({ distanceMs: millis });

/** An audit that a person asks for; all absent: everything that is retained, up to now. */
const requestSchema = v.object({
  /** ms; leaves out what arrived before */
  since: v.exactOptional(millis),
  /** ms; leaves out what arrived later */
  until: v.exactOptional(millis),
  /** What is younger may still be on its way: it is pending, and no gap. */
  distanceMs: v.exactOptional(millis),
  /** The answer comes after so long at the latest; then `isComplete` may be false, and `position` says where to go on. */
  budgetMs: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1_000))),
  /** How many subjects are compared at most. */
  profiles: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(10_000))),
  position: v.exactOptional(positionSchema),
});
export type AuditRequest = v.InferOutput<typeof requestSchema>;

/** What an audit says of itself: counts, stored keys, positions, nothing of what was sent. */
export const auditReportSchema = v.object({
  isComplete: v.boolean(),
  until: millis,
  position: positionSchema,
  records: count,
  applied: count,
  /** Repeats of a message that was read in the same audit. */
  deduplicated: count,
  /** Of subjects that were erased since: nothing of them is left. */
  suppressed: count,
  quarantined: count,
  pending: count,
  gap: count,
  /** The first few. */
  gaps: v.array(
    v.object({
      id: v.string(),
      key: v.string(),
      facets: v.array(facet),
      finding: v.picklist(['behind', 'skipped', 'unkept']),
      arrivedAt: millis,
    }),
  ),
  /** How many were compared: `whole` in all that they are, `part` in their money. */
  profiles: v.object({ whole: count, part: count }),
  mismatches: v.array(
    v.object({
      key: v.string(),
      facet,
      scope: v.picklist(['whole', 'part']),
      stored: v.string(),
      expected: v.string(),
    }),
  ),
});
export type AuditReport = v.InferOutput<typeof auditReportSchema>;

const scheduledEventSchema = v.object({ scheduled: scheduledSchema });
const askedEventSchema = v.object({ audit: requestSchema });
export type AuditEvent = v.InferOutput<typeof scheduledEventSchema> | v.InferOutput<typeof askedEventSchema>;

/** What starts an audit: `{ "scheduled": … }` by the clock, `{ "audit": … }` by a person. */
export function parseAuditEvent(event: unknown): Parsed<AuditEvent> {
  const isAsked = typeof event === 'object' && event !== null && 'audit' in event;
  const result = v.safeParse(isAsked ? askedEventSchema : scheduledEventSchema, event, { abortEarly: true });
  return result.success ? accept(result.output) : rejectIssue(result.issues);
}
