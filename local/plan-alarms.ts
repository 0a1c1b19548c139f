import * as v from 'valibot';
import type { AlarmRule } from './alarm.ts';
import { type CompositeRule, parseAlarmRule } from './composite-alarm.ts';
import { LocalFault } from './fault.ts';
import { type LineSpec, metricLines } from './metric-lines.ts';
import { readProperties } from './read-properties.ts';
import { notHonoured } from './resource-properties.ts';
import type { Resource } from './stacks.ts';

const Dimensions = v.optional(v.array(v.object({ Name: v.string(), Value: v.string() })), []);

const Evaluation = {
  AlarmDescription: v.optional(v.string(), ''),
  EvaluationPeriods: v.number(),
  DatapointsToAlarm: v.optional(v.number()),
  EvaluateLowSampleCountPercentile: notHonoured,
  Threshold: v.number('has no fixed threshold, which is not honoured'),
  ComparisonOperator: v.picklist(
    [
      'GreaterThanThreshold',
      'GreaterThanOrEqualToThreshold',
      'LessThanThreshold',
      'LessThanOrEqualToThreshold',
    ],
    'has a comparison that is not honoured',
  ),
  TreatMissingData: v.optional(v.picklist(['missing', 'ignore', 'breaching', 'notBreaching']), 'missing'),
};

const SimpleAlarmProperties = v.object({
  ...Evaluation,
  Namespace: v.string(),
  MetricName: v.string(),
  Unit: v.optional(v.string()),
  Dimensions,
  Statistic: v.optional(v.string()),
  ExtendedStatistic: v.optional(v.string()),
  Period: v.number(),
});

const MathAlarmProperties = v.object({
  ...Evaluation,
  Metrics: v.array(
    v.object({
      Id: v.string(),
      Label: v.optional(v.string()),
      ReturnData: v.optional(v.boolean(), true),
      Expression: v.optional(v.string()),
      MetricStat: v.optional(
        v.object({
          Metric: v.object({ Namespace: v.string(), MetricName: v.string(), Dimensions }),
          Period: v.number(),
          Stat: v.string(),
          Unit: v.optional(v.string()),
        }),
      ),
    }),
  ),
});

const CompositeAlarmProperties = v.object({
  AlarmDescription: v.optional(v.string(), ''),
  AlarmRule: v.string(),
  AlarmActions: v.optional(v.array(v.string()), []),
  ActionsSuppressor: notHonoured,
});

/** @throws {LocalFault} naming the alarm that says something which cannot be honoured */
export function planAlarm(resource: Resource): AlarmRule {
  return 'Metrics' in resource.properties() ? mathAlarm(resource) : simpleAlarm(resource);
}

function simpleAlarm(resource: Resource): AlarmRule {
  const properties = readProperties(SimpleAlarmProperties, resource);
  return alarmOf(resource, properties, properties.Period, [
    {
      isShown: true,
      periodSeconds: properties.Period,
      source: {
        query: {
          namespace: properties.Namespace,
          name: properties.MetricName,
          dimensions: dimensionsOf(properties.Dimensions),
          ...(properties.Unit === undefined ? {} : { unit: properties.Unit }),
          statistic: properties.ExtendedStatistic ?? properties.Statistic ?? 'Average',
        },
      },
    },
  ]);
}

function mathAlarm(resource: Resource): AlarmRule {
  const properties = readProperties(MathAlarmProperties, resource);
  const periods = new Set(properties.Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []));
  const [periodSeconds] = periods;
  if (periodSeconds === undefined || periods.size > 1)
    throw new LocalFault(`The alarm ${resource.id} mixes metrics of different periods, or has none.`);
  const specs = properties.Metrics.map(({ Id, Label, ReturnData, Expression, MetricStat }): LineSpec => {
    const label = Label === undefined ? {} : { label: Label };
    const common = { id: Id, ...label, isShown: ReturnData, periodSeconds };
    if (Expression !== undefined) return { ...common, source: { expression: Expression } };
    if (MetricStat === undefined)
      throw new LocalFault(
        `The alarm ${resource.id} has ${Id}, which is neither a metric nor an expression.`,
      );
    const { Metric, Stat, Unit } = MetricStat;
    return {
      ...common,
      source: {
        query: {
          namespace: Metric.Namespace,
          name: Metric.MetricName,
          dimensions: dimensionsOf(Metric.Dimensions),
          ...(Unit === undefined ? {} : { unit: Unit }),
          statistic: Stat,
        },
      },
    };
  });
  return alarmOf(resource, properties, periodSeconds, specs);
}

function alarmOf(
  resource: Resource,
  properties: v.InferOutput<v.ObjectSchema<typeof Evaluation, undefined>>,
  periodSeconds: number,
  specs: readonly LineSpec[],
): AlarmRule {
  const lines = metricLines(specs, `The alarm ${resource.id}`);
  const [watched, another] = lines.filter(({ isShown }) => isShown);
  if (watched === undefined || another !== undefined)
    throw new LocalFault(`The alarm ${resource.id} must watch exactly one of its metrics.`);
  return {
    alarm: resource.id,
    name: resource.name(),
    description: properties.AlarmDescription,
    lines,
    watched,
    periodSeconds,
    evaluationPeriods: properties.EvaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    missing: properties.TreatMissingData,
  };
}

/**
 * @param names physical names of the alarms there are
 * @throws {LocalFault} naming the alarm that says something which cannot be honoured
 */
export function planCompositeAlarm(resource: Resource, names: ReadonlySet<string>): CompositeRule {
  const properties = readProperties(CompositeAlarmProperties, resource);
  return {
    alarm: resource.id,
    name: resource.name(),
    description: properties.AlarmDescription,
    pages: properties.AlarmActions.length > 0,
    isRaised: parseAlarmRule(properties.AlarmRule, names),
  };
}

function dimensionsOf(
  list: readonly { readonly Name: string; readonly Value: string }[],
): Record<string, string> {
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
}
