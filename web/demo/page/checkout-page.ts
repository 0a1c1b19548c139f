import { SHIPPING, type PaymentMethod } from '../catalogue/countries.ts';
import { shippingPriceOf, subtotalOf } from '../catalogue/total.ts';
import { PRODUCTS } from '../catalogue/products.ts';
import { filled } from '../words/words.ts';
import type { DecideRequest } from '../../sdk/index.ts';
import { addressFields, type AddressFields } from './address-fields.ts';
import type { Answered } from './cartwright-link.ts';
import { isRefusedByBrowser } from './consent.ts';
import { h, on, picture } from './element.ts';
import { daysIn } from './money.ts';
import { optionList, type OptionList } from './option-list.ts';
import { cartProperties } from './product-events.ts';
import { shopApi } from './shop-api.ts';
import type { Shop, View } from './shop-context.ts';

export function checkoutPage(shop: Shop, onAnswer: (answered: Answered) => void): View {
  const { words, cart, cartwright, country } = shop;
  if (cart.lines().length === 0) {
    return {
      title: words.checkout,
      content: h(
        'div',
        { class: 'narrow' },
        h('h1', { tabindex: -1 }, words.checkout),
        h('p', { class: 'lead' }, words.nothingToCheckOut),
        h('a', { class: 'button', href: '/' }, words.heroAction),
      ),
    };
  }
  const address = addressFields(shop);
  const shipping = optionList({
    slot: 'shipping',
    title: words.delivery,
    missing: words.chooseShipping,
    options: SHIPPING.map(({ id, etaDays, price }) => ({
      id,
      name: words.shippings[id],
      note: daysIn(shop.preferences.locale)(etaDays),
      value: shop.money(price[country.currency]),
      icon: `ship-${id}`,
    })),
  });
  const payment = optionList({
    slot: 'payment',
    title: words.payment,
    missing: words.choosePayment,
    options: country.payment.map(({ id, kind }) => ({ id, name: words.payments[id], icon: iconOf(kind) })),
  });
  const summary = summaryOf(shop, shipping);
  const problem = h('p', { class: 'problem', role: 'alert' });
  const place = h('button', { type: 'submit', class: 'button wide' }, words.place);
  const form = h(
    'form',
    { class: 'checkout', novalidate: true },
    h('div', { class: 'steps' }, address.element, shipping.element, payment.element),
    h(
      'div',
      { class: 'side' },
      h(
        'aside',
        { class: 'summary', 'aria-labelledby': 'summary-heading' },
        summary,
        place,
        problem,
        h('p', { class: 'quiet' }, words.notCharged),
      ),
      h(
        'div',
        { class: 'for-you' },
        h('ul', { 'data-cartwright-slot': 'messages', 'aria-label': words.messagesTitle }),
        h('ul', { 'data-cartwright-slot': 'offers', 'aria-label': words.offersTitle }),
      ),
    ),
  );
  on(form, {
    submit: (event) => {
      event.preventDefault();
      const wrong = [address, shipping, payment].map((part) => part.firstFault()).find((fault) => fault);
      if (wrong) return wrong.focus();
      problem.textContent = '';
      place.setAttribute('aria-disabled', 'true');
      place.textContent = words.placing;
      void placeOrder(shop, address, shipping.chosen(), payment.chosen()).then((isPlaced) => {
        if (isPlaced) return;
        place.removeAttribute('aria-disabled');
        place.textContent = words.place;
        problem.textContent = words.notPlaced;
      });
    },
  });
  let end = (): void => undefined;
  return {
    title: words.checkout,
    content: h('div', {}, h('h1', { tabindex: -1 }, words.checkout), form),
    shown() {
      end = cartwright.mount(
        form,
        {
          request: () => requestOf(shop),
          texts: { arranged: words.arranged, missing: (amount) => filled(words.missing, { amount }) },
        },
        (answered) => {
          for (const list of [shipping, payment]) list.showReasons(words.reasons);
          onAnswer(answered);
        },
      );
      cartwright.track('Checkout Started', {
        checkout_id: cart.checkoutId(),
        ...cartProperties(cart.lines(), country.currency),
      });
    },
    left: () => end(),
  };
}

function requestOf({ cart, country, preferences }: Shop): DecideRequest {
  const { currency } = country;
  return {
    checkout: {
      id: cart.checkoutId(),
      lines: cart.lines().map(({ productId, quantity }) => ({
        productId,
        quantity,
        price: PRODUCTS[productId].price[currency],
      })),
      payment: country.payment,
      shipping: SHIPPING.map(({ id, price, etaDays }) => ({ id, price: price[currency], etaDays })),
    },
    context: { country: country.code, currency, locale: preferences.locale },
  };
}

function iconOf(kind: PaymentMethod['kind']): string {
  return `pay-${kind}`;
}

/** The lines and the total, which follows what is chosen. */
function summaryOf(shop: Shop, shipping: OptionList): HTMLElement {
  const { words, cart, country, money } = shop;
  const { currency } = country;
  const subtotal = subtotalOf(cart.lines(), currency);
  const shippingPrice = h('span', {});
  const total = h('strong', {});
  const draw = (): void => {
    const chosen = SHIPPING.find(({ id }) => id === shipping.chosen());
    shippingPrice.textContent = chosen ? money(shippingPriceOf(chosen.id, currency)) : '–';
    total.textContent = money(subtotal + (chosen ? shippingPriceOf(chosen.id, currency) : 0));
  };
  on(shipping.element, { change: draw });
  draw();
  const sum = (className: string, name: string, value: HTMLElement): HTMLElement =>
    h('p', { class: className }, h('span', {}, name), value);
  return h(
    'div',
    {},
    h('h2', { id: 'summary-heading' }, words.summary),
    h(
      'ul',
      { class: 'summary-lines' },
      ...cart
        .lines()
        .map(({ productId, quantity }) =>
          h(
            'li',
            {},
            picture(productId, '', 56, 56),
            h('span', {}, `${quantity} × ${words.products[productId].name}`),
            h('span', {}, money(PRODUCTS[productId].price[currency] * quantity)),
          ),
        ),
    ),
    sum('sum', words.subtotal, h('span', {}, money(subtotal))),
    sum('sum', words.shipping, shippingPrice),
    sum('sum total', words.total, total),
  );
}

async function placeOrder(
  shop: Shop,
  address: AddressFields,
  shipping: string,
  payment: string,
): Promise<boolean> {
  const { cart, cartwright, consent, country, preferences } = shop;
  const checkoutId = cart.checkoutId();
  cartwright.track('Payment Info Entered', {
    checkout_id: checkoutId,
    payment_method: payment,
    shipping_method: shipping,
  });
  const order = await shopApi.order({
    checkoutId,
    lines: cart.lines(),
    country: country.code,
    payment,
    shipping,
    city: address.value('city'),
    region: address.value('region'),
    locale: preferences.locale,
    anonymousId: cartwright.anonymousId(),
    mayBeReported: consent.analytics && !isRefusedByBrowser(),
  });
  if (order === undefined) return false;
  cart.empty();
  shop.go(`/order/${order.id}`);
  return true;
}
