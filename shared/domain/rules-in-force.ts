import type { GuardrailScope } from './store-config.ts';

/** A list after its guardrails, and the rules that hold in the country, whether they changed anything or not. */
export interface Guarded<Option> {
  readonly options: readonly Option[];
  readonly applied: readonly string[];
}

/**
 * Applies the rules that hold in `country`, one after the other; where it is unknown, those that hold everywhere.
 *
 * @param applyRule one rule on one list: a permutation of it, with what is preselected put right
 */
export function applyInForce<Option, Rule extends GuardrailScope>(
  options: readonly Option[],
  guardrails: readonly Rule[],
  country: string | undefined,
  applyRule: (options: readonly Option[], rule: Rule) => readonly Option[],
): Guarded<Option> {
  const rules = guardrails.filter(
    ({ countries }) => !countries || (country !== undefined && countries.includes(country)),
  );
  return { options: rules.reduce(applyRule, options), applied: rules.map(({ id }) => id) };
}
