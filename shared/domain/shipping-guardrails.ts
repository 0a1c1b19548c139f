import { applyInForce, type Guarded } from './rules-in-force.ts';
import type { ShippingGuardrail } from './store-config.ts';

/** One shipping option in its final order. */
export interface PlacedShipping {
  readonly id: string;
  readonly preselected: boolean;
  /** Minor units; absent: the shop did not say. */
  readonly price?: number;
}

/**
 * Applies the rules on prices that hold in `country`, after all personalization (invariant 9), and says which of them
 * hold there. Options of one price keep their order.
 *
 * @example
 * applyShippingGuardrails([{ id: 'express', price: 990, preselected: true }, { id: 'post', price: 0, preselected: false }], rules, 'BR')
 * // → { options: [express, post (preselected)], applied: ['cheapest-preselected'] }
 */
export function applyShippingGuardrails<Option extends PlacedShipping>(
  options: readonly Option[],
  guardrails: readonly ShippingGuardrail[],
  country: string | undefined,
): Guarded<Option> {
  return applyInForce<Option, ShippingGuardrail>(options, guardrails, country, applyRule);
}

function applyRule<Option extends PlacedShipping>(
  options: readonly Option[],
  { rule }: ShippingGuardrail,
): readonly Option[] {
  switch (rule) {
    case 'cheapest-first':
      // A price that is not known may be any: it comes last.
      return [...options].sort((left, right) => priceOf(left) - priceOf(right) || 0);
    case 'cheapest-preselected': {
      const least = Math.min(...options.map(priceOf));
      // An unknown price might be the cheapest: then no choice is surely not a dearer one.
      const isKnown = options.every(({ price }) => price !== undefined);
      const cheapest = isKnown ? options.findIndex((option) => priceOf(option) === least) : -1;
      return options.map((option, index) => ({ ...option, preselected: index === cheapest }));
    }
  }
}

function priceOf({ price }: PlacedShipping): number {
  return price ?? Infinity;
}
