import { LocalFault } from './fault.ts';

/** Values and how often each occurs; at least one. */
export type ValueCounts = readonly (readonly [value: number, times: number])[];
export type Statistic = (counts: ValueCounts) => number;

const known = new Map<string, Statistic>();

/**
 * What CloudWatch's word for a statistic means.
 *
 * @example statisticOf('PR(:300)')([[100, 3], [400, 1]]) // 75: the percentage of values up to 300
 * @throws {LocalFault} on one that is not honoured here
 */
export function statisticOf(word: string): Statistic {
  const statistic = known.get(word) ?? parse(word);
  known.set(word, statistic);
  return statistic;
}

function parse(word: string): Statistic {
  const simple = SIMPLE[word];
  if (simple) return simple;
  const percentile = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(word)?.[1];
  if (percentile !== undefined) return (counts) => percentileOf(counts, Number(percentile));
  const upTo = /^PR\(:(\d+(?:\.\d+)?)\)$/.exec(word)?.[1];
  if (upTo !== undefined)
    return (counts) => (100 * total(counts.filter(([value]) => value <= Number(upTo)))) / total(counts);
  throw new LocalFault(`The statistic ${word} is not honoured by the local run.`);
}

const SIMPLE: Readonly<Record<string, Statistic>> = {
  Sum: sum,
  SampleCount: total,
  Average: (counts) => sum(counts) / total(counts),
  Minimum: (counts) => counts.reduce((least, [value]) => Math.min(least, value), Infinity),
  Maximum: (counts) => counts.reduce((most, [value]) => Math.max(most, value), -Infinity),
};

function sum(counts: ValueCounts): number {
  return counts.reduce((all, [value, times]) => all + value * times, 0);
}

function total(counts: ValueCounts): number {
  return counts.reduce((all, [, times]) => all + times, 0);
}

function percentileOf(counts: ValueCounts, percentile: number): number {
  const rank = Math.max(1, Math.ceil((percentile / 100) * total(counts)));
  let seen = 0;
  for (const [value, times] of [...counts].sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= rank) return value;
  }
  return NaN;
}
