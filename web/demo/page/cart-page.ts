import { PRODUCTS } from '../catalogue/products.ts';
import { subtotalOf, type CartLine } from '../catalogue/total.ts';
import { h, on, picture } from './element.ts';
import { cartProperties, productProperties } from './product-events.ts';
import type { Shop, View } from './shop-context.ts';

export function cartPage(shop: Shop): View {
  const { words, country, cart, cartwright } = shop;
  const content = h('div', { class: 'narrow' }, h('h1', { tabindex: -1 }, words.cart));
  const status = h('p', { class: 'unseen', role: 'status' });
  const body = h('div', {});
  content.append(body, status);
  const draw = (): void => body.replaceChildren(cart.lines().length === 0 ? empty(shop) : full(shop, change));
  const change = (line: CartLine, by: number, focus: string): void => {
    const { productId } = line;
    const changed = cart.change(productId, by);
    if (changed === 0) return;
    const properties = productProperties(productId, country.currency, Math.abs(changed));
    cartwright.track(changed > 0 ? 'Product Added' : 'Product Removed', properties);
    draw();
    const left = cart.lines().find((one) => one.productId === productId)?.quantity ?? 0;
    status.textContent = `${words.products[productId].name}: ${left}`;
    // The button that was pressed was drawn anew, or is gone with its line.
    const target = body.querySelector<HTMLElement>(`#${focus}-${productId}`) ?? content.querySelector('h1');
    target?.focus();
  };
  draw();
  return {
    title: words.cart,
    content,
    shown: () => cartwright.track('Cart Viewed', cartProperties(cart.lines(), country.currency)),
  };
}

function empty({ words }: Shop): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    picture('tarn-mug', '', 160, 160),
    h('p', { class: 'lead' }, words.cartEmpty),
    h('p', { class: 'quiet' }, words.cartEmptyText),
    h('a', { class: 'button', href: '/' }, words.heroAction),
  );
}

type Change = (line: CartLine, by: number, focus: string) => void;

function full(shop: Shop, change: Change): HTMLElement {
  const { words, country, cart, money } = shop;
  const lines = cart.lines();
  return h(
    'div',
    {},
    h('ul', { class: 'lines' }, ...lines.map((line) => h('li', {}, row(shop, line, change)))),
    h(
      'div',
      { class: 'cart-foot' },
      h(
        'p',
        { class: 'sum' },
        h('span', {}, words.subtotal),
        h('strong', {}, money(subtotalOf(lines, country.currency))),
      ),
      h('p', { class: 'quiet' }, words.shippingLater),
      h('a', { class: 'button wide', href: '/checkout' }, words.toCheckout),
    ),
  );
}

function row({ words, country, money }: Shop, line: CartLine, change: Change): HTMLElement {
  const { productId, quantity } = line;
  const { name } = words.products[productId];
  const step = (focus: string, sign: string, label: string, by: number): HTMLElement =>
    on(
      h('button', { type: 'button', id: `${focus}-${productId}`, 'aria-label': `${label}: ${name}` }, sign),
      {
        click: () => change(line, by, focus),
      },
    );
  return h(
    'div',
    { class: 'line' },
    picture(productId, '', 96, 96),
    h('a', { class: 'line-name', href: `/product/${productId}` }, name),
    h(
      'div',
      { class: 'stepper', role: 'group', 'aria-label': `${words.quantity}: ${name}` },
      step('fewer', '−', words.fewer, -1),
      h('span', {}, String(quantity)),
      step('more', '+', words.more, 1),
    ),
    on(
      h('button', { type: 'button', class: 'plain', 'aria-label': `${words.remove}: ${name}` }, words.remove),
      {
        click: () => change(line, -quantity, 'fewer'),
      },
    ),
    h('span', { class: 'price' }, money(PRODUCTS[productId].price[country.currency] * quantity)),
  );
}
