import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { AUDIT_DISTANCE_MS } from '../shared/domain/audit.ts';
import type { EventStream } from './event-stream.ts';
import type { FoldLane } from './fold-lane.ts';
import type { ProfilesTable } from './profiles-table.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';
import { storeMetric } from './store-metric.ts';

/** Ten minutes: what is not read by then is read the next time. */
const TIMEOUT_SECONDS = 600;
/** The first try and Lambda's own two further ones. */
const TRIES = 3;

export interface ProfileAuditProps {
  readonly stage: Stage;
  readonly critical: EventStream;
  readonly bulk: EventStream;
  readonly criticalLane: FoldLane;
  readonly bulkLane: FoldLane;
  readonly profiles: ProfilesTable;
  readonly quarantine: QuarantineBucket;
}

/**
 * Looks, from time to time, whether every record of the streams is accounted for and profiles are what their events
 * say. It may look and say, and change nothing but its own notes.
 */
export class ProfileAudit extends Construct {
  readonly audit: StageFunction;
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: ProfileAuditProps) {
    super(scope, id);
    const { stage, critical, bulk, criticalLane, bulkLane, profiles, quarantine } = props;
    const { auditEveryMinutes, streamRetentionHours } = stage.settings;
    this.audit = new StageFunction(this, 'Audit', {
      stage,
      source: 'audit-profiles',
      description: 'Accounts for every record of the streams, and computes some profiles anew',
      memoryMb: 1024,
      timeoutSeconds: TIMEOUT_SECONDS,
      environment: {
        CRITICAL_STREAM: critical.stream.streamName,
        BULK_STREAM: bulk.stream.streamName,
        STREAM_RETENTION_HOURS: String(streamRetentionHours),
        CRITICAL_MAPPING: criticalLane.mapping.mapping.eventSourceMappingId,
        BULK_MAPPING: bulkLane.mapping.mapping.eventSourceMappingId,
        PROFILES_TABLE: profiles.table.tableName,
        QUARANTINE_BUCKET: quarantine.bucket.bucketName,
      },
    });
    const { lambda } = this.audit;
    critical.grantRead(lambda);
    bulk.grantRead(lambda);
    profiles.grantRead(lambda);
    quarantine.grantAudit(lambda);

    const every = Duration.minutes(auditEveryMinutes);
    new Rule(this, 'Schedule', {
      description: 'When profiles are audited',
      schedule: Schedule.rate(every),
      targets: [
        new LambdaFunction(this.audit.live, {
          event: RuleTargetInput.fromObject({ scheduled: { distanceMs: AUDIT_DISTANCE_MS } }),
          retryAttempts: 2,
          maxEventAge: every,
        }),
      ],
    });

    // An audit speaks once in its period: of two, one always has its word.
    const once = { statistic: 'Maximum', period: every } as const;
    const periods = { breaching: 1, outOf: 2 };
    this.alarms = [
      new RunbookAlarm(this, 'Gap', {
        metric: storeMetric(stage, 'ReconciliationGap', {}, once),
        above: 0,
        periods,
        meaning: 'Accepted events are neither in their profiles nor in quarantine: late, or lost.',
        runbook: 'reconciliation-gap',
      }),
      new RunbookAlarm(this, 'Mismatch', {
        metric: storeMetric(stage, 'ProfileMismatches', {}, once),
        above: 0,
        periods,
        meaning: 'Profiles are stored that are not what their events say.',
        runbook: 'profile-mismatches',
      }),
      new RunbookAlarm(this, 'Behind', {
        metric: storeMetric(stage, 'AuditLag', {}, once),
        above: AUDIT_DISTANCE_MS + 3 * every.toMilliseconds(),
        periods,
        meaning: 'Audits do not keep up with what comes in: what is lost is noticed late, or not at all.',
        runbook: 'audit-behind',
      }),
      new RunbookAlarm(this, 'Ended', {
        metric: lambda.metricErrors({ statistic: 'Sum', period: every }),
        above: TRIES - 1,
        periods,
        meaning: 'An audit has failed at every try: nobody looks whether events are lost.',
        runbook: 'audit-behind',
      }),
    ];
  }
}
