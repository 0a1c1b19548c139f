import { Duration } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { storeMetric } from '../../infra/store-metric.ts';
import { METRICS, METRIC_NAMESPACE } from '../../shared/ports/telemetry.ts';
import { store } from '../../store.config.ts';
import { type JsonObject, propertiesOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const dev = synthesized('dev');
const prod = synthesized('prod');
const alarmsOf = ({ serviceTemplate }: typeof dev): readonly JsonObject[] =>
  [...resourcesOf(serviceTemplate, 'AWS::CloudWatch::Alarm').values()].map(({ Properties }) => Properties);

test.each([
  { stage: dev, name: 'dev' },
  { stage: prod, name: 'prod' },
])(
  'every metric of an alarm or widget is one that the functions emit, or AWS itself ($name)',
  ({ stage, name }) => {
    const metrics = [...alarmsOf(stage).map(metricOfAlarm), ...metricsOfDashboard(stage)];
    expect(metrics.length).toBeGreaterThan(30);
    for (const { namespace, name: metric, dimensions } of metrics) {
      if (namespace.startsWith('AWS/')) continue;
      expect(namespace).toBe(METRIC_NAMESPACE);
      expect(Object.keys(METRICS)).toContain(metric);
      const { dimensions: known } = METRICS[metric as keyof typeof METRICS];
      expect(Object.keys(dimensions).sort()).toEqual(['service', ...known].sort());
      expect(dimensions.service).toBe(`cartwright-${name}`);
    }
  },
);

test('the metrics of the table are all on the dashboard', () => {
  const shown = new Set(metricsOfDashboard(dev).map(({ name }) => name));
  expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
});

test('a metric cannot be named with dimensions that it does not have', () => {
  const stage = { name: 'dev', settings: store.stages.dev } as const;
  const options = { statistic: 'Sum', period: Duration.minutes(1) };
  storeMetric(stage, 'SyncLag', { Lane: 'critical' }, options);
  storeMetric(stage, 'Fallback', {}, options);
  // @ts-expect-error a dimension is missing
  storeMetric(stage, 'SyncLag', {}, options);
  // @ts-expect-error there is no such lane
  storeMetric(stage, 'SyncLag', { Lane: 'fast' }, options);
  // @ts-expect-error a dimension too many
  storeMetric(stage, 'Fallback', { Lane: 'critical' }, options);
  // @ts-expect-error no such metric
  storeMetric(stage, 'Fallbacks', {}, options);
});

test.each([
  { lane: 'critical', enhancedFanOut: true, objectiveMs: 1_000 },
  { lane: 'critical', enhancedFanOut: false, objectiveMs: 3_000 },
  { lane: 'bulk', enhancedFanOut: true, objectiveMs: 10_000 },
  { lane: 'bulk', enhancedFanOut: false, objectiveMs: 10_000 },
])(
  'sync lag p99 of the $lane lane is alarmed above $objectiveMs ms (enhanced fan-out: $enhancedFanOut)',
  ({ lane, enhancedFanOut, objectiveMs }) => {
    const { serviceTemplate } = synthesized('prod', { enhancedFanOut });
    serviceTemplate.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'SyncLag',
      ExtendedStatistic: 'p99',
      Threshold: objectiveMs,
      ComparisonOperator: 'GreaterThanThreshold',
      Dimensions: [
        { Name: 'Lane', Value: lane },
        { Name: 'service', Value: 'cartwright-prod' },
      ],
    });
  },
);

test('the fallback rate is alarmed above 1 % of decisions over five minutes', () => {
  prod.serviceTemplate.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Fallback',
    Statistic: 'Average',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0.01,
    ComparisonOperator: 'GreaterThanThreshold',
  });
});

describe.each([15, 60, 360])('with an audit every %i minutes', (auditEveryMinutes) => {
  const { serviceTemplate } = synthesized('prod', { auditEveryMinutes });

  test.each([
    ['ReconciliationGap', 0],
    ['ProfileMismatches', 0],
    ['AuditLag', 600_000 + 3 * auditEveryMinutes * 60_000],
  ])('%s is alarmed above %i for as long as one of the last two audits said so', (MetricName, Threshold) => {
    serviceTemplate.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName,
      Statistic: 'Maximum',
      Period: auditEveryMinutes * 60,
      DatapointsToAlarm: 1,
      EvaluationPeriods: 2,
      Threshold,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  test('an audit that has failed at all of its tries is alarmed, though it says nothing itself', () => {
    serviceTemplate.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: auditEveryMinutes * 60,
      Threshold: 2,
    });
  });

  test('it ends before the next one begins', () => {
    const { ScheduleExpression, Targets } = propertiesOf(serviceTemplate, 'AWS::Events::Rule');
    expect(ScheduleExpression).toMatch(/^rate\((15 minutes|1 hour|6 hours)\)$/);
    expect(Targets).toMatchObject([{ Input: '{"scheduled":{"distanceMs":600000}}' }]);
    const audit = [...resourcesOf(serviceTemplate, 'AWS::Lambda::Function').values()].find(({ Properties }) =>
      textOf(Properties.Environment).includes('CRITICAL_MAPPING'),
    );
    expect(audit?.Properties.Timeout).toBeLessThan(auditEveryMinutes * 60);
  });
});

test('every alarm leads to an entry of the runbook that says what to do, and every entry has its alarm', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const entries = new Map(
    runbook
      .split(/^## /m)
      .slice(1)
      .map((entry): [string, string] => {
        const [heading = ''] = entry.split('\n');
        return [heading.trim().toLowerCase().replaceAll(' ', '-'), entry];
      }),
  );
  const linked = alarmsOf(prod).map(({ AlarmDescription }) => {
    expect(AlarmDescription).toMatch(/^\S.*\. What to do: docs\/runbook\.md#[a-z-]+$/);
    return textOf(AlarmDescription).split('#')[1] ?? '';
  });
  for (const anchor of linked) {
    const entry = entries.get(anchor) ?? '';
    for (const part of ['**Means.**', '**See.**', '**Do.**', '**Done when.**']) expect(entry).toContain(part);
  }
  const withParts = [...entries]
    .filter(([, entry]) => entry.includes('**Means.**'))
    .map(([anchor]) => anchor);
  expect([...new Set(linked)].sort()).toEqual(withParts.sort());
});

test('an idle shop raises no alarm', () => {
  for (const alarm of alarmsOf(prod)) expect(alarm.TreatMissingData).toBe('notBreaching');
});

function metricOfAlarm(alarm: JsonObject): NamedMetric {
  const dimensions = (alarm.Dimensions ?? []) as unknown as readonly { Name: string; Value: JsonObject }[];
  return {
    namespace: textOf(alarm.Namespace),
    name: textOf(alarm.MetricName),
    dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, textOf(Value)])),
  };
}

/** Both kinds of line in a graph: a metric by name, and a search over the values of one dimension. */
function metricsOfDashboard({ serviceTemplate }: typeof dev): readonly NamedMetric[] {
  const { DashboardBody } = propertiesOf(serviceTemplate, 'AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(textOf(DashboardBody)) as {
    widgets: readonly {
      properties: { metrics?: readonly (readonly (string | { expression?: string })[])[] };
    }[];
  };
  return widgets.flatMap(({ properties }) =>
    (properties.metrics ?? []).map((line) => {
      const words = line.filter((word) => typeof word === 'string');
      const [namespace = '', name = '', ...pairs] = words;
      if (words.length > 0) return { namespace, name, dimensions: pairsOf(pairs) };
      const [search] = line;
      return metricOfSearch(typeof search === 'string' ? '' : (search?.expression ?? ''));
    }),
  );
}

function metricOfSearch(expression: string): NamedMetric {
  const [, schema = '', name = '', service = ''] =
    /^SEARCH\('\{([^}]+)\} MetricName="(\w+)" service="([\w-]+)"'/.exec(expression) ?? [];
  const [namespace = '', ...dimensions] = schema.split(',');
  return {
    namespace,
    name,
    dimensions: { ...Object.fromEntries(dimensions.map((dimension) => [dimension, '*'])), service },
  };
}

function pairsOf(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 2) pairs[words[index] ?? ''] = words[index + 1] ?? '';
  return pairs;
}
