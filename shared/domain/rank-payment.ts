import { habitsOf, type MethodHabit, type MethodUses } from './method-uses.ts';
import { monthOf } from './time.ts';

/** Why an option stands where it stands. */
export type Reason = 'used-most' | 'used-last' | 'used-before' | 'store-default';

export interface RankedOption {
  readonly id: string;
  readonly reasons: readonly Reason[];
  /** Own uses, each weighing half as much for every half-life that its calendar month lies back. */
  readonly score: number;
  readonly habit?: MethodHabit;
}

/**
 * The shop's options in the order that a person's own uses give them; the shop's order breaks ties, so without
 * any use it is the shop's order. Ageing goes by whole calendar months counted back from `now`.
 *
 * @example
 * rankByUses(['credit_card', 'boleto'], uses, Date.now(), 6)[0] // → { id: 'boleto', reasons: ['used-most', 'used-last'], … }
 */
export function rankByUses(
  optionIds: readonly string[],
  uses: MethodUses,
  now: number,
  halfLifeMonths: number,
): readonly RankedOption[] {
  const habits = new Map(habitsOf(uses).map((habit) => [habit.method, habit]));
  const month = monthOf(now);
  const options = optionIds.map((id) => {
    const habit = habits.get(id);
    return { id, habit, score: habit === undefined ? 0 : agedUses(habit, month, halfLifeMonths) };
  });
  const known = options.flatMap(({ habit }) => (habit === undefined ? [] : [habit]));
  const most = Math.max(...known.map((habit) => habit.uses));
  const last = Math.max(...known.map((habit) => habit.lastAt));
  return options
    .map(({ id, habit, score }) => ({ id, score, habit, reasons: reasonsOf(habit, most, last) }))
    .sort((left, right) => right.score - left.score);
}

function agedUses(habit: MethodHabit, month: number, halfLifeMonths: number): number {
  let score = 0;
  for (const [usedIn, uses] of habit.byMonth)
    score += uses * 0.5 ** (Math.max(0, month - usedIn) / halfLifeMonths);
  return score;
}

function reasonsOf(habit: MethodHabit | undefined, most: number, last: number): readonly Reason[] {
  if (habit === undefined) return ['store-default'];
  const reasons: Reason[] = [];
  if (habit.uses === most) reasons.push('used-most');
  if (habit.lastAt === last) reasons.push('used-last');
  return reasons.length > 0 ? reasons : ['used-before'];
}
