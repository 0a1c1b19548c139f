import { evaluateAlarm } from '../../local/alarm.ts';
import { parseEmf } from '../../local/emf.ts';
import { metricStore } from '../../local/metric-store.ts';
import { statisticOf } from '../../local/statistic.ts';

const at = Date.UTC(2026, 0, 1, 12, 0, 30);
const minute = at - 30_000;
const line = JSON.stringify({
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [
      {
        Namespace: 'Shop',
        Dimensions: [['service', 'Lane'], ['service']],
        Metrics: [
          { Name: 'Lag', Unit: 'Milliseconds' },
          { Name: 'Seen', Unit: 'Count' },
        ],
      },
    ],
  },
  service: 's',
  Lane: 'critical',
  Lag: [3, 1, 2],
  Seen: 4,
});

describe('embedded metrics', () => {
  it('are read per metric and set of dimensions', () => {
    expect(parseEmf(line)).toEqual([
      {
        namespace: 'Shop',
        name: 'Lag',
        dimensions: { service: 's', Lane: 'critical' },
        unit: 'Milliseconds',
        values: [3, 1, 2],
        at,
      },
      {
        namespace: 'Shop',
        name: 'Seen',
        dimensions: { service: 's', Lane: 'critical' },
        unit: 'Count',
        values: [4],
        at,
      },
      {
        namespace: 'Shop',
        name: 'Lag',
        dimensions: { service: 's' },
        unit: 'Milliseconds',
        values: [3, 1, 2],
        at,
      },
      { namespace: 'Shop', name: 'Seen', dimensions: { service: 's' }, unit: 'Count', values: [4], at },
    ]);
  });

  it.each([['text'], ['{"_aws":1}'], ['{"_aws"'], ['{"level":"INFO"}']])('%s is no metric', (other) => {
    expect(parseEmf(other)).toBeUndefined();
  });

  it('give statistics by the minute, for exactly these dimensions and this unit', () => {
    const store = metricStore(3_600_000);
    parseEmf(line)?.forEach(store.record);
    const lag = {
      namespace: 'Shop',
      name: 'Lag',
      dimensions: { Lane: 'critical', service: 's' },
      statistic: 'p50',
    };
    const ask = (statistic: string, more: object = {}) =>
      store.statistic({ ...lag, statistic, ...more }, minute, minute + 60_000);
    expect(
      ['p50', 'p99', 'Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'PR(:1)', 'PR(:2.5)'].map((one) =>
        ask(one),
      ),
    ).toEqual([2, 3, 6, 2, 1, 3, 3, 100 / 3, 200 / 3]);
    expect(ask('Sum', { dimensions: {} })).toBeUndefined();
    expect(ask('Sum', { unit: 'Seconds' })).toBeUndefined();
    expect(store.statistic(lag, minute + 60_000, minute + 120_000)).toBeUndefined();
    expect(store.summaries()[1]).toMatchObject({ name: 'Seen', sum: 4, count: 1 });
  });
});

test.each(['p', 'p101', 'sum', 'TM(5%:95%)', 'PR(1:2)', 'PR(:)', 'p99 '])(
  'the statistic %j is refused by name instead of being taken for another',
  (word) => {
    expect(() => statisticOf(word)).toThrow(`The statistic ${word} is not honoured by the local run.`);
  },
);

describe('alarms are evaluated as CloudWatch documents it', () => {
  const rule = {
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    threshold: 10,
    comparison: 'GreaterThanThreshold',
    missing: 'missing',
  } as const;
  // 0: within the threshold, X: breaching, -: missing; the last column is the newest.
  const points = (text: string) =>
    text.split(' ').map((one) => (one === '-' ? undefined : one === 'X' ? 11 : 10));
  const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
  const evaluate = (text: string, datapointsToAlarm: number) =>
    treatments.map((missing) =>
      evaluateAlarm({ ...rule, datapointsToAlarm, missing }, points(text), 'INSUFFICIENT_DATA'),
    );
  const kept = 'INSUFFICIENT_DATA';

  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', kept, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', kept, 'ALARM', 'OK']],
  ])('3 of 3, %s', (text, states) => {
    expect(evaluate(text, 3)).toEqual(states);
  });

  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', kept, 'ALARM', 'OK']],
  ])('2 of 3, %s', (text, states) => {
    expect(evaluate(text, 2)).toEqual(states);
  });

  it.each([
    ['GreaterThanThreshold', 10, 'OK'],
    ['GreaterThanOrEqualToThreshold', 10, 'ALARM'],
    ['LessThanThreshold', 10, 'OK'],
    ['LessThanOrEqualToThreshold', 10, 'ALARM'],
  ] as const)('%s of the threshold itself: %s → %s', (comparison, value, state) => {
    const one = { ...rule, comparison, evaluationPeriods: 1, datapointsToAlarm: 1 };
    expect(evaluateAlarm(one, [value, value, value], 'OK')).toBe(state);
  });
});
