import { habitLikelihood } from './habit-evidence.ts';
import { habitsOf, type MethodHabit, type MethodUses } from './method-uses.ts';
import type { RegionalShares } from './region-counts.ts';
import { agedWeight, monthOf } from './time.ts';

/** Why an option stands where it stands. */
export const REASONS = [
  'used-most',
  'used-last',
  'used-before',
  'popular-in-region',
  'chosen-in-region',
  'popular-in-country',
  'chosen-in-country',
  'cheapest',
  'fastest',
  'store-default',
] as const;
export type Reason = (typeof REASONS)[number];

export interface RankedOption {
  readonly id: string;
  readonly reasons: readonly Reason[];
  /** How likely this person chooses it, 0 to 1. */
  readonly score: number;
  /** Of the region's shoppers, 0 to 1. */
  readonly share: number;
  readonly habit?: MethodHabit;
}

export interface RankWeights {
  /** Months after which an own use weighs half. */
  readonly halfLifeMonths: number;
  /** As many own uses as the whole region weighs. */
  readonly regionWeight: number;
  /** The share of shoppers who are assumed to have habits until their choices tell, above 0, at most 1. */
  readonly habitPrior: number;
}

/**
 * The shop's options, the likeliest choice first. Of somebody with habits that is (own uses + k × the region's share) /
 * (all own uses + k), where an own use weighs half as much for every half-life that its calendar month lies back; of
 * somebody without it is the region's share. The two count as likely as the own choices look like habits
 * ({@link habitLikelihood}). The shop's order breaks ties, so without any use and region it is the shop's order.
 *
 * @example
 * rankOptions(['credit_card', 'boleto'], { uses }, now, { halfLifeMonths: 6, regionWeight: 1, habitPrior: 0.8 })[0]
 * // → { id: 'boleto', reasons: ['used-most', 'used-last'], … }
 */
export function rankOptions(
  optionIds: readonly string[],
  known: { readonly uses: MethodUses; readonly regional?: RegionalShares },
  now: number,
  { halfLifeMonths, regionWeight, habitPrior }: RankWeights,
): readonly RankedOption[] {
  const habits = new Map(habitsOf(known.uses).map((habit) => [habit.method, habit]));
  const options = optionIds.map((id) => {
    const habit = habits.get(id);
    const share = known.regional?.byOption.get(id) ?? 0;
    return { id, habit, share, own: habit === undefined ? 0 : agedUses(habit, now, halfLifeMonths) };
  });
  const allOwn = options.reduce((sum, { own }) => sum + own, 0);
  const likelihood =
    known.regional === undefined
      ? 1
      : habitLikelihood(
          options.map(({ habit, share }) => ({ uses: habit?.uses ?? 0, share })),
          habitPrior,
          regionWeight,
        );
  const scoreOf = (own: number, share: number): number =>
    own + share === 0
      ? 0
      : (likelihood * (own + regionWeight * share)) / (allOwn + regionWeight) + (1 - likelihood) * share;
  const reasonsFor = reasoning(options, known.regional?.level);
  return options
    .map(({ id, habit, share, own }) => ({
      id,
      habit,
      share,
      score: scoreOf(own, share),
      reasons: reasonsFor(habit, share),
    }))
    .sort((left, right) => right.score - left.score);
}

function agedUses(habit: MethodHabit, now: number, halfLifeMonths: number): number {
  let score = 0;
  for (const [usedIn, uses] of habit.byMonth)
    score += uses * agedWeight(usedIn, monthOf(now), halfLifeMonths);
  return score;
}

function reasoning(
  options: readonly { readonly habit?: MethodHabit }[],
  level: RegionalShares['level'] | undefined,
): (habit: MethodHabit | undefined, share: number) => readonly Reason[] {
  const used = options.flatMap(({ habit }) => (habit === undefined ? [] : [habit]));
  const most = Math.max(...used.map((habit) => habit.uses));
  const last = Math.max(...used.map((habit) => habit.lastAt));
  return (habit, share) => {
    const reasons: Reason[] = [];
    if (habit?.uses === most) reasons.push('used-most');
    if (habit?.lastAt === last) reasons.push('used-last');
    if (habit !== undefined && reasons.length === 0) reasons.push('used-before');
    // Popular is what more of them choose than an even hand would deal out.
    if (level !== undefined && share > 0)
      reasons.push(share * options.length >= 1 ? `popular-in-${level}` : `chosen-in-${level}`);
    return reasons.length > 0 ? reasons : ['store-default'];
  };
}
