import * as v from 'valibot';
import { alarmNameIn } from './composite-alarm.ts';
import { LocalFault } from './fault.ts';
import { type LineSpec, type MetricLine, metricLines, valueOf } from './metric-lines.ts';
import type { MetricStore } from './metric-store.ts';
import { readProperties } from './read-properties.ts';
import type { Resource } from './stacks.ts';

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A graph as the template defines it. */
interface Graph extends Placed {
  readonly type: 'metric';
  readonly title: string;
  readonly stacked: boolean;
  readonly axis: { readonly label?: string; readonly min?: number; readonly max?: number };
  /** Lines across: service levels. */
  readonly objectives: readonly { readonly value: number; readonly label?: string }[];
  readonly lines: readonly MetricLine[];
}

type Widget =
  | Graph
  | (Placed & { readonly type: 'text'; readonly markdown: string })
  /** Physical names of alarms, in the order of the page. */
  | (Placed & { readonly type: 'alarm'; readonly title: string; readonly alarms: readonly string[] });

export interface Dashboard {
  readonly name: string;
  readonly widgets: readonly Widget[];
}

/** A line of a graph with its values: a point is the start of its period, ms since the epoch, and the value. */
export interface Drawn {
  readonly label: string;
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** CloudWatch's own, where a widget says nothing. */
const DEFAULT_PERIOD_SECONDS = 300;

const Options = v.object({
  id: v.optional(v.string()),
  label: v.optional(v.string()),
  expression: v.optional(v.string()),
  visible: v.optional(v.boolean(), true),
  period: v.optional(v.number(), DEFAULT_PERIOD_SECONDS),
  stat: v.optional(v.string(), 'Average'),
});
const place = { x: v.number(), y: v.number(), width: v.number(), height: v.number() };
const Body = v.object({
  widgets: v.array(
    v.variant('type', [
      v.object({
        type: v.literal('metric'),
        ...place,
        properties: v.object({
          title: v.optional(v.string(), ''),
          view: v.optional(v.literal('timeSeries', 'is no graph over time'), 'timeSeries'),
          stacked: v.optional(v.boolean(), false),
          metrics: v.array(v.array(v.union([v.string(), Options]))),
          yAxis: v.optional(
            v.object({
              left: v.optional(
                v.object({
                  label: v.optional(v.string()),
                  min: v.optional(v.number()),
                  max: v.optional(v.number()),
                }),
                {},
              ),
            }),
            {},
          ),
          annotations: v.optional(
            v.object({
              horizontal: v.optional(
                v.array(v.object({ value: v.number(), label: v.optional(v.string()) })),
                [],
              ),
            }),
            {},
          ),
        }),
      }),
      v.object({ type: v.literal('text'), ...place, properties: v.object({ markdown: v.string() }) }),
      v.object({
        type: v.literal('alarm'),
        ...place,
        properties: v.object({ title: v.optional(v.string(), ''), alarms: v.array(v.string()) }),
      }),
    ]),
  ),
});
const DashboardProperties = v.object({
  DashboardBody: v.pipe(v.string(), v.parseJson(), Body),
});

type MetricProperties = Extract<v.InferOutput<typeof Body>['widgets'][number], { type: 'metric' }>;

/** @throws {LocalFault} naming the dashboard that has something which cannot be honoured */
export function planDashboard(resource: Resource): Dashboard {
  const { widgets } = readProperties(DashboardProperties, resource).DashboardBody;
  return {
    name: resource.name(),
    widgets: widgets.map((widget): Widget => {
      const { x, y, width, height } = widget;
      const placed = { x, y, width, height };
      switch (widget.type) {
        case 'metric':
          return { ...placed, ...graphOf(widget) };
        case 'text':
          return { ...placed, type: 'text', markdown: widget.properties.markdown };
        case 'alarm': {
          const { title, alarms } = widget.properties;
          return { ...placed, type: 'alarm', title, alarms: alarms.map(alarmNameIn) };
        }
      }
    }),
  };
}

function graphOf({ properties }: MetricProperties): Omit<Graph, keyof Placed> {
  const { title, stacked, yAxis, annotations, metrics } = properties;
  return {
    type: 'metric',
    title,
    stacked,
    axis: yAxis.left ?? {},
    objectives: annotations.horizontal ?? [],
    lines: metricLines(
      metrics.map((entry) => lineOf(entry, title)),
      `The graph "${title}"`,
    ),
  };
}

function lineOf(entry: readonly (string | v.InferOutput<typeof Options>)[], title: string): LineSpec {
  const words = entry.filter((part) => typeof part === 'string');
  const { id, label, expression, visible, period, stat } =
    entry.find((part) => typeof part === 'object') ?? v.parse(Options, {});
  const spec = {
    ...(id === undefined ? {} : { id }),
    ...(label === undefined ? {} : { label }),
    isShown: visible,
    periodSeconds: period,
  };
  if (expression !== undefined) return { ...spec, source: { expression } };
  const [namespace, name, ...pairs] = words;
  if (namespace === undefined || name === undefined || pairs.length % 2 > 0 || words.includes('.'))
    throw new LocalFault(`The graph "${title}" has the metric ${words.join()}, which is not honoured.`);
  const dimensions: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2)
    dimensions[pairs[index] ?? ''] = pairs[index + 1] ?? '';
  return { ...spec, source: { query: { namespace, name, dimensions, statistic: stat } } };
}

/** The shown lines of a graph over `[from, to)`, ms since the epoch; periods begin at multiples of their length. */
export function drawGraph(
  { lines }: Pick<Graph, 'lines'>,
  metrics: MetricStore,
  from: number,
  to: number,
): readonly Drawn[] {
  return lines
    .filter(({ isShown }) => isShown)
    .map((line) => {
      const periodMs = line.periodSeconds * 1000;
      const points: (readonly [number, number])[] = [];
      for (let at = from - (from % periodMs); at < to; at += periodMs) {
        const value = valueOf(line, lines, metrics, at, at + periodMs);
        if (value !== undefined) points.push([at, value]);
      }
      return { label: line.label, points };
    });
}
