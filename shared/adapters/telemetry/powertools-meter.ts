import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE, METRICS, type Meter } from '../../ports/telemetry.ts';

/** Sets kept between invocations; names of unknown events would else add up. */
const MAX_DIMENSION_SETS = 64;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html allows more than anybody reads. */
const MAX_VALUE_LENGTH = 128;

/**
 * Writes metrics to the function's own output in CloudWatch's embedded format. `service` comes from
 * POWERTOOLS_SERVICE_NAME.
 *
 * One Powertools instance a set of dimensions: within one instance every metric would carry every dimension.
 */
export function powertoolsMeter(): Meter {
  const bySet = new Map<string, Metrics>();

  const metricsOf = (dimensions: Readonly<Record<string, string>>): Metrics => {
    const values = Object.entries(dimensions).map(([name, value]) => [name, dimensionValue(value)] as const);
    const set = JSON.stringify(values);
    const metrics =
      bySet.get(set) ??
      new Metrics({ namespace: METRIC_NAMESPACE, defaultDimensions: Object.fromEntries(values) });
    bySet.set(set, metrics);
    return metrics;
  };

  return {
    record(name, value, dimensions) {
      metricsOf(dimensions).addMetric(name, METRICS[name].unit, value);
    },
    flush() {
      for (const metrics of bySet.values()) if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      if (bySet.size > MAX_DIMENSION_SETS) bySet.clear();
    },
  };
}

/** CloudWatch drops a whole line over a dimension that is empty or not printable ASCII; some come from the public. */
function dimensionValue(value: string): string {
  const printable = value
    .slice(0, MAX_VALUE_LENGTH)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/^:/, '?')
    .trim();
  return printable === '' ? 'none' : printable;
}
