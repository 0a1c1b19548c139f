import type { Answer, OptionsSlot, Source } from './answer.ts';

const OPTION = 'data-cartwright-option';
const WAITING = 'personalizing';
/** A shown order is told up to this many. */
const MAX_TOLD = 20;
const TOUCHES = ['pointerdown', 'keydown', 'input'] as const;

/** What the shopper sees in a slot. */
export interface ShownOrder {
  readonly source: Source;
  readonly decisionId: string | null;
  readonly order: readonly string[];
  readonly preselected?: string;
}

/**
 * A list of options, each an element `data-cartwright-option`. It is arranged at most once, before it is seen: from then
 * on, and whenever the shopper has a hand in it, it stays as it is until the shop puts other options into it.
 */
export interface OptionSlot {
  /** Keeps the options out of sight, in their place, until there is an answer. */
  wait(): void;
  /** @param said absent: the answer has nothing on it, so that what stands there is shown */
  show(said: OptionsSlot | undefined, answer: Answer): void;
  reveal(): void;
  isShown(): boolean;
  /** null: there is nothing in it, or it is not yet to be seen */
  shown(): ShownOrder | null;
  /** Leaves the element to the shop, as it is. */
  release(): void;
}

/** @param wasPainted whether it has been on the screen already */
export function optionSlot(element: HTMLElement, wasPainted: boolean): OptionSlot {
  // Markup that waits from the start shows itself when the script takes too long (cartwright.css): then it has been seen.
  const wasMeantToWait = element.dataset.cartwrightState === WAITING;
  const hasWaited =
    wasMeantToWait && getComputedStyle(optionsIn(element)[0] ?? element).visibility === 'hidden';
  let seen: string | null = hasWaited || !(wasMeantToWait || wasPainted) ? null : idsIn(element);
  let current: ShownOrder | null = null;
  let isTouched = false;
  const touch = ({ isTrusted }: Event): void => {
    // What a script does, ours too, is not the shopper's.
    if (isTrusted) isTouched = true;
  };
  for (const type of TOUCHES) element.addEventListener(type, touch, true);

  const isFixed = (): boolean =>
    isTouched ||
    seen === idsIn(element) ||
    optionsIn(element).some((option) => option.contains(document.activeElement));
  const setVisible = (isVisible: boolean): void => {
    for (const { style } of optionsIn(element)) {
      style.visibility = isVisible ? '' : 'hidden';
      // That of cartwright.css, which shows what waits without a script, would win.
      style.animation = isVisible ? '' : 'none';
    }
  };

  const slot: OptionSlot = {
    wait() {
      if (isFixed()) return;
      element.dataset.cartwrightState = WAITING;
      element.setAttribute('aria-busy', 'true');
      setVisible(false);
    },
    show(said, { decisionId }) {
      if (optionsIn(element).length === 0) return;
      if (!isFixed()) {
        if (said) arrange(element, said);
        current = { source: said?.source ?? 'store-default', decisionId, order: [] };
      }
      // The shop's own order was there first.
      current ??= { source: 'store-default', decisionId: null, order: [] };
      seen = idsIn(element);
      current = {
        ...current,
        order: idList(element).slice(0, MAX_TOLD),
        ...preselectedIn(element, isTouched),
      };
    },
    reveal() {
      setVisible(true);
      element.removeAttribute('aria-busy');
      element.dataset.cartwrightState = current?.source ?? 'store-default';
    },
    isShown: () => current !== null,
    shown: () => current,
    release() {
      for (const type of TOUCHES) element.removeEventListener(type, touch, true);
      setVisible(true);
      element.removeAttribute('aria-busy');
      if (element.dataset.cartwrightState === WAITING) delete element.dataset.cartwrightState;
    },
  };
  return slot;
}

function optionsIn(element: Element): readonly HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(`[${OPTION}]`)];
}

function idList(element: Element): readonly string[] {
  return optionsIn(element).map((option) => option.getAttribute(OPTION) ?? '');
}

/** Which options there are, whatever their order. */
function idsIn(element: Element): string {
  return JSON.stringify([...idList(element)].sort());
}

function choiceIn(option: Element): HTMLInputElement | null {
  return option.querySelector<HTMLInputElement>('input[type=radio]');
}

function preselectedIn(element: Element, isTouched: boolean): { readonly preselected?: string } {
  const chosen = isTouched ? undefined : optionsIn(element).find((option) => choiceIn(option)?.checked);
  const id = chosen?.getAttribute(OPTION);
  return id ? { preselected: id } : {};
}

/** Puts the options into their order, each in the place of another, and whatever stands between them stays. */
function arrange(element: Element, { options }: OptionsSlot): void {
  const present = optionsIn(element);
  const rankOf = (option: Element): number => {
    const rank = options.findIndex(({ id }) => id === option.getAttribute(OPTION));
    return rank < 0 ? options.length : rank;
  };
  const ordered = [...present].sort((one, other) => rankOf(one) - rankOf(other));
  if (ordered.some((option, place) => option !== present[place])) {
    const places = present.map((option) => {
      const place = document.createComment('');
      option.replaceWith(place);
      return place;
    });
    for (const [index, place] of places.entries()) place.replaceWith(ordered[index] ?? place);
  }
  for (const option of present) {
    const said = options.find(({ id }) => id === option.getAttribute(OPTION));
    option.dataset.cartwrightReasons = said?.reasons.join(' ') ?? '';
  }
  const choices = present.map(choiceIn);
  // A choice that differs from the markup's has been made by somebody: by the shopper, before the page was restored.
  const isChosen = choices.some((choice) => choice !== null && choice.checked !== choice.defaultChecked);
  const first = options.find(({ preselected }) => preselected);
  const preselected = present.find((option) => option.getAttribute(OPTION) === first?.id);
  const choice = preselected && choiceIn(preselected);
  // A click is what frameworks listen to.
  if (choice && !isChosen && !choice.checked && !choice.disabled) choice.click();
}
