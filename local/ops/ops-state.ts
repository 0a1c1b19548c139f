import type { AlarmStatus } from '../alarm-watch.ts';
import { type Dashboard, drawGraph } from '../dashboard.ts';
import type { EventSourceStatus } from '../event-source.ts';
import type { MetricStore } from '../metric-store.ts';
import type { LoggedDecision } from './decision-log.ts';
import { type Glance, glance } from './glance.ts';
import { type Filling, whatFills } from './what-fills.ts';

type DashboardWidget = Dashboard['widgets'][number];
type DashboardGraph = Extract<DashboardWidget, { readonly type: 'metric' }>;

export interface OpsLine {
  readonly label: string;
  readonly periodSeconds: number;
  /** Starts of periods, ms since the epoch, and values; oldest first, gaps left out. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** A graph of the dashboard with its lines drawn. */
export interface OpsGraph extends Omit<DashboardGraph, 'lines'> {
  readonly lines: readonly OpsLine[];
  readonly filledBy: Filling;
}

export type OpsWidget = OpsGraph | Exclude<DashboardWidget, DashboardGraph>;

/** Everything that `/ops` shows, as of `now`. */
export interface OpsState {
  /** ms since the epoch by the run's clock, as all times here. */
  readonly now: number;
  readonly from: number;
  readonly glance: Glance;
  /** In reading order: row by row, from left to right. */
  readonly widgets: readonly OpsWidget[];
  readonly alarms: readonly AlarmStatus[];
  readonly sources: readonly Pick<EventSourceStatus, 'function' | 'pending' | 'lagMs' | 'failures'>[];
  /** Newest first. */
  readonly decisions: readonly LoggedDecision[];
}

export interface OpsSources {
  readonly metrics: MetricStore;
  readonly alarms: { status(): readonly AlarmStatus[] };
  readonly dashboards: readonly Dashboard[];
  readonly sources: readonly { status(): EventSourceStatus }[];
  readonly clock: { now(): number };
  readonly decisions: { latest(): readonly LoggedDecision[] };
}

/** @param spanMs how far back graphs reach */
export function opsState(run: OpsSources, spanMs: number): OpsState {
  const now = run.clock.now();
  const from = now - spanMs;
  return {
    now,
    from,
    glance: glance(run.metrics, now),
    widgets: run.dashboards.flatMap(({ widgets }) =>
      [...widgets]
        .sort((a, b) => a.y - b.y || a.x - b.x)
        .map((widget) => (widget.type === 'metric' ? drawn(widget, run.metrics, from, now) : widget)),
    ),
    alarms: run.alarms.status(),
    sources: run.sources.map((source) => {
      const { function: name, pending, lagMs, failures } = source.status();
      return { function: name, pending, lagMs, failures };
    }),
    decisions: run.decisions.latest(),
  };
}

function drawn(graph: DashboardGraph, metrics: MetricStore, from: number, to: number): OpsGraph {
  const shown = graph.lines.filter(({ isShown }) => isShown);
  const read = graph.lines.flatMap(({ source }) => ('query' in source ? [source.query.name] : []));
  return {
    ...graph,
    lines: drawGraph(graph, metrics, from, to).map((line, index) => ({
      ...line,
      periodSeconds: shown[index]?.periodSeconds ?? 0,
    })),
    filledBy: whatFills(read),
  };
}
