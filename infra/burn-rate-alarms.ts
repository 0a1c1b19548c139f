import { Duration } from 'aws-cdk-lib';
import { AlarmRule, type IAlarmRule, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { RunbookAlarm, type RunbookEntry } from './runbook-alarm.ts';

/** Of all answers or writes, the percentage that may miss the service level. */
const BUDGET_PERCENT = 1;

/**
 * How many times faster than allowed the budget burns, and over which windows: the long one says that it matters, the
 * short one that it is still so. At these rates 2 % of a month's budget are gone in an hour, 5 % in six
 * (Google, The Site Reliability Workbook, ch. 5). What misses everything is told after 9 and 22 minutes.
 */
const SPEEDS = [
  { name: 'Fast', burnRate: 14.4, long: Duration.hours(1), short: Duration.minutes(5) },
  { name: 'Slow', burnRate: 6, long: Duration.hours(6), short: Duration.minutes(30) },
] as const;

/** One late shopper in a quiet night is no outage: in the long window so many must have met it. */
const LEAST_BAD = 5;

export interface BurnRateAlarmsProps {
  /** The percentage that missed the service level, 0 where fewer than `leastBad` did. */
  readonly badPercent: (period: Duration, leastBad: number) => IMetric;
  /** What missed it, with its level: `decisions fell back to defaults`. */
  readonly bad: string;
  readonly runbook: RunbookEntry;
}

/** Alarms for a service level that is a share: two speeds, and of each speed two windows that only mean something together. */
export class BurnRateAlarms extends Construct {
  readonly alarms: readonly RunbookAlarm[];
  /** True while both windows of a speed burn. */
  readonly rule: IAlarmRule;

  constructor(scope: Construct, id: string, { badPercent, bad, runbook }: BurnRateAlarmsProps) {
    super(scope, id);
    const speeds = SPEEDS.map(({ name, burnRate, long, short }) => {
      const above = burnRate * BUDGET_PERCENT;
      const alarm = (window: string, period: Duration, leastBad: number): RunbookAlarm =>
        new RunbookAlarm(this, `${name}${window}`, {
          metric: badPercent(period, leastBad),
          above,
          meaning:
            `Within ${lengthOf(period)} more than ${above} % of ${bad}: ${burnRate} times what may. ` +
            'It pages when the other window of the same speed says so too.',
          runbook,
        });
      return [alarm('Long', long, LEAST_BAD), alarm('Short', short, 1)] as const;
    });
    this.alarms = speeds.flat();
    this.rule = AlarmRule.anyOf(...speeds.map((windows) => AlarmRule.allOf(...windows)));
  }
}

function lengthOf(period: Duration): string {
  const minutes = period.toMinutes();
  return minutes < 60 ? `${minutes} minutes` : `${minutes / 60} h`;
}
