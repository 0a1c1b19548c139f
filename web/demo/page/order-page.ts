import { h, picture } from './element.ts';
import { shopApi, type PlacedOrder } from './shop-api.ts';
import type { Shop, View } from './shop-context.ts';

export function orderPage(shop: Shop, id: string): View {
  const { words } = shop;
  const heading = h('h1', { tabindex: -1 }, words.thanks);
  // Of the size that the order will have, so that nothing moves when it comes.
  const receipt = h('div', { class: 'receipt' });
  const content = h(
    'div',
    { class: 'narrow thanks' },
    picture('ember-kettle', '', 200, 200),
    heading,
    h('p', { class: 'lead' }, words.thanksText),
    receipt,
    h('a', { class: 'button', href: '/' }, words.keepLooking),
  );
  return {
    title: words.thanks,
    content,
    shown: () =>
      void shopApi.orderOf(id).then((order) => {
        if (order) receipt.replaceChildren(receiptOf(shop, order));
        else heading.textContent = words.noSuchOrder;
      }),
  };
}

function receiptOf({ words, money }: Shop, order: PlacedOrder): HTMLElement {
  const facts: readonly (readonly [string, string])[] = [
    [words.orderNumber, order.id.slice(0, 8).toUpperCase()],
    [words.paidWith, words.payments[order.payment]],
    [words.deliveredBy, words.shippings[order.shipping]],
    [words.total, money(order.total, order.currency)],
  ];
  return h('dl', {}, ...facts.map(([term, said]) => h('div', {}, h('dt', {}, term), h('dd', {}, said))));
}
