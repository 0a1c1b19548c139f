import type { Json } from '../../shared/domain/json.ts';
import { type AlarmWatch, retentionFor, watchAlarms } from '../../local/alarm-watch.ts';
import { type MetricStore, metricStore } from '../../local/metric-store.ts';
import { planAlarm, planCompositeAlarm } from '../../local/plan-alarms.ts';
import { runClock, type RunClock } from '../../local/run-clock.ts';
import type { Resource } from '../../local/stacks.ts';

const START = Date.UTC(2026, 0, 1, 12, 0, 5);
const MINUTE = 60_000;

function resource(id: string, type: string, properties: Readonly<Record<string, Json>>): Resource {
  return { key: `Stack/${id}`, id, type, name: () => `${id}-1`, properties: () => properties };
}

const EVALUATION = { ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' };
const simple = (properties: Readonly<Record<string, Json>> = {}): Resource =>
  resource('Simple', 'AWS::CloudWatch::Alarm', {
    ...EVALUATION,
    AlarmDescription: 'It is too much.',
    Namespace: 'Shop',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'Function', Value: 'f' }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 0,
    ...properties,
  });
const stat = (id: string, statistic: string, period = 3600): Json => ({
  Id: id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Bad' }, Period: period, Stat: statistic },
});
const share = (metrics?: readonly Json[]): Resource =>
  resource('Share', 'AWS::CloudWatch::Alarm', {
    ...EVALUATION,
    EvaluationPeriods: 1,
    Threshold: 14.4,
    Metrics: metrics ?? [
      { Id: 'rate', Expression: 'IF(bad >= 5, 100 * bad / all, 0)' },
      stat('bad', 'Sum'),
      stat('all', 'SampleCount'),
    ],
  });

describe('alarms over the time of a run', () => {
  let clock: RunClock;
  let metrics: MetricStore;
  let watch: AlarmWatch;
  const said: string[] = [];
  const start = (...resources: readonly Resource[]): void => {
    const alarms = resources.map(planAlarm);
    const names = new Set(alarms.map(({ name }) => name));
    const page = resource('Page', 'AWS::CloudWatch::CompositeAlarm', {
      AlarmRule: alarms.map(({ name }) => `ALARM("arn:aws:cloudwatch:x:0:alarm:${name}")`).join(' AND '),
      AlarmActions: ['arn:aws:sns:x:0:topic'],
    });
    said.length = 0;
    clock = runClock(() => START);
    metrics = metricStore(retentionFor(alarms));
    watch?.end();
    watch = watchAlarms(
      { alarms, compositeAlarms: [planCompositeAlarm(page, names)] },
      metrics,
      clock,
      (line) => said.push(line),
    );
  };
  const record = (name: string, values: readonly number[], dimensions = {}): void =>
    metrics.record({ namespace: 'Shop', name, dimensions, unit: 'Count', values, at: clock.now() });
  const states = (): readonly string[] => watch.status().map(({ name, state }) => `${name} ${state}`);
  afterAll(() => watch.end());

  it('an idle shop is well', () => {
    start(simple(), share());
    expect(states()).toEqual(['Simple OK', 'Share OK', 'Page OK']);
    clock.advance(24 * 60 * MINUTE);
    expect(states()).toEqual(['Simple OK', 'Share OK', 'Page OK']);
    expect(said).toEqual([]);
  });

  it('two of three periods raise it, one does not, and it is over when they have passed', () => {
    start(simple());
    record('Errors', [1], { Function: 'f' });
    clock.advance(MINUTE);
    expect(states()[0]).toBe('Simple OK');
    clock.advance(5 * MINUTE);
    record('Errors', [1], { Function: 'f' });
    clock.advance(5 * MINUTE);
    expect(states()).toEqual(['Simple ALARM', 'Page ALARM']);
    for (let count = 0; count < 4; count++) {
      record('Errors', [0], { Function: 'f' });
      clock.advance(5 * MINUTE);
    }
    expect(states()).toEqual(['Simple OK', 'Page OK']);
    expect(said).toEqual([
      'alarm Simple: OK → ALARM',
      'page Page: OK → ALARM',
      'alarm Simple: ALARM → OK',
      'page Page: ALARM → OK',
    ]);
  });

  it('another function’s errors are not its own', () => {
    start(simple());
    for (let count = 0; count < 6; count++) {
      record('Errors', [1], { Function: 'g' });
      clock.advance(5 * MINUTE);
    }
    expect(states()[0]).toBe('Simple OK');
  });

  it('a share burns once enough are bad in the long window, however well all was before', () => {
    start(share());
    for (let minute = 0; minute < 60; minute++) {
      record(
        'Bad',
        Array.from({ length: 10 }, () => 0),
      );
      clock.advance(MINUTE);
    }
    expect(states()[0]).toBe('Share OK');
    const burning: string[] = [];
    for (let minute = 0; minute < 10; minute++) {
      record(
        'Bad',
        Array.from({ length: 10 }, () => 1),
      );
      clock.advance(MINUTE);
      burning.push(states()[0] ?? '');
    }
    // 14.4 % of an hour is 8.6 minutes.
    expect(burning.indexOf('Share ALARM')).toBe(8);
    expect(watch.status()[0]).toMatchObject({ value: 100 / 6, since: START - 5_000 + 69 * MINUTE });
  });

  it('four bad ones in a quiet night burn nothing', () => {
    start(share());
    record('Bad', [1, 1, 1, 1]);
    clock.advance(MINUTE);
    expect(watch.status()[0]).toMatchObject({ state: 'OK', value: 0 });
    record('Bad', [1]);
    clock.advance(MINUTE);
    expect(watch.status()[0]).toMatchObject({ state: 'ALARM', value: 100 });
  });

  it('a clock that is moved by hours passes no minute over: what was raised and over in between is known', () => {
    start(simple({ EvaluationPeriods: 1, DatapointsToAlarm: 1, Period: 60 }));
    record('Errors', [1], { Function: 'f' });
    clock.advance(6 * 60 * MINUTE);
    const [alarm] = watch.status();
    expect(alarm).toMatchObject({ state: 'OK', description: 'It is too much.' });
    expect(alarm?.history.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
    expect(said.filter((line) => line.startsWith('page'))).toEqual([
      'page Page: INSUFFICIENT_DATA → ALARM',
      'page Page: ALARM → OK',
    ]);
  });
});

describe('what an alarm says that cannot be honoured is refused by name', () => {
  it.each([
    [
      'metrics of different periods',
      share([{ Id: 'e', Expression: 'a / b' }, stat('a', 'Sum', 60), stat('b', 'Sum', 300)]),
      /alarm Share mixes metrics of different periods/,
    ],
    [
      'two values to watch',
      share([{ Id: 'e', Expression: 'a' }, { Id: 'f', Expression: 'a' }, stat('a', 'Sum')]),
      /alarm Share must watch exactly one/,
    ],
    [
      'an id that nothing has',
      share([{ Id: 'e', Expression: 'c' }, stat('a', 'Sum')]),
      /alarm Share has the expression "c", but nothing called c/,
    ],
    ['a function', share([{ Id: 'e', Expression: 'FILL(a, 0)' }, stat('a', 'Sum')]), /FILL/],
    ['a statistic', simple({ Statistic: 'Summ' }), /statistic Summ/],
    ['a band', simple({ ThresholdMetricId: 'x', Threshold: 'none' }), /Simple .*no fixed threshold/],
    [
      'few samples',
      simple({ EvaluateLowSampleCountPercentile: 'ignore' }),
      /Simple .*EvaluateLowSampleCountPercentile is not honoured/,
    ],
  ])('%s', (_, alarm, sentence) => {
    expect(() => planAlarm(alarm)).toThrow(sentence);
  });
});
