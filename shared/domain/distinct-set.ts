import { decodeInteger, encodeInteger, hash64 } from './hash.ts';

/**
 * How many different things were seen, without keeping them: the smallest digests, ascending (a k-minimum-values
 * sketch). Adding is a join, so order, repetition and portions of reading do not matter. Exact while it is not full,
 * then within about 13 % (one standard error, 1/√(k − 2)).
 */
export type DistinctSet = readonly number[];

/** Kept digests (k). */
export const DISTINCT_KEPT = 64;
/** 30 bits: two of a full set's digests are the same by chance once in half a million sets. */
const DIGEST_BITS = 30;
const DIGEST_WIDTH = DIGEST_BITS / 6;

/** A name's digest: spread evenly over 30 bits, and not to be turned back. */
export function digestOf(name: string): number {
  return hash64(name)[0] >>> (32 - DIGEST_BITS);
}

/** @returns `set` itself if the digest changes nothing */
export function addDigest(set: DistinctSet, digest: number): DistinctSet {
  const largest = set[DISTINCT_KEPT - 1];
  if ((largest !== undefined && digest >= largest) || set.includes(digest)) return set;
  return [...set, digest].sort((left, right) => left - right).slice(0, DISTINCT_KEPT);
}

export function mergeDistinct(left: DistinctSet, right: DistinctSet): DistinctSet {
  return [...new Set([...left, ...right])].sort((one, other) => one - other).slice(0, DISTINCT_KEPT);
}

/**
 * How many different things a set has seen.
 *
 * @example countDistinct(['ann', 'bob', 'ann'].map(digestOf).reduce(addDigest, [])) // → 2
 */
export function countDistinct(set: DistinctSet): number {
  const largest = set[DISTINCT_KEPT - 1];
  // The k-th smallest of n even digests lies at about k/n of their range; k − 1 makes the estimate unbiased.
  return largest === undefined ? set.length : ((DISTINCT_KEPT - 1) * 2 ** DIGEST_BITS) / (largest + 1);
}

/** Five characters a digest, unseparated. */
export function encodeDistinct(set: DistinctSet): string {
  return set.map((digest) => encodeInteger(digest, DIGEST_WIDTH)).join('');
}

export function decodeDistinct(packed: string): DistinctSet {
  const digests: number[] = [];
  for (let offset = 0; offset < packed.length; offset += DIGEST_WIDTH)
    digests.push(decodeInteger(packed.slice(offset, offset + DIGEST_WIDTH)));
  return digests;
}
