import { Duration } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { storeMetric } from '../../infra/store-metric.ts';
import { store } from '../../store.config.ts';
import {
  type Json,
  type JsonObject,
  propertiesOf,
  type Resource,
  resourcesOf,
  synthesized,
  textOf,
} from './synthesized.ts';

const dev = synthesized('dev');
const prod = synthesized('prod');
type Synthesized = typeof dev;

const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';
/** By logical id, without the eight digits of a hash that CDK ends it with. */
function byName(resources: ReadonlyMap<string, Resource>): ReadonlyMap<string, JsonObject> {
  return new Map([...resources].map(([id, { Properties }]) => [id.slice(0, -8), Properties]));
}
const alarmsOf = ({ serviceTemplate }: Synthesized): ReadonlyMap<string, JsonObject> =>
  byName(resourcesOf(serviceTemplate, 'AWS::CloudWatch::Alarm'));
const pageOf = ({ serviceTemplate }: Synthesized): JsonObject =>
  [...byName(resourcesOf(serviceTemplate, COMPOSITE)).values()][0] ?? {};
const functionsOf = ({ serviceTemplate }: Synthesized): number =>
  resourcesOf(serviceTemplate, 'AWS::Lambda::Function').size;
const mappingsOf = ({ serviceTemplate }: Synthesized): number =>
  resourcesOf(serviceTemplate, 'AWS::Lambda::EventSourceMapping').size;

const statementsIn = (document: Json | undefined): readonly JsonObject[] =>
  (document as unknown as { readonly Statement: readonly JsonObject[] } | undefined)?.Statement ?? [];

test('a metric cannot be named with dimensions or a statistic that it does not have', () => {
  const stage = { name: 'dev', settings: store.stages.dev } as const;
  const options = { statistic: 'SampleCount', period: Duration.minutes(1) } as const;
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
  // @ts-expect-error milliseconds do not add up
  storeMetric(stage, 'SyncLag', { Lane: 'critical' }, { ...options, statistic: 'Sum' });
  // @ts-expect-error no such statistic
  storeMetric(stage, 'Fallback', {}, { ...options, statistic: 'Avg' });
});

describe('the service levels', () => {
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

  test('a fallback rate above 1 % over five minutes is seen', () => {
    expect(alarmsOf(prod).get('DecisionsFallbackRateHigh')).toMatchObject({
      MetricName: 'Fallback',
      Statistic: 'Average',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0.01,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  test('decisions above 80 ms (p99, warm) are alarmed', () => {
    expect(alarmsOf(prod).get('DecisionsLatencyHigh')).toMatchObject({
      MetricName: 'DecisionLatency',
      ExtendedStatistic: 'p99',
      Period: 60,
      Threshold: 80,
    });
  });

  test.each([
    ['FastLong', 3_600, 14.4, 5],
    ['FastShort', 300, 14.4, 1],
    ['SlowLong', 21_600, 6, 5],
    ['SlowShort', 1_800, 6, 1],
  ])(
    '%s burns over %d s above %d %% of what counts, %d bad ones at least',
    (window, period, above, least) => {
      const alarms = alarmsOf(synthesized('prod', { enhancedFanOut: false }));
      const fallback = alarms.get(`DecisionsFallbackBurn${window}`);
      const lag = alarms.get(`CriticalLaneLagSyncLagBurn${window}`);
      for (const alarm of [fallback, lag]) {
        expect(alarm).toMatchObject({ Threshold: above, ComparisonOperator: 'GreaterThanThreshold' });
        expect(
          [...textOf(alarm?.Metrics).matchAll(/'Period':(\d+)/g)].map(([, seconds]) => Number(seconds)),
        ).toEqual([period, period]);
      }
      expect(textOf(fallback?.Metrics)).toContain(`IF(bad >= ${least}, 100 * bad / all, 0)`);
      expect(textOf(lag?.Metrics)).toContain(
        `IF(all * (100 - punctual) >= ${100 * least}, 100 - punctual, 0)`,
      );
      expect(textOf(lag?.Metrics)).toContain("'Stat':'PR(:3000)'");
    },
  );

  test('each function is watched for failing and for being turned away, each mapping for what it gives up', () => {
    const names = [...alarmsOf(prod).keys()];
    const count = (suffix: RegExp): number => names.filter((name) => suffix.test(name)).length;
    expect([count(/Failing$/), count(/[a-z]Throttled$/) - count(/^Throttles/)]).toEqual([
      functionsOf(prod),
      functionsOf(prod),
    ]);
    expect([count(/DeadLetters$/), count(/Dropped$/), count(/IteratorAgeHigh$/)]).toEqual([
      mappingsOf(prod),
      mappingsOf(prod),
      mappingsOf(prod),
    ]);
  });

  test('an idle shop raises no alarm', () => {
    for (const alarm of alarmsOf(prod).values()) expect(alarm.TreatMissingData).toBe('notBreaching');
  });
});

describe('one alarm pages', () => {
  const rule = textOf(pageOf(prod).AlarmRule);
  const mentioned = (text: string): readonly string[] =>
    [...text.matchAll(/'Fn::GetAtt':\['(\w+)[0-9A-F]{8}','Arn'\]/g)].map(([, name]) => name ?? '');

  test('for every alarm but the two levels whose budgets page, and for the windows of a burn rate in pairs', () => {
    expect(new Set(mentioned(rule))).toEqual(
      new Set(
        [...alarmsOf(prod).keys()].filter(
          (name) => !['DecisionsFallbackRateHigh', 'CriticalLaneLagSyncLagHigh'].includes(name),
        ),
      ),
    );
    const pairs = [...rule.matchAll(/ALARM\("<([^>]+)>"\) AND ALARM\("<([^>]+)>"\)/g)].map(([, one, other]) =>
      mentioned(`${one}${other}`),
    );
    expect(pairs).toEqual(
      ['DecisionsFallbackBurn', 'CriticalLaneLagSyncLagBurn'].flatMap((burn) =>
        ['Fast', 'Slow'].map((speed) => [`${burn}${speed}Long`, `${burn}${speed}Short`]),
      ),
    );
    const inPairs = new Set(pairs.flat());
    const alone = mentioned(rule.replaceAll(/ALARM\("<[^>]+>"\) AND ALARM\("<[^>]+>"\)/g, ''));
    expect(alone.filter((name) => inPairs.has(name))).toEqual([]);
  });

  test('with a rule that CloudWatch takes: 10,240 characters and 100 alarms at most, whatever they are called', () => {
    const arn = `arn:aws:cloudwatch:ap-southeast-1:123456789012:alarm:${'x'.repeat(95)}`;
    expect(rule.replaceAll(/<[^>]+>/g, arn).length).toBeLessThan(10_240);
    expect(mentioned(rule).length).toBeLessThan(100);
  });

  test('when it begins and when it is over, through one topic, and no other alarm says anything', () => {
    prod.serviceTemplate.resourceCountIs('AWS::SNS::Topic', 1);
    const [topic] = resourcesOf(prod.serviceTemplate, 'AWS::SNS::Topic').keys();
    expect(pageOf(prod)).toMatchObject({ AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] });
    for (const alarm of alarmsOf(prod).values()) {
      expect(alarm).not.toHaveProperty('AlarmActions');
      expect(alarm).not.toHaveProperty('OKActions');
    }
  });

  test('through a topic whose key lets CloudWatch in: that of AWS would not, and the message be lost', () => {
    const [topic] = byName(resourcesOf(prod.serviceTemplate, 'AWS::SNS::Topic')).values();
    const [key] = resourcesOf(prod.serviceTemplate, 'AWS::KMS::Key').entries();
    expect(topic?.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key?.[0], 'Arn'] });
    const statements = statementsIn(key?.[1].Properties.KeyPolicy);
    const ofCloudwatch = statements.find(({ Principal }) =>
      textOf(Principal).includes('cloudwatch.amazonaws.com'),
    );
    expect(textOf(ofCloudwatch?.Action)).toContain('kms:Decrypt');
    expect(textOf(ofCloudwatch?.Action)).toContain('kms:GenerateDataKey*');
  });

  test('and only that alarm may publish there', () => {
    const [policy] = byName(resourcesOf(prod.serviceTemplate, 'AWS::SNS::TopicPolicy')).values();
    const statements = statementsIn(policy?.PolicyDocument);
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    });
    expect(textOf(allowed[0]?.Condition)).toMatch(/'aws:SourceArn':\{'Fn::GetAtt':\['PagingPage/);
  });

  test('whoever store.config.ts names, or nobody', () => {
    prod.serviceTemplate.resourceCountIs('AWS::SNS::Subscription', 0);
    const { serviceTemplate } = synthesized('prod', { alarmEmail: 'oncall@shop.example' });
    serviceTemplate.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'oncall@shop.example',
    });
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
  const composites = [...resourcesOf(prod.serviceTemplate, COMPOSITE).values()].map(
    ({ Properties }) => Properties,
  );
  const linked = [...alarmsOf(prod).values(), ...composites].map(({ AlarmDescription }) => {
    expect(AlarmDescription).toMatch(/^\S.*\. What to do: docs\/runbook\.md#[a-z-]+$/);
    return textOf(AlarmDescription).split('#')[1] ?? '';
  });
  const incomplete = linked.flatMap((anchor) => {
    const entry = entries.get(anchor) ?? '';
    return ['**Means.**', '**See.**', '**Do.**', '**Done when.**']
      .filter((part) => !entry.includes(part))
      .map((part) => `${anchor} lacks ${part}`);
  });
  expect([...new Set(incomplete)]).toEqual([]);
  const withParts = [...entries]
    .filter(([, entry]) => entry.includes('**Means.**'))
    .map(([anchor]) => anchor);
  expect([...new Set(linked)].sort()).toEqual(withParts.sort());
});

test('links within the runbook lead somewhere', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const anchors = new Set(
    [...runbook.matchAll(/^##? (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    ),
  );
  const dead = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].filter(([, anchor = '']) => !anchors.has(anchor));
  expect(dead.map(([link]) => link)).toEqual([]);
});

test('graphs that the runbook names are on the dashboard', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const { DashboardBody } = propertiesOf(prod.serviceTemplate, 'AWS::CloudWatch::Dashboard');
  const named = [...runbook.matchAll(/[Dd]ashboard, [^.]*/g)].flatMap(([sentence]) =>
    [...sentence.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? ''),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((title) => !textOf(DashboardBody).includes(`"title":"${title}"`))).toEqual([]);
});
