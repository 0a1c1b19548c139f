import type { Answer, DecideRequest } from './answer.ts';
import { announcer } from './announcer.ts';
import type { Cartwright } from './index.ts';
import { offerList, type OfferTexts } from './offer-list.ts';
import { optionSlot, type OptionSlot, type SlotMemory } from './option-slot.ts';
import { prefillOnRequest } from './prefill.ts';
import { fillList, textPart } from './text-list.ts';

export interface MountTexts extends OfferTexts {
  /** Said to assistive technology when an order is the shopper's own. */
  readonly arranged: string;
}

export interface MountOptions {
  /** What holds the slots; the document if absent. */
  readonly root?: ParentNode;
  /** What the checkout is about to show; asked at each refresh. */
  readonly request: () => DecideRequest;
  readonly onAnswer?: (answer: Answer) => void;
  readonly texts?: Partial<MountTexts>;
  /** Told of what goes wrong, `request` failing included. */
  readonly onProblem?: (problem: string) => void;
}

export interface Mounted {
  /** Asks again: the cart, the country or the shopper has changed. What has been shown keeps its order. */
  refresh(): Promise<void>;
  destroy(): void;
}

const TEXTS: MountTexts = {
  arranged: 'Arranged for you',
  missing: (amount) => `${amount} to go`,
};

const LISTS = ['payment', 'shipping'] as const;

const SLOT = '[data-cartwright-slot]';

/** Slots that were painted before there was a script to arrange them. */
const painted: WeakSet<Element> = new WeakSet();
const notePainted = (): void => {
  if (performance.getEntriesByType('paint').length === 0) return;
  for (const slot of document.querySelectorAll(SLOT)) painted.add(slot);
};
if (typeof document === 'object') notePainted();

/**
 * Fills the `data-cartwright-slot` elements of a checkout, once each before the shopper sees them, and tells what was shown
 * (`Checkout Decision Shown`). Call it in the task that puts the slots into the page, or before the page has come: what it brings
 * later is filled when all of it is there.
 *
 * @example
 * const checkout = mount(cartwright, { request: () => ({ checkout: { id: 'c1', payment: [{ id: 'card', kind: 'card' }] } }) });
 * await checkout.refresh(); // the cart has changed
 */
export function mount(cartwright: Cartwright, options: MountOptions): Mounted {
  const root = options.root ?? document;
  const texts = { ...TEXTS, ...options.texts };
  const known = new Map<Element, OptionSlot>();
  const memories: Readonly<Record<(typeof LISTS)[number], SlotMemory>> = {
    payment: { shown: null, isTouched: false },
    shipping: { shown: null, isTouched: false },
  };
  const announce = announcer();
  const offers = offerList(texts);
  const prefill = prefillOnRequest();
  let round = 0;
  let told = '';
  let isDestroyed = false;

  const elementsOf = (slot: string): readonly HTMLElement[] => [
    ...root.querySelectorAll<HTMLElement>(`[data-cartwright-slot="${slot}"]`),
  ];
  const slotsOf = (name: (typeof LISTS)[number]): readonly OptionSlot[] =>
    elementsOf(name).map((element) => {
      const slot = known.get(element) ?? optionSlot(element, memories[name], painted.has(element));
      known.set(element, slot);
      return slot;
    });

  const show = (request: DecideRequest, answer: Answer): void => {
    let isPersonal = false;
    const shown: Record<string, object> = {};
    let decisionId: string | null = null;
    for (const name of LISTS) {
      const memory = memories[name];
      const before = memory.shown;
      for (const slot of slotsOf(name)) {
        slot.show(answer.slots[name], answer);
        slot.reveal();
      }
      if (memory.shown === null) continue;
      const { source, order, preselected } = memory.shown;
      shown[name] = { source, order, preselected };
      decisionId = memory.shown.decisionId ?? decisionId;
      isPersonal ||= memory.shown !== before && (source === 'personalized' || source === 'cached');
    }
    for (const element of elementsOf('offers')) offers.fill(element, answer, request.context?.locale);
    for (const element of elementsOf('messages'))
      fillList(
        element,
        (answer.slots.messages?.items ?? []).map(({ id, kind, text, locale }) => ({
          id,
          kind,
          parts: [textPart('text', text, locale)],
        })),
      );
    for (const element of elementsOf('prefill')) prefill.offer(element, root, answer.slots.prefill);
    if (isPersonal) announce.say(texts.arranged);
    tell(request, decisionId, shown);
  };

  const tell = (
    request: DecideRequest,
    decisionId: string | null,
    slots: Readonly<Record<string, object>>,
  ): void => {
    const { id } = request.checkout;
    const what = JSON.stringify([id, slots]);
    if (what === told || Object.keys(slots).length === 0) return;
    told = what;
    cartwright.track('Checkout Decision Shown', {
      ...(decisionId !== null && { decision_id: decisionId }),
      ...(id !== undefined && { checkout_id: id }),
      shown_at: new Date().toISOString(),
      slots,
    });
  };

  const mounted: Mounted = {
    async refresh() {
      const own = ++round;
      try {
        // What the shop has taken out is its own again.
        for (const [element, slot] of known)
          if (!root.contains(element)) {
            slot.release();
            known.delete(element);
          }
        for (const slot of LISTS.flatMap(slotsOf)) slot.wait();
        const request = options.request();
        const answer = await cartwright.decide(request);
        // A newer question is under way, or nobody is interested any more.
        if (own !== round) return;
        show(request, answer);
        options.onAnswer?.(answer);
      } catch (error) {
        options.onProblem?.(error instanceof Error ? error.message : 'error');
      } finally {
        if (own === round) for (const slot of known.values()) slot.reveal();
      }
    },
    destroy() {
      isDestroyed = true;
      round += 1;
      for (const slot of known.values()) slot.release();
      known.clear();
      offers.stop();
      prefill.stop();
      announce.stop();
    },
  };
  const count = (): number => root.querySelectorAll(SLOT).length;
  const here = count();
  const isLoading = document.readyState === 'loading';
  if (here > 0 || !isLoading) void mounted.refresh();
  if (isLoading) {
    const rest = (): void => {
      if (isDestroyed || count() === here) return;
      notePainted();
      void mounted.refresh();
    };
    document.addEventListener('DOMContentLoaded', rest, { once: true });
  }
  return mounted;
}
