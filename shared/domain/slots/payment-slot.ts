import type { DecidedSlot, DecisionConfig, DecisionInput, OrderedSlot } from '../decide.ts';
import { applyGuardrails, creditOf } from '../guardrails.ts';
import { paymentUses } from '../profile.ts';
import type { KnownPerson } from './known-person.ts';
import { placed, rankSlot, shown } from './ranked-slot.ts';

/** Which way to pay stands first: one's own habits, else the region's, under the law of the country. */
export function decidePayment(
  input: DecisionInput,
  config: DecisionConfig,
  person: KnownPerson | undefined,
): DecidedSlot<OrderedSlot> {
  const { source, options } = placed(
    rankSlot('payment', input, config, person ? paymentUses(person.profile) : []),
  );
  const byId = new Map(input.payment.map((option) => [option.id, option]));
  const guarded = applyGuardrails(
    options.map((option) => ({ ...option, credit: creditOf(byId.get(option.id) ?? {}) })),
    config.payment.guardrails,
    input.country,
  );
  return { source, options: shown(guarded.options, input.explain), guardrails: guarded.applied };
}
