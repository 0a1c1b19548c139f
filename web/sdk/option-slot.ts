import type { Answer, OptionsSlot, RankedOption, Source } from './answer.ts';

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

/** What is known of a slot, whichever element a shop that renders again puts in the place of the one before. */
export interface SlotMemory {
  shown: (ShownOrder & { readonly ids: string; readonly options: readonly RankedOption[] }) | null;
  isTouched: boolean;
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
  /** Leaves the element to the shop, as it is. */
  release(): void;
}

/** What stands in an element, whoever has mounted it: a second `mount` moves nothing of it. */
const shownIn: WeakMap<Element, NonNullable<SlotMemory['shown']>> = new WeakMap();

/** @param wasPainted whether it has been on the screen already */
export function optionSlot(element: HTMLElement, memory: SlotMemory, wasPainted: boolean): OptionSlot {
  // Markup that waits from the start shows itself when the script takes too long (cartwright.css): then it has been seen.
  const wasMeantToWait = element.dataset.cartwrightState === WAITING;
  const hasWaited =
    wasMeantToWait && getComputedStyle(optionsIn(element)[0] ?? element).visibility === 'hidden';
  /** The options that are not to be moved any more: the shopper has seen them, or has a hand in them. */
  let fixed: string | null = hasWaited || !(wasMeantToWait || wasPainted) ? null : idsIn(element);
  memory.shown ??= shownIn.get(element) ?? null;
  let isArranging = false;
  const touch = ({ isTrusted }: Event): void => {
    // What our own click brings about is trusted too.
    if (!isTrusted || isArranging) return;
    fixed = idsIn(element);
    memory.isTouched = true;
  };
  for (const type of TOUCHES) element.addEventListener(type, touch, true);

  const isFixed = (): boolean =>
    [fixed, shownIn.get(element)?.ids].includes(idsIn(element)) ||
    optionsIn(element).some((option) => option.contains(document.activeElement));
  const arrange = (options: readonly RankedOption[]): void => {
    putInOrder(element, options);
    // Whoever hears the click may ask again at once: what stands here stands.
    fixed = idsIn(element);
    isArranging = true;
    if (!memory.isTouched) preselect(element, options);
    isArranging = false;
  };
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
      // The shop has rendered again what the shopper has seen.
      if (memory.shown?.ids === idsIn(element)) return arrange(memory.shown.options);
      element.dataset.cartwrightState = WAITING;
      element.setAttribute('aria-busy', 'true');
      setVisible(false);
    },
    show(said, { decisionId }) {
      const ids = idsIn(element);
      if (optionsIn(element).length === 0) return;
      if (said && !isFixed()) {
        const { source, options } = said;
        arrange(options);
        const order = orderIn(element, ({ checked }) => checked);
        memory.shown = { ids, options, source, decisionId, ...order };
      } else if (memory.shown?.ids !== ids) {
        // The shop's own order was there first.
        const order = orderIn(element, ({ defaultChecked }) => defaultChecked);
        memory.shown = { ids, options: [], source: 'store-default', decisionId: null, ...order };
      }
      if (memory.shown) shownIn.set(element, memory.shown);
      fixed = ids;
    },
    reveal() {
      setVisible(true);
      element.removeAttribute('aria-busy');
      element.dataset.cartwrightState = memory.shown?.source ?? 'store-default';
    },
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

function orderIn(
  element: Element,
  isPreselected: (choice: HTMLInputElement) => boolean,
): Pick<ShownOrder, 'order' | 'preselected'> {
  const preselected = optionsIn(element).find((option) => {
    const choice = choiceIn(option);
    return choice !== null && isPreselected(choice);
  });
  const id = preselected?.getAttribute(OPTION);
  return { order: idList(element).slice(0, MAX_TOLD), ...(id && { preselected: id }) };
}

/** Puts the options into their order, each in the place of another, and whatever stands between them stays. */
function putInOrder(element: Element, options: readonly RankedOption[]): void {
  const present = optionsIn(element);
  const placeOf = (option: Element): number => {
    const place = options.findIndex(({ id }) => id === option.getAttribute(OPTION));
    return place < 0 ? options.length : place;
  };
  const ordered = [...present].sort((one, other) => placeOf(one) - placeOf(other));
  if (ordered.some((option, index) => option !== present[index])) {
    const places = present.map((option) => {
      const place = document.createComment('');
      option.replaceWith(place);
      return place;
    });
    for (const [index, place] of places.entries()) place.replaceWith(ordered[index] ?? place);
  }
  for (const option of present) {
    const reasons = options[placeOf(option)]?.reasons;
    if (reasons) option.dataset.cartwrightReasons = reasons.join(' ');
  }
}

function preselect(element: Element, options: readonly RankedOption[]): void {
  const { id } = options.find(({ preselected }) => preselected) ?? {};
  const choices = optionsIn(element).map((option) => ({
    choice: choiceIn(option),
    isMeant: option.getAttribute(OPTION) === id,
  }));
  // A choice that differs from the markup's has been made by somebody: by the shopper, before the page was restored.
  if (choices.some(({ choice }) => choice?.checked !== choice?.defaultChecked)) return;
  const meant = choices.find(({ isMeant }) => isMeant)?.choice;
  // A click is what frameworks listen to.
  if (meant && !meant.checked && !meant.disabled) meant.click();
}
