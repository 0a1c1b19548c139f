import type { DecisionConfig, PaymentOption } from '../../../shared/domain/decide.ts';
import type { CheckoutMoment } from './checkout-moments.ts';
import { mean, scoreDecision, type Arm } from './score-ranking.ts';

/** The constants of ranking, as store.config.ts names them. */
export interface Weights {
  /** `payment.halfLifeMonths` */
  readonly halfLifeMonths: number;
  /** `payment.habitPrior` */
  readonly habitPrior: number;
  /** `regions.weight`: as many own uses as the whole region weighs */
  readonly regionWeight: number;
  /** `regions.halfLifeMonths` */
  readonly regionHalfLifeMonths: number;
}

const HALF_LIVES = [1, 2, 3, 6, 12, 24, 48];
/** From the heaviest. */
const REGION_WEIGHTS = [4, 2, 1, 0.5, 0.25, 0.125];
const HABIT_PRIORS = [0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1];

export interface Fit {
  readonly weights: Weights;
  /** Mean surprise, the lower the better, and its standard error. */
  readonly surprise: number;
  readonly error: number;
  readonly top1: number;
}

export interface Learned {
  /** Checkouts that own uses were learned from. */
  readonly returning: number;
  readonly chosen: Fit;
  readonly best: Fit;
  /** The best half-life for each assumed share of shoppers with habits and each weight of the region. */
  readonly fits: readonly Fit[];
}

/**
 * Chooses the constants that were least surprised by a validation slice: first how a region ages, on every checkout,
 * then how own uses age and weigh, on those of shoppers who have any. Surprise (log loss) and not a hit rate: it
 * counts how sure an order was, so that a few hundred checkouts are enough to tell constants apart. Of those within one
 * standard error of the best (Breiman et al. 1984, § 3.4.3) the fewest assumed habits are taken, and then the heaviest
 * region, as long as one own choice still leads: as far as data cannot tell, a shopper without habits is to lose as
 * little as possible.
 */
export function learnWeights(
  moments: readonly CheckoutMoment[],
  options: readonly PaymentOption[],
  config: DecisionConfig,
): Learned {
  const returning = moments.filter(({ earlier }) => earlier > 0);
  const fit = (slice: readonly CheckoutMoment[], arm: Arm, weights: Weights): Fit => {
    const configured = withWeights(config, weights);
    const scores = slice.map((moment) => scoreDecision(moment, arm, options, configured));
    const surprises = scores.map((one) => one.surprise);
    const top1 = mean(scores.map((one) => one.top1));
    return { weights, surprise: mean(surprises), error: standardError(surprises), top1 };
  };
  const start: Weights = { halfLifeMonths: 6, habitPrior: 0.5, regionWeight: 1, regionHalfLifeMonths: 6 };
  const { regionHalfLifeMonths } = leastSurprised(
    HALF_LIVES.map((months) => fit(moments, 'regional', { ...start, regionHalfLifeMonths: months })),
  ).weights;
  const fits = HABIT_PRIORS.flatMap((habitPrior) =>
    REGION_WEIGHTS.map((regionWeight) =>
      leastSurprised(
        HALF_LIVES.map((halfLifeMonths) =>
          fit(returning, 'personalized', { halfLifeMonths, habitPrior, regionWeight, regionHalfLifeMonths }),
        ),
      ),
    ),
  );
  const best = leastSurprised(fits);
  const asGood = fits.filter(({ surprise }) => surprise <= best.surprise + best.error);
  const chosen = asGood.find(({ weights }) => oneChoiceLeads(weights)) ?? best;
  return { returning: returning.length, chosen, best, fits };
}

/** A shop's configuration with other constants. */
export function withWeights(config: DecisionConfig, weights: Weights): DecisionConfig {
  return {
    ...config,
    payment: {
      ...config.payment,
      halfLifeMonths: weights.halfLifeMonths,
      habitPrior: weights.habitPrior,
    },
    regions: {
      ...config.regions,
      weight: weights.regionWeight,
      halfLifeMonths: weights.regionHalfLifeMonths,
    },
  };
}

/**
 * What a person did comes before what others do: one own choice of today is put above what a whole region chooses,
 * w × 1 / (1 + k) > w × k / (1 + k) + (1 − w).
 */
function oneChoiceLeads({ habitPrior, regionWeight }: Weights): boolean {
  return (habitPrior * (1 - regionWeight)) / (1 + regionWeight) > 1 - habitPrior;
}

/** The first of those that tie. */
function leastSurprised(fits: readonly Fit[]): Fit {
  return fits.reduce((best, one) => (one.surprise < best.surprise ? one : best));
}

function standardError(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / values.length);
}
