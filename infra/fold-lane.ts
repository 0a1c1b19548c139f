import { Duration } from 'aws-cdk-lib';
import type { IAlarmRule } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import type { ChangesStream } from './changes-stream.ts';
import type { EventStream } from './event-stream.ts';
import { LagAlarms, type LagAlarmsProps } from './lag-alarms.ts';
import { LaneMapping } from './lane-mapping.ts';
import type { ProfilesTable } from './profiles-table.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';
import { storeMetric } from './store-metric.ts';
import type { SuppressionsTable } from './suppressions-table.ts';

export interface FoldLaneProps {
  readonly stage: Stage;
  readonly source: EventStream;
  readonly profiles: ProfilesTable;
  readonly suppressions: SuppressionsTable;
  readonly quarantine: QuarantineBucket;
  /** Of a stage that announces. */
  readonly changes: ChangesStream | undefined;
  readonly batchSize: number;
  /** Absent: a batch is whatever is there. */
  readonly batchingWindow?: Duration;
  readonly enhancedFanOut: boolean;
  /** The service level: 99 of 100 events are visible within this time. */
  readonly syncLagObjectiveMs: number;
  readonly syncLagPagesOn: LagAlarmsProps['pagesOn'];
  /** How old the oldest unread event may be before somebody should look. */
  readonly iteratorAgeLimit: Duration;
}

/** Everything of one lane that runs, from its stream to the profiles. Lanes share none of it. */
export class FoldLane extends Construct {
  readonly lane: Lane;
  readonly fold: StageFunction;
  readonly mapping: LaneMapping;
  readonly syncLagObjectiveMs: number;
  readonly alarms: readonly RunbookAlarm[];
  /** What pages somebody. */
  readonly paging: readonly IAlarmRule[];
  /** Whether anything is wrong, however little of a budget that burns. */
  readonly levels: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: FoldLaneProps) {
    super(scope, id);
    const { stage, source, profiles, suppressions, quarantine, changes } = props;
    const { lane } = source;
    this.lane = lane;
    this.syncLagObjectiveMs = props.syncLagObjectiveMs;

    this.fold = new StageFunction(this, 'Fold', {
      stage,
      source: 'fold-profiles',
      name: `fold-profiles-${lane}`,
      description: `Folds the ${lane} lane's events into profiles`,
      memoryMb: 1024,
      timeoutSeconds: 60,
      reservedConcurrency: stage.settings.lanes[lane].reservedConcurrency,
      environment: {
        LANE: lane,
        PROFILES_TABLE: profiles.table.tableName,
        SUPPRESSIONS_TABLE: suppressions.table.tableName,
        QUARANTINE_BUCKET: quarantine.bucket.bucketName,
        STREAM_RETENTION_HOURS: String(stage.settings.streamRetentionHours),
        ...(changes && { CHANGES_STREAM: changes.stream.streamName }),
      },
    });
    profiles.grantFold(this.fold.lambda);
    // Links come through this lane, and with them the care for a user's devices; who announces looks at a subject whole.
    if (lane === 'critical' || changes !== undefined) profiles.grantQuery(this.fold.lambda);
    // A late word of whose device it is may erase the device with a user who is erased already.
    if (lane === 'critical') suppressions.grantRecord(this.fold.lambda);
    quarantine.grantKeep(this.fold.lambda);
    changes?.grantAnnounce(this.fold.lambda);
    this.mapping = new LaneMapping(this, 'Source', { ...props, target: this.fold });

    const lag = new LagAlarms(this, 'Lag', {
      stage,
      lane,
      objectiveMs: props.syncLagObjectiveMs,
      pagesOn: props.syncLagPagesOn,
    });
    const others = [
      new RunbookAlarm(this, 'IteratorAgeHigh', {
        metric: this.fold.lambda.metric('IteratorAge', {
          statistic: 'Maximum',
          period: Duration.minutes(1),
        }),
        above: props.iteratorAgeLimit.toMilliseconds(),
        periods: { breaching: 3, outOf: 5 },
        meaning:
          `The ${lane} lane has events unread for more than ${props.iteratorAgeLimit.toSeconds()} s: ` +
          'a shard is stuck or the fold cannot keep up.',
        runbook: 'iterator-age',
      }),
      new RunbookAlarm(this, 'EventsQuarantined', {
        metric: storeMetric(
          stage,
          'EventsQuarantined',
          { Lane: lane },
          { statistic: 'Sum', period: Duration.minutes(5) },
        ),
        above: 0,
        meaning: `Events of the ${lane} lane could not be applied and wait in quarantine.`,
        runbook: 'quarantined-events',
      }),
      ...this.mapping.alarms,
    ];
    this.alarms = [...lag.alarms, ...others];
    this.paging = [...lag.paging, ...others];
    this.levels = [...lag.levels, ...others];
  }
}
