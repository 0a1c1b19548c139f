import type { Json } from '../../shared/domain/json.ts';
import { drawGraph, planDashboard } from '../../local/dashboard.ts';
import { metricStore } from '../../local/metric-store.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const PLACE = { x: 0, y: 0, width: 8, height: 6 };

const plan = (...widgets: readonly Json[]) =>
  planDashboard({
    key: 'Stack/Board',
    id: 'Board',
    type: 'AWS::CloudWatch::Dashboard',
    name: () => 'Board-1',
    properties: () => ({ DashboardBody: JSON.stringify({ widgets }) }),
  }).widgets;
const graph = (...metrics: readonly Json[]) =>
  plan({ type: 'metric', ...PLACE, properties: { title: 'Lag', view: 'timeSeries', metrics } })[0]!;

test('texts and alarms come as they stand, alarms by their names', () => {
  expect(
    plan(
      { type: 'text', ...PLACE, properties: { markdown: '## Served?' } },
      {
        type: 'alarm',
        ...PLACE,
        properties: { title: 'Alarms', alarms: ['arn:aws:cloudwatch:x:0:alarm:Page-1'] },
      },
    ),
  ).toEqual([
    { type: 'text', ...PLACE, markdown: '## Served?' },
    { type: 'alarm', ...PLACE, title: 'Alarms', alarms: ['Page-1'] },
  ]);
});

test('a graph has its lines, its axis and the service level across', () => {
  const [widget] = plan({
    type: 'metric',
    ...PLACE,
    properties: {
      title: 'Lag',
      metrics: [['Shop', 'Lag', 'Lane', 'critical', { stat: 'p99', period: 60, label: 'p99' }]],
      yAxis: { left: { label: 'ms', min: 0, showUnits: false } },
      annotations: { horizontal: [{ value: 80, label: 'at most 80 ms', yAxis: 'left', color: '#d62728' }] },
    },
  });
  expect(widget).toMatchObject({
    title: 'Lag',
    stacked: false,
    axis: { label: 'ms', min: 0 },
    objectives: [{ value: 80, label: 'at most 80 ms' }],
    lines: [
      {
        label: 'p99',
        isShown: true,
        periodSeconds: 60,
        source: {
          query: { namespace: 'Shop', name: 'Lag', dimensions: { Lane: 'critical' }, statistic: 'p99' },
        },
      },
    ],
  });
});

test('its lines are drawn at the starts of their periods, expressions over hidden metrics too, and gaps stay gaps', () => {
  const metrics = metricStore(24 * 60 * MINUTE);
  const record = (name: string, minute: number, values: readonly number[]): void =>
    metrics.record({
      namespace: 'Shop',
      name,
      dimensions: {},
      unit: 'Count',
      values,
      at: NOON + minute * MINUTE,
    });
  record('Bad', 0, [1, 0, 0, 0]);
  record('Bad', 4, [1]);
  record('Bad', 12, [0, 0]);
  const widget = graph(
    [{ expression: '100 * bad / all', label: 'rate' }],
    ['Shop', 'Bad', { id: 'bad', visible: false, stat: 'Sum' }],
    ['Shop', 'Bad', { id: 'all', visible: false, stat: 'SampleCount' }],
    ['Shop', 'Bad', { stat: 'Maximum', period: 60, label: 'worst' }],
  );
  if (widget.type !== 'metric') throw new Error('not a graph');

  expect(drawGraph(widget, metrics, NOON + MINUTE, NOON + 15 * MINUTE)).toEqual([
    {
      label: 'rate',
      points: [
        [NOON, 40],
        [NOON + 10 * MINUTE, 0],
      ],
    },
    {
      label: 'worst',
      points: [
        [NOON + 4 * MINUTE, 1],
        [NOON + 12 * MINUTE, 0],
      ],
    },
  ]);
});

test.each([
  [
    'a number',
    { type: 'metric', ...PLACE, properties: { view: 'singleValue', metrics: [] } },
    /Board .*is no graph over time/,
  ],
  [
    'a query of logs',
    { type: 'log', ...PLACE, properties: {} },
    /Board of type AWS::CloudWatch::Dashboard cannot be honoured/,
  ],
])('%s is refused', (_, widget: Json, sentence) => {
  expect(() => plan(widget)).toThrow(sentence);
});

test.each([
  ['what CloudWatch abbreviates', ['Shop', 'Bad', '.', 'x', {}], /graph "Lag" has the metric Shop,Bad,\.,x/],
  ['half a dimension', ['Shop', 'Bad', 'Lane', {}], /graph "Lag" has the metric Shop,Bad,Lane/],
  ['a statistic', ['Shop', 'Bad', { stat: 'p999' }], /statistic p999/],
  ['a search', [{ expression: "SEARCH('{Shop}', 'Sum', 60)" }], /SEARCH/],
  [
    'an id that nothing has',
    [{ expression: '100 * bad' }],
    /graph "Lag" has the expression "100 \* bad", but nothing called bad/,
  ],
])('%s is refused by name', (_, metric: Json, sentence) => {
  expect(() => graph(metric)).toThrow(sentence);
});
