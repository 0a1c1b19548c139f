import { PRODUCTS, type ProductId } from '../catalogue/products.ts';
import { h, on, picture } from './element.ts';
import { productProperties } from './product-events.ts';
import type { Shop, View } from './shop-context.ts';

export function productPage(shop: Shop, id: ProductId): View {
  const { words, country, money, cart, cartwright } = shop;
  const { category, price } = PRODUCTS[id];
  const { name, text } = words.products[id];
  // There from the beginning: what is said in it is heard, and nothing moves when it is.
  const said = h('p', { class: 'said', role: 'status' });
  const add = on(h('button', { type: 'button', class: 'button' }, words.add), {
    click: () => {
      const added = cart.change(id, 1);
      if (added > 0) cartwright.track('Product Added', productProperties(id, country.currency, added));
      said.replaceChildren(`${words.added}. `, h('a', { href: '/cart' }, words.viewCart));
    },
  });
  return {
    title: name,
    content: h(
      'article',
      { class: 'product' },
      h('nav', { class: 'back', 'aria-label': words.allGoods }, h('a', { href: '/' }, words.allGoods)),
      picture(id, name, 400, 400),
      h(
        'div',
        { class: 'product-words' },
        h('p', { class: 'kicker' }, words.categories[category]),
        h('h1', { tabindex: -1 }, name),
        h('p', { class: 'lead' }, text),
        h('p', { class: 'price large' }, money(price[country.currency])),
        add,
        said,
        h('p', { class: 'quiet' }, words.taxes),
      ),
    ),
    shown: () => cartwright.track('Product Viewed', productProperties(id, country.currency)),
  };
}
