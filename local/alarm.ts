import type { MetricLine } from './metric-lines.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What a metric alarm looks at, and when it is raised. */
export interface AlarmRule {
  /** Logical id. */
  readonly alarm: string;
  /** Physical name: composite alarms and dashboards refer to it. */
  readonly name: string;
  readonly description: string;
  readonly lines: readonly MetricLine[];
  /** The one of them that is compared. */
  readonly watched: MetricLine;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison:
    | 'GreaterThanThreshold'
    | 'GreaterThanOrEqualToThreshold'
    | 'LessThanThreshold'
    | 'LessThanOrEqualToThreshold';
  readonly missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/** CloudWatch looks a little further back than it evaluates, so that late data do not look like none. */
export const EXTRA_PERIODS = 2;

type Evaluation = Pick<
  AlarmRule,
  'evaluationPeriods' | 'datapointsToAlarm' | 'threshold' | 'comparison' | 'missing'
>;

/**
 * Evaluates an alarm as CloudWatch does (M of N, missing data).
 *
 * @param datapoints of the last `evaluationPeriods + EXTRA_PERIODS` complete periods, oldest first; `undefined`: missing
 */
export function evaluateAlarm(
  rule: Evaluation,
  datapoints: readonly (number | undefined)[],
  current: AlarmState,
): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, missing } = rule;
  const real = datapoints
    .map((value, at) => ({ value, age: datapoints.length - at }))
    .filter((point): point is { value: number; age: number } => point.value !== undefined)
    .map(({ value, age }) => ({ breaching: isBreaching(rule, value), age }));
  const used = real.slice(-evaluationPeriods);
  const breaching = used.filter((point) => point.breaching).length;
  const gaps = evaluationPeriods - used.length;

  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (gaps === 0) return 'OK';
  const nothingWell = breaching === used.length;
  switch (missing) {
    case 'breaching':
      return breaching + gaps >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return nothingWell ? current : 'OK';
    case 'missing': {
      const [oldest] = used;
      if (!oldest) return 'INSUFFICIENT_DATA';
      // All that is known is breaching, and has been for long enough.
      return nothingWell && oldest.age >= datapointsToAlarm ? 'ALARM' : 'OK';
    }
  }
}

function isBreaching({ comparison, threshold }: Evaluation, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
