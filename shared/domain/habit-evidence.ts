/** One option as a shopper and the region chose it. */
export interface OptionChoices {
  /** The shopper's own choices of it, a whole number. */
  readonly uses: number;
  /** Of the region's shoppers, 0 to 1. */
  readonly share: number;
}

/** What a region never chose is rare, not impossible: one strange choice must not prove a habit. */
const LEAST_SHARE = 0.005;

/**
 * How likely a shopper has habits, 0 to 1, judged by the shopper's own choices. Two stories are compared: the shopper
 * chooses as the region does, every time; or the shopper has leanings of their own, drawn around the region's, and
 * whoever chose something once is likelier to choose it again (a Pólya urn that begins with `regionWeight` balls in the
 * region's colours). By Bayes' rule the odds are those that were assumed beforehand times how much better the second
 * story tells the choices. One choice alone says nothing, a repeated rare one much, ever different ones speak against.
 *
 * @param assumed the share of shoppers assumed to have habits, above 0, at most 1
 * @param regionWeight as many own uses as the whole region weighs, above 0
 * @example
 * habitLikelihood([{ uses: 3, share: 0.2 }, { uses: 0, share: 0.8 }], 0.5, 1) // → 0.92
 */
export function habitLikelihood(
  choices: readonly OptionChoices[],
  assumed: number,
  regionWeight: number,
): number {
  let logRatio = 0;
  let before = 0;
  for (const { uses, share } of choices) {
    const usual = Math.max(LEAST_SHARE, share);
    for (let use = 0; use < uses; use++) {
      const urn = (regionWeight * usual + use) / (regionWeight + before);
      logRatio += Math.log(urn / usual);
      before += 1;
    }
  }
  // Written this way round, odds too large for a number give 1 and odds too small 0.
  return 1 / (1 + ((1 - assumed) / assumed) * Math.exp(-logRatio));
}
