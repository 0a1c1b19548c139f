import type { DecidedSlot, DecisionConfig, DecisionInput, SlotBase } from '../decide.ts';
import type { KnownPerson } from './known-person.ts';

/** As much as can be filled in before anybody types; what is not known is not there. */
export interface PrefillFields {
  readonly address?: { readonly country: string; readonly region?: string; readonly city?: string };
  /** As the shop's events carry it, e.g. `pt-BR`. */
  readonly locale?: string;
  /** ISO 4217. */
  readonly currency?: string;
}

export interface PrefillSlot extends SlotBase {
  readonly fields: PrefillFields;
}

/**
 * What the account last used, to spare typing: personal data, so only of somebody who is proven and agreed to it.
 * Undefined: there is nothing to fill in, and the slot is not in the answer.
 */
export function decidePrefill(
  _input: DecisionInput,
  _config: DecisionConfig,
  person: KnownPerson | undefined,
): DecidedSlot<PrefillSlot> | undefined {
  if (person?.level !== 'account') return undefined;
  const { address, locale, currency } = person.profile.checkout;
  const fields: PrefillFields = {
    ...(address && { address: coarse(address.value) }),
    ...(locale && { locale: locale.value }),
    ...(currency && { currency: currency.value }),
  };
  return Object.keys(fields).length === 0 ? undefined : { source: 'personalized', fields, guardrails: [] };
}

function coarse({ country, region, city }: Required<NonNullable<PrefillFields['address']>>) {
  return { country, ...(region !== '' && { region }), ...(city !== '' && { city }) };
}
