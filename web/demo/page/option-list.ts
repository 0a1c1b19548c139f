import { h, picture } from './element.ts';

export interface OptionShown {
  readonly id: string;
  readonly name: string;
  readonly note?: string;
  readonly value?: string;
  readonly icon: string;
}

export interface OptionList {
  readonly element: HTMLElement;
  /** '' : nothing */
  chosen(): string;
  /** What to go to if nothing is chosen; says so. */
  firstFault(): HTMLElement | undefined;
  /** Says of each option why it stands where it stands, where there is something to say. */
  showReasons(words: Readonly<Record<string, string>>): void;
}

/** A slot of the checkout: a choice among options that Cartwright may put in order. */
export function optionList({
  slot,
  title,
  missing,
  options,
}: {
  readonly slot: 'payment' | 'shipping';
  readonly title: string;
  readonly missing: string;
  readonly options: readonly OptionShown[];
}): OptionList {
  const problem = h('p', { class: 'problem', id: `${slot}-problem`, role: 'alert' });
  const element = h(
    'fieldset',
    { class: 'options', 'data-cartwright-slot': slot, 'aria-describedby': `${slot}-problem` },
    h('legend', {}, title),
    ...options.map(({ id, name, note, value, icon }) =>
      // What stays to be seen while its option waits for its place.
      h(
        'div',
        { class: 'seat' },
        h(
          'label',
          { class: 'option', 'data-cartwright-option': id },
          h('input', { type: 'radio', name: slot, value: id, required: true }),
          picture(icon, '', 48, 32),
          h(
            'span',
            { class: 'option-words' },
            h('span', { class: 'option-name' }, name),
            note !== undefined && h('span', { class: 'quiet' }, note),
          ),
          h(
            'span',
            { class: 'option-end' },
            h('span', { class: 'why' }),
            value !== undefined && h('span', { class: 'option-value' }, value),
          ),
        ),
      ),
    ),
    problem,
  );
  const inputs = (): readonly HTMLInputElement[] => [...element.querySelectorAll('input')];
  element.addEventListener('change', () => {
    problem.textContent = '';
  });
  return {
    element,
    chosen: () => inputs().find(({ checked }) => checked)?.value ?? '',
    firstFault() {
      if (inputs().some(({ checked }) => checked)) return undefined;
      problem.textContent = missing;
      return inputs()[0];
    },
    showReasons(words) {
      for (const option of element.querySelectorAll<HTMLElement>('[data-cartwright-option]')) {
        const why = option.querySelector('.why');
        const reason = option.dataset.cartwrightReasons?.split(' ').find((name) => name in words);
        if (why) why.textContent = reason === undefined ? '' : (words[reason] ?? '');
      }
    },
  };
}
