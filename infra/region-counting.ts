import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { EventStream } from './event-stream.ts';
import { LaneMapping } from './lane-mapping.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { RegionsTable } from './regions-table.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';

/** Beyond what gathering events takes: counts move by the month, half an hour is when somebody should look. */
const ITERATOR_AGE_LIMIT = Duration.minutes(30);

export interface RegionCountingProps {
  readonly stage: Stage;
  readonly source: EventStream;
  readonly regions: RegionsTable;
  readonly quarantine: QuarantineBucket;
}

/**
 * Counts what regions choose, from the critical stream. It shares neither function nor mapping with the fold, so that
 * it can be slow, fail or be switched off without a profile noticing.
 */
export class RegionCounting extends Construct {
  readonly count: StageFunction;
  readonly mapping: LaneMapping;
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, { stage, source, regions, quarantine }: RegionCountingProps) {
    super(scope, id);
    this.count = new StageFunction(this, 'Count', {
      stage,
      source: 'count-regions',
      description: 'Counts which payment and shipping options the shoppers of a region choose',
      memoryMb: 512,
      timeoutSeconds: 60,
      environment: { REGIONS_TABLE: regions.table.tableName },
    });
    regions.grantCount(this.count.lambda);
    this.mapping = new LaneMapping(this, 'Source', {
      stage,
      source,
      target: this.count,
      quarantine,
      batchSize: 10_000,
      batchingWindow: Duration.seconds(stage.settings.regionsWindowSeconds),
      enhancedFanOut: false,
    });
    this.alarms = [
      new RunbookAlarm(this, 'IteratorAgeHigh', {
        metric: this.count.lambda.metric('IteratorAge', {
          statistic: 'Maximum',
          period: Duration.minutes(1),
        }),
        above: ITERATOR_AGE_LIMIT.toMilliseconds(),
        periods: { breaching: 3, outOf: 5 },
        meaning: `Regional counts lag more than ${ITERATOR_AGE_LIMIT.toMinutes()} minutes behind what shoppers choose.`,
        runbook: 'iterator-age',
      }),
      ...this.mapping.alarms,
    ];
  }
}
