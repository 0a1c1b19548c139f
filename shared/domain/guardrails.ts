import { applyInForce, type Guarded } from './rules-in-force.ts';
import type { CreditKind, Guardrail } from './store-config.ts';

export type PaymentKind = 'card' | 'debit' | 'bnpl' | 'wallet' | 'transfer' | 'voucher' | 'cash' | 'invoice';

/** How much a method is credit, where the shop does not say: a card may be a credit card, an invoice always is credit. */
export function creditOf(option: { readonly kind?: PaymentKind; readonly credit?: CreditKind }): CreditKind {
  if (option.credit !== undefined) return option.credit;
  switch (option.kind) {
    case 'bnpl':
    case 'invoice':
      return 'yes';
    case 'card':
      return 'maybe';
    case 'debit':
    case 'wallet':
    case 'transfer':
    case 'voucher':
    case 'cash':
    case undefined:
      return 'no';
  }
}

/** One option of a slot in its final order; the rank is its place. */
export interface PlacedOption {
  readonly id: string;
  readonly preselected: boolean;
  readonly credit: CreditKind;
}

/**
 * Applies the rules of law that hold in `country`, after all personalization (invariant 9), and says which of
 * them hold there. Order within a rule's groups stays as it was: a guardrail corrects, it does not rank.
 *
 * @example
 * applyGuardrails([{ id: 'card', credit: 'maybe', preselected: true }, { id: 'debit', credit: 'no', preselected: false }], rules, 'SE')
 * // → { options: [debit, card], applied: ['se-debit-before-credit', …] }
 */
export function applyGuardrails<Option extends PlacedOption>(
  options: readonly Option[],
  guardrails: readonly Guardrail[],
  country: string | undefined,
): Guarded<Option> {
  return applyInForce<Option, Guardrail>(options, guardrails, country, applyRule);
}

const CREDIT_ORDER: readonly CreditKind[] = ['no', 'maybe', 'yes'];

function applyRule<Option extends PlacedOption>(
  options: readonly Option[],
  rule: Guardrail,
): readonly Option[] {
  switch (rule.rule) {
    case 'order-by-credit':
      return [...options].sort((a, b) => rule.order.indexOf(a.credit) - rule.order.indexOf(b.credit));
    case 'credit-not-preselected': {
      // What may be credit counts as credit while something is offered that is less of it.
      const least = Math.min(...options.map(({ credit }) => CREDIT_ORDER.indexOf(credit)));
      return options.map((option) =>
        CREDIT_ORDER.indexOf(option.credit) > least ? { ...option, preselected: false } : option,
      );
    }
    case 'nothing-preselected':
      return options.map((option) => ({ ...option, preselected: false }));
  }
}
