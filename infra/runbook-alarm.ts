import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** Headings of docs/runbook.md, as links spell them. */
export type RunbookEntry =
  | 'page'
  | 'rollback'
  | 'fallback-rate'
  | 'decision-latency'
  | 'sync-lag'
  | 'iterator-age'
  | 'quarantined-events'
  | 'dead-letters'
  | 'dropped-events'
  | 'reconciliation-gap'
  | 'profile-mismatches'
  | 'audit-behind'
  | 'server-errors'
  | 'function-errors'
  | 'throttles';

export interface RunbookAlarmProps {
  readonly metric: IMetric;
  /** The alarm is raised above it, in the metric's unit. */
  readonly above: number;
  /** Of `outOf` periods in a row, how many must be above. Default: 1 of 1. */
  readonly periods?: { readonly breaching: number; readonly outOf: number };
  /** One sentence: what is wrong when it is raised. */
  readonly meaning: string;
  readonly runbook: RunbookEntry;
}

/**
 * An alarm that says what it means and where it is written what to do. A metric that nobody emits is no alarm: an idle
 * shop is well, and what counts failures alone is silent as long as there are none.
 */
export class RunbookAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    const { breaching, outOf } = props.periods ?? { breaching: 1, outOf: 1 };
    super(scope, id, {
      metric: props.metric,
      threshold: props.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      datapointsToAlarm: breaching,
      evaluationPeriods: outOf,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: describeAlarm(props),
    });
  }
}

/** What every alarm says of itself. */
export function describeAlarm({ meaning, runbook }: Pick<RunbookAlarmProps, 'meaning' | 'runbook'>): string {
  return `${meaning} What to do: docs/runbook.md#${runbook}`;
}
