import { COUNTRIES, isCountryCode, type CountryCode } from '../catalogue/countries.ts';
import { isLocale, LOCALE_NAMES, LOCALES } from '../words/words.ts';
import { h, on } from './element.ts';
import { countryNameIn } from './money.ts';
import type { Preferences } from './preferences.ts';
import type { Shop } from './shop-context.ts';

/** What stands around every page. */
export interface ShopFrame {
  readonly parts: readonly HTMLElement[];
  readonly main: HTMLElement;
}

export function shopFrame(shop: Shop, prefer: (preferences: Preferences) => void): ShopFrame {
  const { words, customer, preferences } = shop;
  const { locale, country } = preferences;
  const main = h('main', { id: 'main' });
  const nameOf = countryNameIn(locale);
  const skip = on(h('a', { class: 'skip', href: '#main' }, words.skip), {
    click: (event) => {
      event.preventDefault();
      main.querySelector<HTMLElement>('h1')?.focus();
    },
  });
  const header = h(
    'header',
    { class: 'top' },
    h(
      'div',
      { class: 'strip' },
      select({
        label: words.deliverTo,
        value: country,
        options: (Object.keys(COUNTRIES) as CountryCode[]).map((code) => [
          code,
          `${nameOf(code)} · ${COUNTRIES[code].currency}`,
        ]),
        chosen: (code) => isCountryCode(code) && prefer({ locale, country: code }),
      }),
      select({
        label: words.language,
        value: locale,
        options: LOCALES.map((one) => [one, LOCALE_NAMES[one]]),
        chosen: (one) => isLocale(one) && prefer({ locale: one, country }),
      }),
    ),
    h(
      'nav',
      { class: 'bar', 'aria-label': words.nav },
      h('a', { class: 'logo', href: '/' }, h('span', { class: 'leaf', 'aria-hidden': 'true' }), 'Larch'),
      h('a', { class: 'account', href: '/account' }, customer ?? words.signIn),
      h(
        'a',
        { class: 'cart', href: '/cart' },
        words.cart,
        ' ',
        h('span', { class: 'count' }, cartCount(shop)),
      ),
    ),
  );
  const footer = h(
    'footer',
    {},
    h('p', {}, words.footer),
    on(h('button', { type: 'button', class: 'plain' }, words.privacy), { click: () => shop.askForConsent() }),
  );
  return { parts: [skip, header, main, footer], main };
}

/** As it is drawn behind the word "cart". */
export function cartCount({ cart }: Pick<Shop, 'cart'>): string {
  return String(cart.count());
}

function select({
  label,
  value,
  options,
  chosen,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly chosen: (value: string) => void;
}): HTMLElement {
  const made = h(
    'select',
    {},
    ...options.map(([id, text]) => h('option', { value: id, selected: id === value }, text)),
  );
  on(made, { change: () => chosen(made.value) });
  return h('label', {}, h('span', {}, label), made);
}
