import type { Amount, Answer, Offer } from './answer.ts';
import { fillList, textPart } from './text-list.ts';

export interface OfferTexts {
  /** @param amount what must be added to the cart, as the locale writes it */
  readonly missing: (amount: string) => string;
}

/** Offers with what is missing for them and how long they last, to the second. */
export interface OfferList {
  fill(element: HTMLElement, answer: Answer, locale: string | undefined): void;
  stop(): void;
}

export function offerList(texts: OfferTexts): OfferList {
  let ticking: ReturnType<typeof setInterval> | undefined;
  const clocks = new Map<HTMLElement, number>();

  const tick = (): void => {
    for (const [clock, endsAt] of clocks) {
      const leftMs = endsAt - Date.now();
      clock.textContent = leftMs > 0 ? timeLeft(leftMs) : '';
      // What is over keeps its place: nothing below it may jump.
      const item = clock.closest('li');
      if (leftMs <= 0 && item) item.style.visibility = 'hidden';
      if (!clock.isConnected) clocks.delete(clock);
    }
    if (clocks.size === 0) list.stop();
  };

  const partsOf = (offer: Offer, locale: string | undefined): readonly HTMLElement[] => {
    const { title, missing, endsAt } = offer;
    const parts = [textPart('title', title, locale)];
    if (missing) parts.push(textPart('missing', texts.missing(money(missing, locale)), locale));
    if (endsAt !== null) {
      const clock = textPart('countdown', '', undefined, 'time') as HTMLTimeElement;
      clock.dateTime = endsAt;
      clock.setAttribute('role', 'timer');
      clocks.set(clock, Date.parse(endsAt));
      parts.push(clock);
    }
    return parts;
  };

  const list: OfferList = {
    fill(element, answer, locale) {
      const items = answer.slots.offers?.items ?? [];
      fillList(
        element,
        items.map((offer) => ({ id: offer.id, kind: offer.kind, parts: partsOf(offer, locale) })),
      );
      tick();
      if (clocks.size > 0) ticking ??= setInterval(tick, 1_000);
    },
    stop() {
      clearInterval(ticking);
      ticking = undefined;
      clocks.clear();
    },
  };
  return list;
}

/** `1:02:03`, with the days as hours. */
function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function money({ amount, currency }: Amount, locale: string | undefined): string {
  const format = formatOf(currency, locale?.replace(/_/g, '-'));
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function formatOf(currency: string, locale: string | undefined): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency });
  } catch {
    // No locale that anybody knows: the browser's own is better than no offer.
    return new Intl.NumberFormat(undefined, { style: 'currency', currency });
  }
}
