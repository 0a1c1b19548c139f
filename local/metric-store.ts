import type { MetricSample } from './emf.ts';
import { statisticOf } from './statistic.ts';

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

/** What the functions, and AWS in their place, have measured since the start of this run. */
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
  /** By name and dimensions, then by unit. */
  const series = new Map<string, Map<string, Series>>();

  function seriesOf({ namespace, name, dimensions, unit }: MetricSample): Series {
    const key = keyOf(namespace, name, dimensions);
    const byUnit = series.get(key) ?? new Map<string, Series>();
    series.set(key, byUnit);
    const one = byUnit.get(unit) ?? {
      namespace,
      name,
      dimensions,
      unit,
      sum: 0,
      count: 0,
      min: Infinity,
      max: -Infinity,
      minutes: new Map<number, Map<number, number>>(),
    };
    byUnit.set(unit, one);
    return one;
  }

  return {
    record(sample) {
      const one = seriesOf(sample);
      const minute = sample.at - (sample.at % MINUTE_MS);
      let counts = one.minutes.get(minute);
      if (!counts) {
        for (const old of one.minutes.keys()) if (old < minute - retentionMs) one.minutes.delete(old);
        counts = new Map();
        one.minutes.set(minute, counts);
      }
      for (const value of sample.values) {
        one.sum += value;
        one.count += 1;
        one.min = Math.min(one.min, value);
        one.max = Math.max(one.max, value);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    },

    summaries: () =>
      [...series.values()]
        .flatMap((byUnit) => [...byUnit.values()])
        .map(({ minutes, ...one }) => ({
          ...one,
          ...percentiles([...minutes.values()].flatMap((values) => [...values])),
        })),

    statistic({ namespace, name, dimensions, unit, statistic }, from, to) {
      const counts: [number, number][] = [];
      for (const one of series.get(keyOf(namespace, name, dimensions))?.values() ?? []) {
        if (unit !== undefined && one.unit !== unit) continue;
        for (const [minute, values] of one.minutes) if (minute >= from && minute < to) counts.push(...values);
      }
      return counts.length > 0 ? statisticOf(statistic)(counts) : undefined;
    },
  };
}

function percentiles(counts: readonly [value: number, times: number][]): Pick<MetricSummary, 'p50' | 'p99'> {
  if (counts.length === 0) return { p50: null, p99: null };
  return { p50: statisticOf('p50')(counts), p99: statisticOf('p99')(counts) };
}

function keyOf(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
