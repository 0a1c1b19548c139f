import type { DecisionConfig, DecisionInput, Rung, SlotOption } from '../decide.ts';
import type { MethodUses } from '../method-uses.ts';
import { rankOptions, type RankedOption } from '../rank-options.ts';
import { sharesAround } from '../region-counts.ts';
import type { RankedSlotName } from '../slot.ts';

/** An option where its habits and its region put it. */
export type PlacedByHabit = RankedOption & { readonly preselected: boolean };

/** The shop's options of a slot, the likeliest choice of this person first. */
export function rankSlot(
  slot: RankedSlotName,
  input: DecisionInput,
  config: DecisionConfig,
  uses: MethodUses,
): readonly RankedOption[] {
  const ids = input[slot].map(({ id }) => id);
  const regional = sharesAround(input.surroundings, slot, ids, input.now, config.regions);
  const { halfLifeMonths, habitPrior } = config[slot];
  const weights = { halfLifeMonths, habitPrior, regionWeight: config.regions.weight };
  return rankOptions(ids, { uses, regional }, input.now, weights);
}

/** Ranked options with the slot's rung. What is preselected is one's own: a region only says what is likely. */
export function placed(ranked: readonly RankedOption[]): {
  readonly source: Rung;
  readonly options: readonly PlacedByHabit[];
} {
  const isPersonal = ranked.some(({ habit }) => habit !== undefined);
  const isRegional = ranked.some(({ share }) => share > 0);
  return {
    source: isPersonal ? 'personalized' : isRegional ? 'regional' : 'default',
    options: ranked.map((option, index) => ({
      ...option,
      preselected: isPersonal && index === 0 && option.habit !== undefined,
    })),
  };
}

/** Options in their final order, as an answer shows them. */
export function shown(options: readonly PlacedByHabit[], explain: boolean): readonly SlotOption[] {
  return options.map(({ id, preselected, reasons, score, share, habit }, index) => ({
    id,
    rank: index + 1,
    preselected,
    reasons,
    ...(explain && {
      explain: {
        score,
        share,
        uses: habit?.uses ?? 0,
        lastAt: habit ? new Date(habit.lastAt).toISOString() : null,
      },
    }),
  }));
}
