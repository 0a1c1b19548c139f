import { PRODUCT_IDS, PRODUCTS, type ProductId } from '../catalogue/products.ts';
import { h, picture } from './element.ts';
import type { Shop, View } from './shop-context.ts';

export function homePage(shop: Shop): View {
  const { words } = shop;
  return {
    title: words.tagline,
    content: h(
      'div',
      { class: 'home' },
      h(
        'section',
        { class: 'hero', 'aria-labelledby': 'hero' },
        h(
          'div',
          { class: 'hero-words' },
          h('h1', { id: 'hero', tabindex: -1 }, words.heroTitle),
          h('p', {}, words.heroText),
          h('a', { class: 'button', href: '#shelf' }, words.heroAction),
        ),
        picture('hero', '', 960, 640),
      ),
      h(
        'section',
        { id: 'shelf', 'aria-labelledby': 'shelf-heading' },
        h('h2', { id: 'shelf-heading' }, words.shelf),
        h('ul', { class: 'shelf' }, ...PRODUCT_IDS.map((id) => h('li', {}, card(shop, id)))),
      ),
    ),
  };
}

function card({ words, country, money }: Shop, id: ProductId): HTMLElement {
  const { category, price } = PRODUCTS[id];
  return h(
    'a',
    { class: 'card', href: `/product/${id}` },
    picture(id, '', 400, 400),
    h('span', { class: 'kicker' }, words.categories[category]),
    h('span', { class: 'card-name' }, words.products[id].name),
    h('span', { class: 'price' }, money(price[country.currency])),
  );
}
