import type { MetricSample } from './emf.ts';

const MINUTE_MS = 60_000;

export interface MetricSummary {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Percentiles over all that is still kept; null once nothing is. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Absent: whatever the unit. */
  readonly unit?: string;
  /** CloudWatch's word: `Sum`, `Average`, `p99` … */
  readonly statistic: string;
}

/** What the functions have measured since the start of this run. */
export interface MetricStore {
  record(sample: MetricSample): void;
  summaries(): readonly MetricSummary[];
  /** The statistic over `[from, to)`, whole minutes in ms; `undefined` where nothing was measured. */
  statistic(query: MetricQuery, from: number, to: number): number | undefined;
}

interface Series extends Omit<MetricSummary, 'sum' | 'count' | 'min' | 'max' | 'p50' | 'p99'> {
  sum: number;
  count: number;
  min: number;
  max: number;
  /** Minute → value → how often. */
  readonly minutes: Map<number, Map<number, number>>;
}

/** @param retentionMs how far back statistics can be asked for; sums are over all time */
export function metricStore(retentionMs: number): MetricStore {
  const series = new Map<string, Series>();

  return {
    record({ namespace, name, dimensions, unit, values, at }) {
      const key = JSON.stringify([namespace, name, sorted(dimensions), unit]);
      let one = series.get(key);
      if (!one) {
        one = {
          namespace,
          name,
          dimensions,
          unit,
          sum: 0,
          count: 0,
          min: Infinity,
          max: -Infinity,
          minutes: new Map(),
        };
        series.set(key, one);
      }
      const minute = at - (at % MINUTE_MS);
      let counts = one.minutes.get(minute);
      if (!counts) {
        for (const old of one.minutes.keys()) if (old < minute - retentionMs) one.minutes.delete(old);
        counts = new Map();
        one.minutes.set(minute, counts);
      }
      for (const value of values) {
        one.sum += value;
        one.count += 1;
        one.min = Math.min(one.min, value);
        one.max = Math.max(one.max, value);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    },

    summaries: () =>
      [...series.values()].map(({ namespace, name, dimensions, unit, sum, count, min, max, minutes }) => ({
        namespace,
        name,
        dimensions,
        unit,
        sum,
        count,
        min,
        max,
        ...percentiles([...minutes.values()].flatMap((values) => [...values])),
      })),

    statistic(query, from, to) {
      const wanted = sorted(query.dimensions);
      const counts: [number, number][] = [];
      for (const one of series.values()) {
        if (one.name !== query.name || one.namespace !== query.namespace) continue;
        if (query.unit !== undefined && one.unit !== query.unit) continue;
        if (sorted(one.dimensions) !== wanted) continue;
        for (const [minute, values] of one.minutes) if (minute >= from && minute < to) counts.push(...values);
      }
      return counts.length > 0 ? summarize(counts, query.statistic) : undefined;
    },
  };
}

function percentiles(counts: [value: number, times: number][]): Pick<MetricSummary, 'p50' | 'p99'> {
  if (counts.length === 0) return { p50: null, p99: null };
  return { p50: summarize(counts, 'p50'), p99: summarize(counts, 'p99') };
}

function summarize(counts: [value: number, times: number][], statistic: string): number {
  const total = counts.reduce((sum, [, times]) => sum + times, 0);
  const sum = counts.reduce((all, [value, times]) => all + value * times, 0);
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'SampleCount':
      return total;
    case 'Minimum':
      return counts.reduce((least, [value]) => Math.min(least, value), Infinity);
    case 'Maximum':
      return counts.reduce((most, [value]) => Math.max(most, value), -Infinity);
    case 'Average':
      return sum / total;
    default: {
      const rank = Math.max(1, Math.ceil((Number(statistic.slice(1)) / 100) * total));
      let seen = 0;
      for (const [value, times] of counts.sort(([a], [b]) => a - b)) {
        seen += times;
        if (seen >= rank) return value;
      }
      return NaN;
    }
  }
}

function sorted(dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
