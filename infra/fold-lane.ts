import { Duration } from 'aws-cdk-lib';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import type { EventStream } from './event-stream.ts';
import { LaneMapping } from './lane-mapping.ts';
import type { ProfilesTable } from './profiles-table.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';
import { storeMetric } from './store-metric.ts';

export interface FoldLaneProps {
  readonly stage: Stage;
  readonly source: EventStream;
  readonly profiles: ProfilesTable;
  readonly quarantine: QuarantineBucket;
  readonly batchSize: number;
  /** Absent: a batch is whatever is there. */
  readonly batchingWindow?: Duration;
  readonly enhancedFanOut: boolean;
  /** The service level: 99 of 100 events are visible within this time. */
  readonly syncLagObjectiveMs: number;
  /** How old the oldest unread event may be before somebody should look. */
  readonly iteratorAgeLimit: Duration;
}

/** Everything of one lane that runs, from its stream to the profiles. Lanes share none of it. */
export class FoldLane extends Construct {
  readonly lane: Lane;
  readonly fold: StageFunction;
  readonly mapping: EventSourceMapping;
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: FoldLaneProps) {
    super(scope, id);
    const { stage, source, profiles, quarantine } = props;
    const { lane } = source;
    this.lane = lane;

    this.fold = new StageFunction(this, 'Fold', {
      stage,
      source: 'fold-profiles',
      description: `Folds the ${lane} lane's events into profiles`,
      memoryMb: 1024,
      timeoutSeconds: 60,
      environment: {
        LANE: lane,
        PROFILES_TABLE: profiles.table.tableName,
        QUARANTINE_BUCKET: quarantine.bucket.bucketName,
        STREAM_RETENTION_HOURS: String(stage.settings.streamRetentionHours),
      },
    });
    profiles.grantFold(this.fold.lambda);
    // Links come through this lane, and with them the care for a user's devices.
    if (lane === 'critical') profiles.grantQuery(this.fold.lambda);
    quarantine.grantKeep(this.fold.lambda);
    this.mapping = new LaneMapping(this, 'Source', { ...props, target: this.fold }).mapping;

    const minute = Duration.minutes(1);
    this.alarms = [
      new RunbookAlarm(this, 'SyncLagHigh', {
        metric: storeMetric(stage, 'SyncLag', { Lane: lane }, { statistic: 'p99', period: minute }),
        above: props.syncLagObjectiveMs,
        periods: { breaching: 3, outOf: 5 },
        meaning: `Events of the ${lane} lane take longer than ${props.syncLagObjectiveMs} ms to show in profiles (p99).`,
        runbook: 'sync-lag',
      }),
      new RunbookAlarm(this, 'IteratorAgeHigh', {
        metric: this.fold.lambda.metric('IteratorAge', { statistic: 'Maximum', period: minute }),
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
    ];
  }
}
