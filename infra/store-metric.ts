import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Lane } from '../shared/domain/stream-event.ts';
import { METRIC_NAMESPACE, type METRICS, type MetricName } from '../shared/ports/telemetry.ts';
import { serviceName, type Stage } from './stage.ts';

type DimensionOf<Name extends MetricName> = (typeof METRICS)[Name]['dimensions'][number];

/** Exactly the dimensions that the table gives a metric: none missing, none more. */
export type StoreMetricDimensions<Name extends MetricName> = [DimensionOf<Name>] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Dimension in DimensionOf<Name>]: Dimension extends 'Lane' ? Lane : string };

export interface StoreMetricOptions {
  /** CloudWatch's word: `Sum`, `Average`, `p99` … */
  readonly statistic: string;
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
  { statistic, period, label }: StoreMetricOptions,
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

/**
 * All values that one dimension of a metric has taken, a line each: for dimensions whose values only the functions
 * know. Usable in widgets, not in alarms.
 */
export function storeMetricByValue<Name extends MetricName>(
  stage: Stage,
  name: Name,
  dimension: DimensionOf<Name>,
  { statistic, period }: StoreMetricOptions,
): MathExpression {
  const schema = `${METRIC_NAMESPACE},service,${dimension}`;
  const query = `{${schema}} MetricName="${name}" service="${serviceName(stage)}"`;
  return new MathExpression({
    expression: `SEARCH('${query}', '${statistic}', ${period.toSeconds()})`,
    usingMetrics: {},
    period,
    label: "${PROP('Dim." + dimension + "')}",
  });
}
