import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Lane } from '../shared/domain/stream-event.ts';
import { METRIC_NAMESPACE, type METRICS, type MetricName } from '../shared/ports/telemetry.ts';
import { serviceName, type Stage } from './stage.ts';

type DimensionOf<Name extends MetricName> = (typeof METRICS)[Name]['dimensions'][number];

/** Exactly the dimensions that the table gives a metric: none missing, none more. */
export type StoreMetricDimensions<Name extends MetricName> = [DimensionOf<Name>] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Dimension in DimensionOf<Name>]: Dimension extends 'Lane' ? Lane : string };

/** CloudWatch's words for what makes sense of a unit; `PR(:3000)` is the percentage of values up to 3,000. */
type StatisticOf<Name extends MetricName> = (typeof METRICS)[Name]['unit'] extends 'Milliseconds'
  ? 'Maximum' | 'SampleCount' | `p${number}` | `PR(:${number})`
  : 'Sum' | 'Average' | 'SampleCount' | 'Maximum';

export interface StoreMetricOptions<Name extends MetricName> {
  readonly statistic: StatisticOf<Name>;
  readonly period: Duration;
  readonly label?: string;
}

/**
 * A metric of the table of all metrics, as the functions of this stage emit it.
 *
 * @example
 * storeMetric(stage, 'SyncLag', { Lane: 'critical' }, { statistic: 'p99', period: Duration.minutes(1) });
 */
export function storeMetric<Name extends MetricName>(
  stage: Stage,
  name: Name,
  dimensions: StoreMetricDimensions<Name>,
  { statistic, period, label }: StoreMetricOptions<Name>,
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { service: serviceName(stage), ...dimensions },
    statistic,
    period,
    ...(label === undefined ? {} : { label }),
  });
}
