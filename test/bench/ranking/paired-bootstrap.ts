import { seededRandom } from './seeded-random.ts';

export interface Interval {
  readonly mean: number;
  /** The middle 95 % of the resampled means. */
  readonly low: number;
  readonly high: number;
}

export interface PairedDifference {
  /** What one shopper's checkouts have in common: they are drawn together. */
  readonly cluster: string;
  readonly difference: number;
}

const RESAMPLES = 2_000;

/**
 * The mean of paired differences with its bootstrap interval (percentile method, whole shoppers resampled with
 * replacement: Cameron, Gelbach & Miller 2008, "pairs cluster bootstrap"). NaN without any difference.
 */
export function pairedBootstrap(
  differences: readonly PairedDifference[],
  seed: number,
  resamples = RESAMPLES,
): Interval {
  const clusters = new Map<string, { sum: number; count: number }>();
  for (const { cluster, difference } of differences) {
    const known = clusters.get(cluster) ?? { sum: 0, count: 0 };
    clusters.set(cluster, { sum: known.sum + difference, count: known.count + 1 });
  }
  const drawn = [...clusters.values()];
  const random = seededRandom(seed);
  const means = Array.from({ length: drawn.length === 0 ? 0 : resamples }, () => {
    let sum = 0;
    let count = 0;
    for (let index = 0; index < drawn.length; index++) {
      const one = drawn[Math.floor(random() * drawn.length)]!;
      sum += one.sum;
      count += one.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (share: number): number =>
    means[Math.min(means.length - 1, Math.floor(share * means.length))] ?? NaN;
  const mean = differences.reduce((sum, { difference }) => sum + difference, 0) / differences.length;
  return { mean, low: at(0.025), high: at(0.975) };
}
