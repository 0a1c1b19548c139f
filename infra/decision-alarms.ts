import { Duration } from 'aws-cdk-lib';
import { type IAlarmRule, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { BurnRateAlarms } from './burn-rate-alarms.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { Stage } from './stage.ts';
import { storeMetric } from './store-metric.ts';

/** The service level of a decision: 99 of 100 within this time, at the function, once it is warm. */
export const DECISION_LATENCY_OBJECTIVE_MS = 80;

/** Whether decisions are personal where they could be, and quick. */
export class DecisionAlarms extends Construct {
  readonly alarms: readonly RunbookAlarm[];
  /** What pages somebody. */
  readonly paging: readonly IAlarmRule[];
  /** Whether a level is missed, however little of the budget that burns. */
  readonly levels: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    const fallback = new BurnRateAlarms(this, 'FallbackBurn', {
      badPercent: (period, leastBad) =>
        new MathExpression({
          expression: `IF(bad >= ${leastBad}, 100 * bad / all, 0)`,
          usingMetrics: {
            bad: storeMetric(stage, 'Fallback', {}, { statistic: 'Sum', period }),
            all: storeMetric(stage, 'Fallback', {}, { statistic: 'SampleCount', period }),
          },
          period,
          label: '% of decisions',
        }),
      bad: 'the decisions that could have been personalized fell back to defaults',
      runbook: 'fallback-rate',
    });
    // The level itself: missed for long at less than six times the budget, it is seen on the dashboard and pages nobody.
    const fallbackRateHigh = new RunbookAlarm(this, 'FallbackRateHigh', {
      metric: storeMetric(stage, 'Fallback', {}, { statistic: 'Average', period: Duration.minutes(5) }),
      above: 0.01,
      meaning: 'More than 1 % of the decisions that could have been personalized fell back to defaults.',
      runbook: 'fallback-rate',
    });
    const latencyHigh = new RunbookAlarm(this, 'LatencyHigh', {
      metric: storeMetric(stage, 'DecisionLatency', {}, { statistic: 'p99', period: Duration.minutes(1) }),
      above: DECISION_LATENCY_OBJECTIVE_MS,
      periods: { breaching: 3, outOf: 5 },
      meaning: `Decisions take longer than ${DECISION_LATENCY_OBJECTIVE_MS} ms (p99, warm).`,
      runbook: 'decision-latency',
    });
    this.alarms = [...fallback.alarms, fallbackRateHigh, latencyHigh];
    this.paging = [fallback.rule, latencyHigh];
    this.levels = [fallbackRateHigh, latencyHigh];
  }
}
