import { Duration } from 'aws-cdk-lib';
import { type IAlarmRule, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import { BurnRateAlarms } from './burn-rate-alarms.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { storeMetric } from './store-metric.ts';

export interface LagAlarmsProps {
  readonly stage: Stage;
  readonly lane: Lane;
  /** 99 of 100 writes show their oldest event within this time. */
  readonly objectiveMs: number;
  /** `budget`: pages by how fast the budget of late writes burns. `level`: as soon as the level is missed for minutes. */
  readonly pagesOn: 'budget' | 'level';
}

/** Whether a lane's events show in profiles in time. */
export class LagAlarms extends Construct {
  readonly alarms: readonly RunbookAlarm[];
  /** What pages somebody. */
  readonly paging: readonly IAlarmRule[];
  /** Whether the level is missed, however little of the budget that burns. */
  readonly levels: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, { stage, lane, objectiveMs, pagesOn }: LagAlarmsProps) {
    super(scope, id);
    const levelMissed = new RunbookAlarm(this, 'SyncLagHigh', {
      metric: storeMetric(
        stage,
        'SyncLag',
        { Lane: lane },
        { statistic: 'p99', period: Duration.minutes(1) },
      ),
      above: objectiveMs,
      periods: { breaching: 3, outOf: 5 },
      meaning: `Events of the ${lane} lane take longer than ${objectiveMs} ms to show in profiles (p99).`,
      runbook: 'sync-lag',
    });
    this.levels = [levelMissed];
    if (pagesOn === 'level') {
      this.alarms = [levelMissed];
      this.paging = [levelMissed];
      return;
    }
    const burn = new BurnRateAlarms(this, 'SyncLagBurn', {
      badPercent: (period, leastBad) =>
        new MathExpression({
          expression: `IF(all * (100 - punctual) >= ${100 * leastBad}, 100 - punctual, 0)`,
          usingMetrics: {
            punctual: storeMetric(
              stage,
              'SyncLag',
              { Lane: lane },
              { statistic: `PR(:${objectiveMs})`, period },
            ),
            all: storeMetric(stage, 'SyncLag', { Lane: lane }, { statistic: 'SampleCount', period }),
          },
          period,
          label: '% of writes',
        }),
      bad: `the writes of the ${lane} lane came later than ${objectiveMs} ms after their event`,
      runbook: 'sync-lag',
    });
    this.alarms = [...burn.alarms, levelMissed];
    this.paging = [burn.rule];
  }
}
