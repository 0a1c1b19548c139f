import { NO_SEGMENTS } from '../../../shared/domain/segments/compile-segments.ts';
import { decide, type DecisionConfig, type PaymentOption } from '../../../shared/domain/decide.ts';
import type { CheckoutMoment } from './checkout-moments.ts';

/** Whose knowledge an order is made from. */
export type Arm = 'shop order' | 'regional' | 'personalized';

export interface Score {
  /** 1 / rank of the best-placed method that was chosen. */
  readonly reciprocalRank: number;
  /** 1 if a method that was chosen came first. */
  readonly top1: number;
  /** −ln of what the order's scores gave to what was chosen, as probabilities; lower is better. */
  readonly surprise: number;
}

/** No probability of a choice is told apart below it: one surprise must not outweigh a hundred others. */
const LEAST_PROBABILITY = 0.005;

/** How well the product's own decision, with what the arm may know, ranks what was chosen a moment later. */
export function scoreDecision(
  moment: CheckoutMoment,
  arm: Arm,
  options: readonly PaymentOption[],
  config: DecisionConfig,
): Score {
  const decision = decide(
    {
      level: 'account',
      isPartial: false,
      payment: options,
      shipping: [],
      slots: ['payment'],
      segments: NO_SEGMENTS,
      country: moment.country,
      surroundings: arm === 'shop order' ? {} : moment.surroundings,
      ...(arm === 'personalized' && moment.profile && { profile: moment.profile }),
      consent: { globalPrivacyControl: false },
      consentRegime: 'opt-out',
      now: moment.at,
      explain: true,
    },
    config,
  );
  const ranked = decision.slots.payment?.options ?? [];
  return scoreOrder(
    ranked.map(({ id, explain }) => [id, explain?.score ?? 0]),
    moment.chosen,
  );
}

/** Scores one order of (method, probability). */
export function scoreOrder(
  ranked: readonly (readonly [method: string, probability: number])[],
  chosen: ReadonlySet<string>,
): Score {
  const place = ranked.findIndex(([method]) => chosen.has(method));
  const probability = ranked
    .filter(([method]) => chosen.has(method))
    .reduce((sum, [, one]) => sum + one / chosen.size, 0);
  return {
    reciprocalRank: place === -1 ? 0 : 1 / (place + 1),
    top1: place === 0 ? 1 : 0,
    surprise: -Math.log(Math.max(LEAST_PROBABILITY, probability)),
  };
}

/** How well somebody could do who knows the shopper's probabilities: the best that any order can. */
export function scoreOptimum(preferences: ReadonlyMap<string, number>, chosen: ReadonlySet<string>): Score {
  return scoreOrder(
    [...preferences].sort(([, a], [, b]) => b - a),
    chosen,
  );
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
