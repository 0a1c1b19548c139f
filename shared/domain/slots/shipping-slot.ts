import type { DecidedSlot, DecisionConfig, DecisionInput, OrderedSlot } from '../decide.ts';
import { shippingUses } from '../profile.ts';
import { applyShippingGuardrails } from '../shipping-guardrails.ts';
import { withTradeOff } from '../shipping-reasons.ts';
import type { KnownPerson } from './known-person.ts';
import { placed, rankSlot, shown } from './ranked-slot.ts';

/** Which delivery stands first, and what sets the others apart; never a dearer one preselected. */
export function decideShipping(
  input: DecisionInput,
  config: DecisionConfig,
  person: KnownPerson | undefined,
): DecidedSlot<OrderedSlot> {
  const ranked = rankSlot('shipping', input, config, person ? shippingUses(person.profile) : []);
  const { source, options } = placed(withTradeOff(ranked, input.shipping));
  const prices = new Map(input.shipping.map(({ id, price }) => [id, price]));
  const guarded = applyShippingGuardrails(
    options.map((option) => ({ ...option, price: prices.get(option.id) })),
    config.shipping.guardrails,
    input.country,
  );
  return { source, options: shown(guarded.options, input.explain), guardrails: guarded.applied };
}
