import { applyInForce, type Guarded } from '../rules-in-force.ts';
import type { OfferGuardrail } from './offer-source.ts';

/**
 * Applies the rules on what is added to a checkout that hold in `country`, after all else (invariant 9), and says which
 * of them hold there. The order stays.
 *
 * @example
 * applyOfferGuardrails([{ id: 'gift-wrap', preselected: true }], rules, 'DE')
 * // → { options: [{ id: 'gift-wrap', preselected: false }], applied: ['no-preticked-add-ons'] }
 */
export function applyOfferGuardrails<Item extends { readonly preselected: boolean }>(
  items: readonly Item[],
  guardrails: readonly OfferGuardrail[],
  country: string | undefined,
): Guarded<Item & { readonly preselected: boolean }> {
  return applyInForce<Item, OfferGuardrail>(items, guardrails, country, (options, { rule }) => {
    switch (rule) {
      case 'nothing-preselected':
        return options.map((option) => ({ ...option, preselected: false }));
    }
  });
}
