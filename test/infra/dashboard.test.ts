import { METRIC_NAMESPACE, METRICS } from '../../shared/ports/telemetry.ts';
import type { Template } from '../../local/assembly.ts';
import { DIMENSION_VALUES } from '../metric-proof/dimension-values.ts';
import { type EmittedMetric, unproven } from '../metric-proof/unproven.ts';
import { planOf, type PlannedStage } from '../metric-proof/used-metrics.ts';
import { propertiesOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

const dev = synthesized('dev');
const prod = synthesized('prod');
type Synthesized = typeof dev;

/** What the functions of a stage can emit: its table says so, and a run of `dev` proves the table. */
function emittedBy(stage: string): readonly EmittedMetric[] {
  return Object.entries(METRICS).flatMap(([name, { unit, dimensions }]) => {
    const common = { namespace: METRIC_NAMESPACE, name, unit };
    const everyValue = (dimensions as readonly string[]).reduce<readonly EmittedMetric['dimensions'][]>(
      (sets, dimension) =>
        sets.flatMap((set) =>
          (DIMENSION_VALUES[dimension] ?? []).map((value) => ({ ...set, [dimension]: value })),
        ),
      [{ service: `cartwright-${stage}` }],
    );
    return everyValue.map((set) => ({ ...common, dimensions: set }));
  });
}

const NOTHING_SAID = { Properties: {} };

/** @param edit of the service's template, as text */
function plannedStage(stage: Synthesized, edit = (text: string): string => text): PlannedStage {
  const stacks = [stage.stateTemplate, stage.serviceTemplate].map((source, index) => {
    const text = JSON.stringify(source.toJSON());
    const template = JSON.parse(index === 1 ? edit(text) : text) as Partial<Template>;
    const { Resources = {}, Parameters = {}, Conditions = {}, Mappings = {}, Outputs = {} } = template;
    const resources = Object.entries(Resources).map(
      ([id, resource]) => [id, { ...NOTHING_SAID, ...resource }] as const,
    );
    return {
      name: ['State', 'Service'][index] ?? '',
      template: { Resources: Object.fromEntries(resources), Parameters, Conditions, Mappings, Outputs },
    };
  });
  return planOf(
    { stacks, assets: { get: () => 'unbundled' } as unknown as ReadonlyMap<string, string> },
    (key) => key,
  );
}

function reasonsIn(planned: PlannedStage, name: string): readonly string[] {
  const emitted = emittedBy(name);
  return planned.used.flatMap(({ where, query }) => {
    const reason = unproven(query, emitted, planned.resources);
    return reason === undefined ? [] : [`${where}: ${reason}`];
  });
}

test.each([
  { stage: dev, name: 'dev' },
  { stage: prod, name: 'prod' },
])('every metric of a graph or an alarm is one that somebody emits, in $name', ({ stage, name }) => {
  const planned = plannedStage(stage);
  expect(reasonsIn(planned, name)).toEqual([]);
  expect(planned.used.length).toBeGreaterThan(150);
});

test('the metrics of the table are all on the dashboard', () => {
  const shown = new Set(plannedStage(dev).used.map(({ query }) => query.name));
  expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
});

/** The logical id of what decide-checkout has of a kind. */
function idOf(kind: 'Function' | 'Role'): string {
  const type = kind === 'Role' ? 'AWS::IAM::Role' : 'AWS::Lambda::Function';
  return (
    [...resourcesOf(dev.serviceTemplate, type).keys()].find((id) => id.startsWith(`DecideCheckout${kind}`)) ??
    ''
  );
}

describe('a slip in the template is found', () => {
  test.each([
    [
      'a name in a graph',
      '\\"UnknownEvents\\"',
      '\\"UnkownEvents\\"',
      /no function emits Cartwright UnkownEvents/,
    ],
    [
      'a value in a graph',
      '\\"deadline\\"',
      '\\"dead-line\\"',
      /no function emits Cartwright FallbackReason .*dead-line/,
    ],
    ['a dimension in a graph', '\\"Lane\\"', '\\"lane\\"', /no function emits Cartwright SyncLag .*"lane"/],
    [
      'a name in an alarm',
      '"MetricName":"Throttles"',
      '"MetricName":"Throttle"',
      /alarm \w+: AWS emits no AWS\/Lambda Throttle$/,
    ],
    [
      'a name in an alarm’s expression',
      '"MetricName":"Fallback","Namespace"',
      '"MetricName":"Fallbacks","Namespace"',
      /alarm DecisionsFallbackBurn\w+: no function emits Cartwright Fallbacks/,
    ],
    ['a namespace', '"Namespace":"AWS/Kinesis"', '"Namespace":"AWS/Kinesys"', /AWS emits no AWS\/Kinesys/],
    [
      'a percentile',
      '"ExtendedStatistic":"p99"',
      '"ExtendedStatistic":"p9"',
      /p9 is no statistic of SyncLag/,
    ],
    [
      'what AWS must be told first',
      '"MetricsConfig"',
      '"MetricConfig"',
      /lacks what AWS emits OnFailureDestinationDeliveredEventCount for/,
    ],
    [
      'whose name it is',
      `{"Ref":"${idOf('Function')}"}`,
      `{"Ref":"${idOf('Role')}"}`,
      /the template has no AWS::Lambda::Function called Service\/DecideCheckoutRole/,
    ],
  ])('%s', (_, right, wrong, reason) => {
    const planned = plannedStage(dev, (text) => {
      expect(text).toContain(right);
      return text.replaceAll(right, wrong);
    });
    expect(reasonsIn(planned, 'dev').join('\n')).toMatch(new RegExp(reason, 'm'));
  });

  test.each([
    ['an id that an expression uses', '100 * bad / all', '100 * bad / al', /nothing called al\.$/],
    ['a function of metric math', 'PERIOD(decisions)', 'PERIODS(decisions)', /PERIODS/],
    ['a statistic of an alarm', '"Statistic":"Average"', '"Statistic":"Avrage"', /Avrage/],
    [
      'a statistic that there is not',
      '\\"stat\\":\\"SampleCount\\"',
      '\\"stat\\":\\"SampelCount\\"',
      /SampelCount/,
    ],
    ['an alarm that a page is for', 'DecisionsLatencyHigh', 'DecisionsLatencyHihg', null],
  ])('%s', (_, right, wrong, sentence) => {
    const slip = (): unknown =>
      plannedStage(dev, (text) => {
        expect(text).toContain(right);
        return sentence === null
          ? text.replace(`"Fn::GetAtt":["${right}`, `"Fn::GetAtt":["${wrong}`)
          : text.replaceAll(right, wrong);
      });
    expect(slip).toThrow(sentence ?? wrong);
  });
});

test('the page is read from top to bottom: what is wrong, and then five questions', () => {
  const { DashboardBody } = propertiesOf(prod.serviceTemplate, 'AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(textOf(DashboardBody)) as {
    widgets: readonly { type: string; y: number; properties: { markdown?: string; title?: string } }[];
  };
  expect([...widgets].sort((a, b) => a.y - b.y)[0]?.type).toBe('alarm');
  expect(
    widgets
      .filter(({ type }) => type === 'text')
      .sort((a, b) => a.y - b.y)
      .map(({ properties }) => properties.markdown?.split('\n')[0]),
  ).toEqual([
    '## Are shoppers served?',
    '## Is it fresh?',
    '## Is anything lost?',
    '## Is it healthy?',
    '## What does it cost?',
  ]);
});

test('the dashboard lists every alarm, the page first', () => {
  const { DashboardBody } = propertiesOf(prod.serviceTemplate, 'AWS::CloudWatch::Dashboard');
  const listed = [...textOf(DashboardBody).matchAll(/'Fn::GetAtt':\['(\w+)','Arn'\]/g)].map(([, id]) => id);
  const { Resources } = prod.serviceTemplate.toJSON() as { Resources: Record<string, { Type: string }> };
  const alarms = Object.entries(Resources).filter(([, { Type }]) => /^AWS::CloudWatch::\w*Alarm$/.test(Type));
  expect(listed[0]).toMatch(/^PagingPage/);
  expect(new Set(listed)).toEqual(new Set(alarms.map(([id]) => id)));
  expect(listed).toHaveLength(alarms.length);
});
