import { COUNTRIES } from '../catalogue/countries.ts';
import { isProductId } from '../catalogue/products.ts';
import { wordsOf } from '../words/words.ts';
import { accountPage } from './account-page.ts';
import { cartOf } from './cart.ts';
import { cartPage } from './cart-page.ts';
import { cartwrightLink, type Answered } from './cartwright-link.ts';
import { checkoutPage } from './checkout-page.ts';
import { consentBanner } from './consent-banner.ts';
import { isRefusedByBrowser, keepConsent, NOTHING, readConsent, type Consent } from './consent.ts';
import { drawer } from './drawer.ts';
import { h } from './element.ts';
import { homePage } from './home-page.ts';
import { moneyIn } from './money.ts';
import { orderPage } from './order-page.ts';
import { keepPreferences, readPreferences } from './preferences.ts';
import { productPage } from './product-page.ts';
import { signedIn } from './signed-in.ts';
import type { Shop, View } from './shop-context.ts';
import { cartCount, shopFrame } from './shop-frame.ts';

let preferences = readPreferences(navigator.languages);
let consent = readConsent();
let view: View | undefined;
let last: (Answered & { readonly at: number }) | undefined;
let behind = drawerOf();

const session = signedIn();
const cart = cartOf(() => {
  for (const count of document.querySelectorAll('.count')) count.textContent = cartCount({ cart });
});
const cartwright = cartwrightLink({
  writeKey: document.querySelector('meta[name="cartwright-write-key"]')?.getAttribute('content') ?? '',
  consent,
  token: session.token,
});

function drawerOf(): ReturnType<typeof drawer> {
  return drawer({
    title: wordsOf(preferences.locale).behind,
    last: () => last,
    shopper: () => ({
      customer: session.customer(),
      anonymousId: cartwright.anonymousId(),
      isSdkThere: cartwright.isThere(),
      consent: isRefusedByBrowser()
        ? 'refused by the browser'
        : consent === undefined
          ? 'not given yet'
          : consent.personalization && consent.analytics
            ? 'given'
            : 'not given',
    }),
  });
}

function shopNow(): Shop {
  const { locale, country } = preferences;
  const money = moneyIn(locale);
  const { currency } = COUNTRIES[country];
  return {
    preferences,
    words: wordsOf(locale),
    country: COUNTRIES[country],
    cart,
    cartwright,
    customer: session.customer(),
    consent: consent ?? NOTHING,
    money: (amount, of = currency) => money(amount, of),
    go,
    async signIn(name) {
      const customer = await session.signIn(name);
      if (customer === undefined) return false;
      cartwright.identify(customer);
      last = undefined;
      draw();
      return true;
    },
    async signOut() {
      if (!(await session.signOut())) return;
      cartwright.reset();
      last = undefined;
      draw();
    },
    askForConsent: () => showBanner(true),
  };
}

function go(path: string): void {
  history.pushState(null, '', path);
  draw();
}

function viewOf(shop: Shop, path: string): View {
  const [, page = '', id = ''] = path.split('/');
  switch (page) {
    case '':
      return homePage(shop);
    case 'product':
      return isProductId(id) ? productPage(shop, id) : nothingHere(shop);
    case 'cart':
      return cartPage(shop);
    case 'checkout':
      return checkoutPage(shop, answered);
    case 'order':
      return orderPage(shop, id);
    case 'account':
      return accountPage(shop);
    default:
      return nothingHere(shop);
  }
}

function nothingHere({ words }: Shop): View {
  return {
    title: words.noSuchPage,
    content: h(
      'div',
      { class: 'narrow' },
      h('h1', { tabindex: -1 }, words.noSuchPage),
      h('a', { class: 'button', href: '/' }, words.keepLooking),
    ),
  };
}

function answered(now: Answered): void {
  last = { ...now, at: Date.now() };
  behind.draw();
}

/** Draws the page of the address. @param isFirst whoever has just come in starts at the top, not at the heading */
function draw(isFirst = false): void {
  view?.left?.();
  const shop = shopNow();
  const { locale } = preferences;
  document.documentElement.lang = locale;
  document.documentElement.dir = locale === 'ar' ? 'rtl' : 'ltr';
  const { parts, main } = shopFrame(shop, (wanted) => {
    preferences = wanted;
    keepPreferences(preferences);
    behind.element.remove();
    behind = drawerOf();
    draw();
    showBanner(document.querySelector('.banner') !== null);
  });
  view = viewOf(shop, location.pathname);
  document.title = `${view.title} · Larch`;
  main.append(view.content);
  const banner = document.querySelector('.banner');
  document.body.replaceChildren(...parts, ...(banner ? [banner] : []), behind.element);
  // In the task that puts the page there: what it arranges is arranged before it is seen.
  view.shown?.();
  behind.draw();
  if (isFirst) return;
  scrollTo(0, 0);
  main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}

function showBanner(isWanted: boolean): void {
  document.querySelector('.banner')?.remove();
  if (!isWanted) return;
  const banner = consentBanner(wordsOf(preferences.locale), consent, (chosen: Consent) => {
    consent = chosen;
    keepConsent(chosen);
    cartwright.consent(chosen);
    banner.remove();
    behind.draw();
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  });
  document.body.insertBefore(banner, behind.element);
}

/** Links of the shop's own are followed without a new page. */
function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented || link.target !== '') return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.hash !== '') return;
    event.preventDefault();
    go(url.pathname);
  });
  addEventListener('popstate', () => {
    if (view) draw();
  });
}

async function openShop(): Promise<void> {
  followLinks();
  const [isGone] = await Promise.all([session.begin(), cartwright.ready]);
  if (isGone) cartwright.reset();
  draw(true);
  showBanner(consent === undefined && !isRefusedByBrowser());
}

void openShop();
