import { LocalFault } from './fault.ts';
import { type Formula, parseFormula } from './metric-math.ts';
import type { MetricQuery, MetricStore } from './metric-store.ts';
import { statisticOf } from './statistic.ts';

/** One entry of a graph's or an alarm's list of metrics: a metric, or an expression over others of the same list. */
export interface MetricLine {
  /** How expressions call it. */
  readonly id?: string;
  readonly label: string;
  /** Others are there for expressions only. */
  readonly isShown: boolean;
  readonly periodSeconds: number;
  readonly source: { readonly query: MetricQuery } | { readonly formula: Formula };
}

export interface LineSpec {
  readonly id?: string;
  readonly label?: string;
  readonly isShown: boolean;
  readonly periodSeconds: number;
  readonly source: { readonly query: MetricQuery } | { readonly expression: string };
}

/**
 * Checks a list of metrics as CloudWatch would.
 *
 * @param where for people: the alarm or graph that has the list
 * @throws {LocalFault} on a statistic, function or id that is not known
 */
export function metricLines(specs: readonly LineSpec[], where: string): readonly MetricLine[] {
  const ids = new Set(specs.map(({ id }) => id));
  return specs.map(({ label, source, ...spec }) => {
    if ('query' in source) {
      statisticOf(source.query.statistic);
      return { ...spec, label: label ?? source.query.name, source };
    }
    const formula = parseFormula(source.expression);
    const unknown = [...formula.ids].find((id) => !ids.has(id));
    if (unknown !== undefined)
      throw new LocalFault(
        `${where} has the expression "${source.expression}", but nothing called ${unknown}.`,
      );
    return { ...spec, label: label ?? source.expression, source: { formula } };
  });
}

/** A line's value over one period `[from, to)`, whole minutes in ms; `undefined`: no data point. */
export function valueOf(
  line: MetricLine,
  lines: readonly MetricLine[],
  metrics: MetricStore,
  from: number,
  to: number,
): number | undefined {
  const { source, periodSeconds } = line;
  if ('query' in source) return metrics.statistic(source.query, from, to);
  return source.formula.compute({
    periodSeconds,
    value(id) {
      const operand = lines.find((candidate) => candidate.id === id);
      return operand && valueOf(operand, lines, metrics, from, to);
    },
  });
}
