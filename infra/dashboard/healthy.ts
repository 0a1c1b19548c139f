import { Duration } from 'aws-cdk-lib';
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { EventStream } from '../event-stream.ts';
import type { Stage } from '../stage.ts';
import type { StageFunction } from '../stage-function.ts';
import type { StoreApi } from '../store-api.ts';
import { storeMetric } from '../store-metric.ts';
import { COUNT, heading, MILLISECONDS, row } from './graph.ts';

interface HealthySectionProps {
  readonly stage: Stage;
  readonly functions: readonly StageFunction[];
  readonly tables: Readonly<Record<string, ITable>>;
  readonly streams: readonly EventStream[];
  readonly api: StoreApi;
}

/** Is it healthy? What fails, what is turned away, what runs at once and what starts anew. */
export function healthySection({
  stage,
  functions,
  tables,
  streams,
  api,
}: HealthySectionProps): readonly IWidget[][] {
  const period = Duration.minutes(5);
  const sum = (label: string) => ({ statistic: 'Sum', period, label }) as const;
  return [
    heading(
      'Is it healthy?',
      'Requests that were turned away are tried again: see above whether anybody noticed.',
    ),
    row(
      {
        title: 'Errors',
        axis: COUNT,
        lines: [
          ...functions.map(({ lambda, name }) => lambda.metricErrors(sum(name))),
          api.api.metricServerError(sum('5xx of the API')),
        ],
      },
      {
        title: 'Throttles',
        axis: COUNT,
        lines: [
          ...functions.map(({ lambda, name }) => lambda.metricThrottles(sum(name))),
          ...Object.entries(tables).flatMap(([name, table]) => [
            table.metric('ReadThrottleEvents', sum(`reads of ${name}`)),
            table.metric('WriteThrottleEvents', sum(`writes to ${name}`)),
          ]),
          ...streams.map(({ lane, stream }) =>
            stream.metricWriteProvisionedThroughputExceeded(sum(`${lane} stream`)),
          ),
        ],
      },
      {
        title: 'Requests turned down (4xx)',
        axis: COUNT,
        lines: [api.api.metricClientError(sum('4xx of the API'))],
      },
    ),
    row(
      {
        title: 'Functions running at once',
        axis: COUNT,
        lines: functions.map(({ lambda, name }) =>
          lambda.metric('ConcurrentExecutions', { statistic: 'Maximum', period, label: name }),
        ),
      },
      {
        title: 'Cold starts',
        axis: COUNT,
        lines: functions.map(({ name }) =>
          storeMetric(stage, 'ColdStarts', { Function: name }, { statistic: 'Sum', period, label: name }),
        ),
      },
      {
        title: 'Duration of functions, p99',
        axis: MILLISECONDS,
        lines: functions.map(({ lambda, name }) =>
          lambda.metricDuration({ statistic: 'p99', period, label: name }),
        ),
      },
    ),
  ];
}
