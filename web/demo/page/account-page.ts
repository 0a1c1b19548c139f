import { filled } from '../words/words.ts';
import { h, on } from './element.ts';
import { shopApi } from './shop-api.ts';
import type { Shop, View } from './shop-context.ts';

export function accountPage(shop: Shop): View {
  const { customer, words } = shop;
  return {
    title: words.accountTitle,
    ...(customer === undefined ? signedOut(shop) : signedIn(shop, customer)),
  };
}

function signedOut(shop: Shop): Pick<View, 'content'> {
  const { words } = shop;
  const problem = h('p', { class: 'problem', role: 'alert', id: 'name-problem' });
  const name = h('input', {
    id: 'name',
    name: 'name',
    autocomplete: 'username',
    required: true,
    maxlength: 40,
    'aria-describedby': 'name-problem',
  });
  const form = h(
    'form',
    { class: 'panel', novalidate: true },
    h('label', { for: 'name' }, words.name),
    name,
    problem,
    h('button', { class: 'button', type: 'submit' }, words.signIn),
  );
  on(form, {
    submit: (event) => {
      event.preventDefault();
      if (name.value.trim() === '') {
        problem.textContent = words.isMissing;
        name.focus();
        return;
      }
      void shop.signIn(name.value).then((isIn) => {
        if (!isIn) problem.textContent = words.cannotSignIn;
      });
    },
  });
  return {
    content: h(
      'div',
      { class: 'narrow' },
      h('h1', { tabindex: -1 }, words.signIn),
      h('p', { class: 'lead' }, words.signInText),
      form,
      privacy(shop),
    ),
  };
}

function signedIn(shop: Shop, customer: string): Pick<View, 'content' | 'shown'> {
  const { words, money, preferences } = shop;
  const list = h('div', { class: 'orders', 'aria-busy': 'true' });
  return {
    content: h(
      'div',
      { class: 'narrow' },
      h('h1', { tabindex: -1 }, filled(words.hello, { name: customer })),
      on(h('button', { class: 'button second', type: 'button' }, words.signOut), {
        click: () => void shop.signOut(),
      }),
      privacy(shop),
      h('h2', {}, words.orders),
      list,
    ),
    shown: () =>
      void shopApi.orders().then((orders) => {
        list.removeAttribute('aria-busy');
        const date = new Intl.DateTimeFormat(preferences.locale, { dateStyle: 'medium', timeStyle: 'short' });
        list.replaceChildren(
          orders.length === 0
            ? h('p', { class: 'quiet' }, words.noOrders)
            : h(
                'ul',
                {},
                ...orders.map((order) =>
                  h(
                    'li',
                    {},
                    h('a', { href: `/order/${order.id}` }, date.format(new Date(order.placedAt))),
                    h('span', {}, words.payments[order.payment]),
                    h('strong', {}, money(order.total, order.currency)),
                  ),
                ),
              ),
        );
      }),
  };
}

function privacy({ words, askForConsent }: Shop): HTMLElement {
  return on(h('button', { class: 'plain', type: 'button' }, words.privacy), { click: () => askForConsent() });
}
