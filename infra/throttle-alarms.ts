import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { RunbookAlarm } from './runbook-alarm.ts';

export interface ThrottleAlarmsProps {
  /** By the name that people give it. */
  readonly tables: Readonly<Record<string, ITable>>;
  readonly streams: Readonly<Record<string, IStream>>;
}

/** Where AWS turns requests of ours away. They are tried again, so what is seen first is that everything gets slower. */
export class ThrottleAlarms extends Construct {
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, { tables, streams }: ThrottleAlarmsProps) {
    super(scope, id);
    const sum = { statistic: 'Sum', period: Duration.minutes(5) } as const;
    const alarm = (name: string, metric: ReturnType<ITable['metric']>, meaning: string): RunbookAlarm =>
      new RunbookAlarm(this, name, {
        metric,
        above: 0,
        periods: { breaching: 2, outOf: 3 },
        meaning,
        runbook: 'throttles',
      });
    this.alarms = [
      ...Object.entries(tables).flatMap(([name, table]) => [
        alarm(
          `${name}ReadsThrottled`,
          table.metric('ReadThrottleEvents', sum),
          `Reads of the table ${name} are turned away.`,
        ),
        alarm(
          `${name}WritesThrottled`,
          table.metric('WriteThrottleEvents', sum),
          `Writes to the table ${name} are turned away.`,
        ),
      ]),
      ...Object.entries(streams).map(([name, stream]) =>
        alarm(
          `${name}EventsThrottled`,
          stream.metricWriteProvisionedThroughputExceeded(sum),
          `Events for the stream ${name} are turned away: its shards are used up.`,
        ),
      ),
    ];
  }
}
