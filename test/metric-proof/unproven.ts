import { functionNameIn } from '../../local/function-name.ts';
import type { MetricQuery } from '../../local/metric-store.ts';
import type { Resource } from '../../local/stacks.ts';
import { AWS_METRICS, type AwsMetric } from './aws-metrics.ts';

/** A metric that a run has really emitted. */
export interface EmittedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
}

/** What makes sense of a unit; a percentile that nobody usually asks for is more likely a slip. */
const STATISTICS: Readonly<Record<string, RegExp>> = {
  Count: /^(Sum|Average|SampleCount|Maximum)$/,
  Milliseconds: /^(Maximum|SampleCount|p50|p90|p99|p99\.9|PR\(:\d+\))$/,
};

/**
 * Why nobody emits what a query asks for; undefined: somebody does. That is a function, of which a run has shown it, or AWS
 * itself, for a resource that the template has.
 */
export function unproven(
  query: MetricQuery,
  emitted: readonly EmittedMetric[],
  resources: readonly Resource[],
): string | undefined {
  return query.namespace.startsWith('AWS/')
    ? unprovenOfAws(query, resources)
    : unprovenOfFunctions(query, emitted);
}

function unprovenOfFunctions(query: MetricQuery, emitted: readonly EmittedMetric[]): string | undefined {
  const found = emitted.find(
    ({ namespace, name, dimensions }) =>
      namespace === query.namespace && name === query.name && isSame(dimensions, query.dimensions),
  );
  if (found === undefined)
    return `no function emits ${query.namespace} ${query.name} ${JSON.stringify(query.dimensions)}`;
  return STATISTICS[found.unit]?.test(query.statistic) === true
    ? undefined
    : `${query.statistic} is no statistic of ${query.name}, which is in ${found.unit}`;
}

function unprovenOfAws(query: MetricQuery, resources: readonly Resource[]): string | undefined {
  const metric = AWS_METRICS[query.namespace]?.[query.name];
  if (metric === undefined) return `AWS emits no ${query.namespace} ${query.name}`;
  const { [metric.dimension]: name, ...others } = query.dimensions;
  if (name === undefined || Object.keys(others).length > 0)
    return `AWS emits ${query.name} by ${metric.dimension}, not by ${Object.keys(query.dimensions).join()}`;
  const resource = resources.find((candidate) => candidate.type === metric.of && candidate.name() === name);
  if (resource === undefined) return `the template has no ${metric.of} called ${name}`;
  if (!hasWhatItNeeds(metric, resource, resources)) return `${name} lacks what AWS emits ${query.name} for`;
  return metric.statistics.includes(query.statistic)
    ? undefined
    : `${query.statistic} is no statistic of ${query.name}`;
}

function hasWhatItNeeds({ needs }: AwsMetric, resource: Resource, resources: readonly Resource[]): boolean {
  switch (needs) {
    case 'stream-source':
      return resources.some(
        ({ type, properties }) =>
          type === 'AWS::Lambda::EventSourceMapping' &&
          functionNameIn(String(properties().FunctionName)) === resource.name(),
      );
    case 'event-counts':
      return JSON.stringify(resource.properties().MetricsConfig ?? null).includes('"EventCount"');
    case undefined:
      return true;
  }
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const text = (dimensions: Readonly<Record<string, string>>): string =>
    JSON.stringify(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}
