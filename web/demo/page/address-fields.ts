import { h } from './element.ts';
import type { Shop } from './shop-context.ts';

type Field = 'full-name' | 'street' | 'postal-code' | 'city' | 'region';

export interface AddressFields {
  readonly element: HTMLElement;
  value(field: Field): string;
  /** The first field that must be filled and is not; says so. */
  firstFault(): HTMLElement | undefined;
}

/** Where it goes. What Cartwright knows is filled in when the shopper asks for it, and never before. */
export function addressFields({ words, country, customer }: Shop): AddressFields {
  const inputs = new Map<Field, HTMLInputElement>();
  const field = (
    name: Field,
    label: string,
    autocomplete: string,
    known: { readonly slot?: string; readonly value?: string } = {},
  ): HTMLElement => {
    const input = h('input', {
      id: name,
      name,
      autocomplete,
      required: true,
      maxlength: 100,
      value: known.value,
      'data-cartwright-field': known.slot,
      'aria-describedby': `${name}-problem`,
    });
    input.addEventListener('input', () => say(input, ''));
    inputs.set(name, input);
    return h(
      'div',
      { class: `field ${name}` },
      h('label', { for: name }, label),
      input,
      h('p', { class: 'problem', id: `${name}-problem` }),
    );
  };
  const say = (input: HTMLInputElement, text: string): void => {
    input.toggleAttribute('aria-invalid', text !== '');
    if (text !== '') input.setAttribute('aria-invalid', 'true');
    const problem = input.nextElementSibling;
    if (problem) problem.textContent = text;
  };
  const element = h(
    'fieldset',
    { class: 'address' },
    h('legend', {}, words.address),
    h(
      'div',
      { class: 'prefill', 'data-cartwright-slot': 'prefill' },
      h(
        'button',
        { type: 'button', class: 'plain', 'data-cartwright-prefill': '', disabled: true },
        words.prefill,
      ),
    ),
    field('full-name', words.fullName, 'name', { value: customer }),
    field('street', words.street, 'street-address'),
    h(
      'div',
      { class: 'beside' },
      field('postal-code', words.postalCode, 'postal-code'),
      field('city', words.city, 'address-level2', { slot: 'city' }),
      country.hasRegions && field('region', words.region, 'address-level1', { slot: 'region' }),
    ),
  );
  return {
    element,
    value: (name) => inputs.get(name)?.value.trim() ?? '',
    firstFault() {
      const empty = [...inputs.values()].filter((input) => input.value.trim() === '');
      for (const input of empty) say(input, words.isMissing);
      return empty[0];
    },
  };
}
