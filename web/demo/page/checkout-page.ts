import { SHIPPING, type PaymentMethod } from '../catalogue/countries.ts';
import { discountOf, type Discount } from '../catalogue/discount.ts';
import { shippingPriceOf, subtotalOf } from '../catalogue/total.ts';
import { PRODUCTS } from '../catalogue/products.ts';
import { filled } from '../words/words.ts';
import type { DecideRequest } from '../../sdk/index.ts';
import { addressFields, type AddressFields } from './address-fields.ts';
import type { Answered } from './cartwright-link.ts';
import { isRefusedByBrowser } from './consent.ts';
import { h, on, picture } from './element.ts';
import { daysIn } from './money.ts';
import { offerButtons, openCheckoutOf } from './offer-buttons.ts';
import { optionList, type OptionList } from './option-list.ts';
import { cartProperties } from './product-events.ts';
import { shopApi, type AcceptedOffer } from './shop-api.ts';
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
  let accepted: AcceptedOffer | undefined;
  const summary = summaryOf(shop, shipping, () => accepted?.discount);
  const offers = h('ul', { 'data-cartwright-slot': 'offers', 'aria-label': words.offersTitle });
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
        'div',
        { class: 'for-you' },
        h('ul', { 'data-cartwright-slot': 'messages', 'aria-label': words.messagesTitle }),
        offers,
      ),
      h(
        'aside',
        { class: 'summary', 'aria-labelledby': 'summary-heading' },
        summary.element,
        place,
        problem,
        h('p', { class: 'quiet' }, words.notCharged),
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
      void placeOrder(shop, address, shipping.chosen(), payment.chosen(), accepted?.voucher).then(
        (isPlaced) => {
          if (isPlaced) return;
          place.removeAttribute('aria-disabled');
          place.textContent = words.place;
          problem.textContent = words.notPlaced;
        },
      );
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
          offerButtons(shop, offers, answered.answer, (offer) => {
            accepted = offer;
            summary.draw();
          });
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

/** The lines and the total, which follows what is chosen and which offer is accepted. */
function summaryOf(
  shop: Shop,
  shipping: OptionList,
  discount: () => Discount | undefined,
): { readonly element: HTMLElement; readonly draw: () => void } {
  const { words, cart, country, money } = shop;
  const { currency } = country;
  const subtotal = subtotalOf(cart.lines(), currency);
  const shippingPrice = h('span', {});
  const off = h('span', {});
  const offLine = h('p', { class: 'sum', hidden: true }, h('span', {}, words.discount), off);
  const total = h('strong', {});
  const draw = (): void => {
    const chosen = SHIPPING.find(({ id }) => id === shipping.chosen());
    const price = chosen ? shippingPriceOf(chosen.id, currency) : 0;
    const less = discountOf(discount(), { subtotal, shipping: price });
    shippingPrice.textContent = chosen ? money(price) : '–';
    off.textContent = money(-less);
    offLine.hidden = less === 0;
    total.textContent = money(subtotal + price - less);
  };
  on(shipping.element, { change: draw });
  draw();
  const sum = (className: string, name: string, value: HTMLElement): HTMLElement =>
    h('p', { class: className }, h('span', {}, name), value);
  const element = h(
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
    offLine,
    sum('sum total', words.total, total),
  );
  return { element, draw };
}

async function placeOrder(
  shop: Shop,
  address: AddressFields,
  shipping: string,
  payment: string,
  voucher: string | undefined,
): Promise<boolean> {
  const { cart, cartwright, consent } = shop;
  cartwright.track('Payment Info Entered', {
    checkout_id: cart.checkoutId(),
    payment_method: payment,
    shipping_method: shipping,
  });
  const order = await shopApi.order({
    ...openCheckoutOf(shop),
    payment,
    shipping,
    voucher,
    city: address.value('city'),
    region: address.value('region'),
    mayBeReported: consent.analytics && !isRefusedByBrowser(),
  });
  if (order === undefined) return false;
  cart.empty();
  shop.go(`/order/${order.id}`);
  return true;
}
