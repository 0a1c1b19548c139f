import * as v from 'valibot';

export interface MetricSample {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly values: readonly number[];
  /** ms since the epoch. */
  readonly at: number;
}

const Envelope = v.looseObject({
  _aws: v.object({
    Timestamp: v.number(),
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.optional(v.array(v.array(v.string())), []),
        Metrics: v.array(v.object({ Name: v.string(), Unit: v.optional(v.string(), 'None') })),
      }),
    ),
  }),
});

/**
 * Reads one log line in CloudWatch's embedded metric format: a sample for each metric and set of dimensions.
 * `undefined`: the line is no such thing.
 */
export function parseEmf(line: string): readonly MetricSample[] | undefined {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  const result = v.safeParse(Envelope, parsed);
  if (!result.success) return undefined;
  const { _aws: aws, ...fields } = result.output;
  const samples: MetricSample[] = [];
  for (const { Namespace, Dimensions, Metrics } of aws.CloudWatchMetrics) {
    for (const names of Dimensions.length > 0 ? Dimensions : [[]]) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(fields[name])]));
      for (const { Name, Unit } of Metrics) {
        const values = [fields[Name]].flat().filter((value): value is number => typeof value === 'number');
        if (values.length > 0) {
          samples.push({
            namespace: Namespace,
            name: Name,
            dimensions,
            unit: Unit,
            values,
            at: aws.Timestamp,
          });
        }
      }
    }
  }
  return samples;
}
