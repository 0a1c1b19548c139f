import type { Context } from 'aws-lambda';
import {
  AUDIT_DISTANCE_MS,
  auditLagMs,
  recordId,
  type AuditState,
  type OpenRecord,
} from '../../shared/domain/audit.ts';
import type { AuditStates } from '../../shared/ports/audit-states.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';
import { parseAuditEvent, type AuditReport, type AuditRequest } from '../../shared/protocol/audit.ts';
import { auditStreams, type AuditFindings, type StreamDependencies } from './audit-streams.ts';

/** Kept back of the function's time for the second look, the sample and the state. */
const RESERVE_MS = 60_000;
const NAMED_RECORDS = 20;
/** Subjects compared, unless a person says how many. */
const PROFILES = 200;

export interface AuditDependencies extends StreamDependencies {
  readonly states: AuditStates;
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/**
 * One audit. On its schedule it goes on where the one before ended, and says in metrics what is not accounted for; asked by a
 * person it looks at what that person names, leaves nothing behind, and answers.
 */
export async function auditProfiles(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  dependencies: AuditDependencies,
): Promise<AuditReport> {
  const request = parseAuditEvent(event);
  if (!request.ok)
    throw new TypeError(
      `an audit cannot be asked for like this: ${request.rejection.path} ${request.rejection.message}`,
    );
  const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
  return 'scheduled' in request.value
    ? await scheduledAudit(request.value.scheduled, hasTime, dependencies)
    : await askedAudit(request.value.audit, hasTime, dependencies);
}

async function scheduledAudit(
  { distanceMs }: { readonly distanceMs: number },
  hasTime: () => boolean,
  dependencies: AuditDependencies,
): Promise<AuditReport> {
  const { states, retentionMs, clock, log } = dependencies;
  const { position, open } = (await states.load()) ?? NOTHING_AUDITED;
  const until = clock.now() - distanceMs;
  const audit = auditStreams(
    { position, open, until, retentionMs, profiles: PROFILES },
    hasTime,
    dependencies,
  );
  try {
    const findings = await audit.run();
    await states.save(audit.soFar());
    report(findings, open, dependencies);
    return reportOf(findings, until, 0);
  } catch (error) {
    // What is decided stays decided: the next audit goes on from there.
    await states.save(audit.soFar()).catch((cause: unknown) => {
      log.error('what an audit has decided is not kept', {}, cause);
    });
    throw error;
  }
}

async function askedAudit(
  request: AuditRequest,
  hasTime: () => boolean,
  dependencies: AuditDependencies,
): Promise<AuditReport> {
  const { retentionMs, clock } = dependencies;
  const startedAt = clock.now();
  const { since, until = startedAt, distanceMs = AUDIT_DISTANCE_MS, budgetMs, position = {} } = request;
  const { profiles = PROFILES } = request;
  const endsAt = startedAt + (budgetMs ?? Number.POSITIVE_INFINITY);
  const findings = await auditStreams(
    { position, open: [], until, retentionMs, profiles, ...(since !== undefined && { since }) },
    () => hasTime() && clock.now() < endsAt,
    dependencies,
  ).run();
  return reportOf(findings, until, startedAt - distanceMs);
}

const NOTHING_AUDITED: AuditState = { position: {}, open: [] };

/** @param youngSince ms; what is open and arrived later is pending; 0: nothing is */
function reportOf(findings: AuditFindings, until: number, youngSince: number): AuditReport {
  const { position, isComplete, records, open, profiles } = findings;
  const { applied, deduplicated, suppressed, quarantined } = findings;
  const gaps = open.filter(({ arrivedAt }) => youngSince === 0 || arrivedAt <= youngSince);
  const { whole, part, mismatches } = profiles;
  return {
    isComplete,
    until,
    position,
    records,
    applied,
    deduplicated,
    suppressed,
    quarantined,
    pending: open.length - gaps.length,
    gap: gaps.length,
    gaps: gaps.slice(0, NAMED_RECORDS).map((one) => ({
      id: recordId(one),
      key: one.key,
      facets: [...one.facets],
      finding: one.finding,
      arrivedAt: one.arrivedAt,
    })),
    profiles: { whole, part },
    mismatches: [...mismatches],
  };
}

function report(
  { position, records, open, expired, unseen, profiles }: AuditFindings,
  before: AuditState['open'],
  { retentionMs, clock, meter, log }: AuditDependencies,
): void {
  const known = new Set(before.map(recordId));
  const isNew = (one: OpenRecord): boolean => !known.has(recordId(one));
  for (const one of open.filter(isNew).slice(0, NAMED_RECORDS))
    log.error('a record is not accounted for', fieldsOf(one));
  for (const one of expired)
    log.error('the stream has let go of a record that was never accounted for', fieldsOf(one));
  for (const shard of unseen)
    log.error('the stream may have let go of records that no audit has seen', { shard });
  for (const { key, facet, scope, stored, expected } of profiles.mismatches)
    log.error('a profile is not what its events say', { subject: key, facet, scope, stored, expected });
  meter.record('ReconciliationGap', open.length, {});
  meter.record('RecordsAudited', records, {});
  meter.record('ProfilesAudited', profiles.whole + profiles.part, {});
  meter.record('ProfileMismatches', profiles.mismatches.length, {});
  meter.record('AuditLag', auditLagMs(position, clock.now(), retentionMs), {});
  meter.flush();
}

function fieldsOf(one: OpenRecord): Readonly<Record<string, string | number>> {
  const { key, facets, finding, arrivedAt } = one;
  return { record: recordId(one), subject: key, facets: facets.join(' '), finding, arrivedAt };
}
