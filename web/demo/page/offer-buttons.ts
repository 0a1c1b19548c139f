import type { Answer } from '../../sdk/index.ts';
import { isRefusedByBrowser } from './consent.ts';
import { h, on } from './element.ts';
import { shopApi, type AcceptedOffer, type OpenCheckout } from './shop-api.ts';
import type { Shop } from './shop-context.ts';

export function openCheckoutOf({ cart, cartwright, country, preferences }: Shop): OpenCheckout {
  return {
    checkoutId: cart.checkoutId(),
    lines: cart.lines(),
    country: country.code,
    locale: preferences.locale,
    anonymousId: cartwright.anonymousId(),
  };
}

/**
 * Puts a button to each offer that can be had now. None is taken unless the shopper takes it, and one at a time.
 *
 * @param list what the SDK has filled
 */
export function offerButtons(
  shop: Shop,
  list: HTMLElement,
  { slots }: Answer,
  accepted: (offer: AcceptedOffer) => void,
): void {
  const { words, consent } = shop;
  const buttons: HTMLButtonElement[] = [];
  for (const { id, kind, title, missing } of slots.offers?.items ?? []) {
    const item = list.querySelector(`[data-cartwright-item="${CSS.escape(id)}"]`);
    if (!item || missing || kind === 'reward') continue;
    const button = h(
      'button',
      { type: 'button', class: 'plain', 'aria-label': `${words.apply}: ${title}` },
      words.apply,
    );
    const accept = async (): Promise<void> => {
      const isPersonal = consent.personalization && consent.analytics && !isRefusedByBrowser();
      const offer = await shopApi.acceptOffer({ ...openCheckoutOf(shop), offerId: id, isPersonal });
      for (const other of buttons) other.textContent = words.apply;
      button.textContent = offer ? words.applied : words.notApplied;
      button.setAttribute('aria-label', `${button.textContent}: ${title}`);
      if (offer) accepted(offer);
    };
    on(button, { click: () => void accept() });
    buttons.push(button);
    item.append(button);
  }
}
