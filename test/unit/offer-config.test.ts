import { checkStoreConfig } from '../../shared/domain/check-store-config.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import type { RatesConfig } from '../../shared/domain/exchange-rates.ts';
import type { MessageSource } from '../../shared/domain/slots/message-source.ts';
import type { OfferSource } from '../../shared/domain/slots/offer-source.ts';
import type { StoreConfig } from '../../shared/domain/store-config.ts';
import { store } from '../../store.config.ts';
import { storeOffering, storeWith } from '../decisions.ts';

/** As JSON would bring it: whatever the compiler thinks of it. */
const offer = (more: object): OfferSource => ({
  id: 'one',
  title: { en: 'One' },
  value: { kind: 'reward' },
  ...more,
});
const notice = (more: object): MessageSource => ({ id: 'one', kind: 'notice', text: { en: 'One' }, ...more });
const found = (config: StoreConfig) => checkStoreConfig(config, 'dev');
const brief = (config: StoreConfig) => found(config).map(({ code, path }) => [code, path]);
const ROOT = 'offers.items[0]';
const title = (words: Record<string, unknown>) => ({ title: { en: 'One', ...words } });

test.each<[string, object, string, string, string?]>([
  ['a setting that there is not', { segmetns: [] }, 'unknown_setting', '.segmetns', 'segments'],
  ['a kind that there is not', { value: { kind: 'percnt' } }, 'not_a_choice', '.value.kind', 'percent'],
  ['a prototype’s name as a kind', { value: { kind: 'constructor' } }, 'not_a_choice', '.value.kind'],
  [
    'a setting of another kind',
    { value: { kind: 'reward', percent: 1 } },
    'unknown_setting',
    '.value.percent',
  ],
  ['a value without its amount', { value: { kind: 'amount' } }, 'missing_setting', '.value.amount'],
  [
    'a part of a cart that there is not',
    { cart: { subtotl: {} } },
    'unknown_setting',
    '.cart.subtotl',
    'subtotal',
  ],
  [
    'a validity that there is not',
    { validity: { untill: '' } },
    'unknown_setting',
    '.validity.untill',
    'until',
  ],
  [
    'more than everything off',
    { value: { kind: 'percent', percent: 101 } },
    'out_of_range',
    '.value.percent',
  ],
  ['nothing off', { value: { kind: 'percent', percent: 0 } }, 'out_of_range', '.value.percent'],
  [
    'an amount in major units',
    { value: { kind: 'amount', amount: { EUR: 4.99 } } },
    'out_of_range',
    '.value.amount.EUR',
  ],
  [
    'an amount of nothing',
    { value: { kind: 'amount', amount: { EUR: 0 } } },
    'out_of_range',
    '.value.amount.EUR',
  ],
  [
    'an amount in no currency',
    { value: { kind: 'amount', amount: { euro: 500 } } },
    'not_a_currency',
    '.value.amount.euro',
  ],
  ['no amount at all', { value: { kind: 'free-shipping', from: {} } }, 'missing_setting', '.value.from'],
  ['an empty cart as a condition', { cart: { quantity: 0 } }, 'out_of_range', '.cart.quantity'],
  ['no product', { cart: { products: [] } }, 'missing_setting', '.cart.products'],
  ['a subtotal below zero', { cart: { subtotal: { EUR: -1 } } }, 'out_of_range', '.cart.subtotal.EUR'],
  [
    'a segment that there is not',
    { segments: ['hihg-value'] },
    'unknown_segment',
    '.segments[0]',
    'high-value',
  ],
  ['no segment', { segments: [] }, 'missing_setting', '.segments'],
  [
    'a field that there is not',
    { when: { 'orders.cuont': 1 } },
    'unknown_field',
    '.when.orders.cuont',
    'orders.count',
  ],
  [
    'a named segment that there is not',
    { when: { $segment: 'lsot' } },
    'unknown_segment',
    '.when.$segment',
    'lost',
  ],
  [
    'a look back outside segments',
    { when: { $not: { $count: { event: 'page', is: { $gte: 1 } } } } },
    'window_outside_segments',
    '.when',
  ],
  ['a time without a zone', { validity: { until: '2026-12-24T18:00' } }, 'not_a_time', '.validity.until'],
  ['a day that there is not', { validity: { from: '2026-02-30T00:00:00Z' } }, 'not_a_time', '.validity.from'],
  [
    'an end before the beginning',
    { validity: { from: '2026-02-02T00:00:00Z', until: '2026-02-01T00:00:00Z' } },
    'out_of_range',
    '.validity.until',
  ],
  [
    'an end at its very beginning',
    { validity: { from: '2026-02-02T00:00:00Z', until: '2026-02-02T00:00:00Z' } },
    'out_of_range',
    '.validity.until',
  ],
  [
    'a duration that is none',
    { validity: { lasts: '2 days', after: 'orders.lastAt' } },
    'not_a_duration',
    '.validity.lasts',
  ],
  ['a duration after nothing', { validity: { lasts: '2d' } }, 'not_a_choice', '.validity.after'],
  [
    'what a visit would move',
    { validity: { lasts: '2d', after: 'browse.viewedAt' } },
    'not_a_choice',
    '.validity.after',
  ],
  [
    'an event that there is not',
    { validity: { lasts: '2d', after: { $first: 'Product Veiwed' } } },
    'unknown_event',
    '.validity.after.$first.event',
    'Product Viewed',
  ],
  [
    'a first event that no segment keeps',
    { validity: { lasts: '2d', after: { $first: 'Product Shared' } } },
    'window_outside_segments',
    '.validity.after',
  ],
  ['a text without the shop’s own language', { title: { de: 'Eins' } }, 'missing_setting', '.title.en'],
  ['an empty text', title({ de: ' ' }), 'missing_setting', '.title.de'],
  ['a text that is none', title({ de: 3 }), 'missing_setting', '.title.de'],
  ['a language that is none', title({ de_DE: 'Eins' }), 'not_a_locale', '.title.de_DE'],
  [
    'a placeholder that was meant otherwise',
    { value: { kind: 'percent', percent: 5 }, title: { en: '{precent} % off' } },
    'unknown_placeholder',
    '.title.en',
    '{percent}',
  ],
  [
    'a placeholder where nothing is filled in',
    title({ de: '{percent} %' }),
    'unknown_placeholder',
    '.title.de',
  ],
])('an offer with %s is turned down with its path', (_what, more, code, path, hint = '') => {
  const faults = found(storeOffering([offer(more)]));
  expect(faults.map((fault) => [fault.code, fault.path])).toContainEqual([code, ROOT + path]);
  const [fault] = faults;
  expect(fault?.message).toContain(ROOT);
  expect(fault?.message).toMatch(/[.?]$/);
  if (hint !== '')
    expect(fault?.message).toContain(`did you mean ${hint.startsWith('{') ? hint : `"${hint}"`}?`);
});

test.each<[string, object, string, string, string?]>([
  ['a kind that there is not', { kind: 'notise' }, 'not_a_choice', '.kind', 'notice'],
  ['a setting of another kind', { within: '1d' }, 'unknown_setting', '.within'],
  ['no text', { text: undefined }, 'missing_setting', '.text.en'],
  ['a cart of any age', { kind: 'continue-checkout' }, 'missing_setting', '.within'],
  ['an age that is none', { kind: 'support-follow-up', within: 'long' }, 'not_a_duration', '.within'],
  ['a placeholder of another kind', { text: { en: '{tier}' } }, 'unknown_placeholder', '.text.en'],
  [
    'a misspelt placeholder',
    { kind: 'loyalty-status', text: { en: '{teir}' } },
    'unknown_placeholder',
    '.text.en',
    '{tier}',
  ],
])('a message with %s is turned down with its path', (_what, more, code, path, hint = '') => {
  const source = Object.fromEntries(Object.entries(notice(more)).map(([key, value]) => [key, value ?? {}]));
  const faults = found(storeWith({ messages: { items: [source as unknown as MessageSource] } }));
  expect(faults.map((fault) => [fault.code, fault.path])).toContainEqual([code, `messages.items[0]${path}`]);
  expect(faults[0]?.message).toContain(hint);
});

test('ids are each one’s own, and guardrails are checked as those of other slots are', () => {
  expect(brief(storeOffering([offer({}), offer({})]))).toEqual([['duplicate_id', 'offers.items[1].id']]);
  expect(brief(storeWith({ messages: { items: [notice({}), notice({})] } }))).toEqual([
    ['duplicate_id', 'messages.items[1].id'],
  ]);
  const rule = { id: 'a', rule: 'nothing-preselected', source: '', countries: ['Sweden'] } as const;
  expect(brief(storeWith({ offers: { guardrails: [rule], items: [] } }))).toEqual([
    ['not_a_country', 'offers.guardrails[0].countries[0]'],
  ]);
  const misspelt = { ...rule, rule: 'nothing-preselceted' } as unknown as typeof rule;
  expect(found(storeWith({ offers: { guardrails: [misspelt], items: [] } }))[0]?.message).toContain(
    'did you mean "nothing-preselected"?',
  );
  expect(brief(storeWith({ offers: {} as unknown as StoreConfig['offers'] }))).toEqual([
    ['missing_setting', 'offers.guardrails'],
    ['missing_setting', 'offers.items'],
  ]);
});

test('the shop’s own language is one', () => {
  expect(brief(storeWith({ defaultLocale: 'english language' }))).toEqual([
    ['not_a_locale', 'defaultLocale'],
  ]);
});

const rates: RatesConfig = { asOf: '2026-11-20', source: 'ECB', base: 'EUR', perBase: { USD: 1.1 } };

test('rates that are well stated are taken', () => expect(brief(storeWith({ rates }))).toEqual([]));

test.each<[object, string, string]>([
  [{ asOf: 'yesterday' }, 'not_a_time', 'rates.asOf'],
  [{ asOf: '2026-11-31' }, 'not_a_time', 'rates.asOf'],
  [{ source: ' ' }, 'missing_setting', 'rates.source'],
  [{ base: 'euro' }, 'not_a_currency', 'rates.base'],
  [{ perBase: { usd: 1 } }, 'not_a_currency', 'rates.perBase.usd'],
  [{ perBase: { USD: 0 } }, 'out_of_range', 'rates.perBase.USD'],
  [{ perBase: { USD: '1.1' } }, 'out_of_range', 'rates.perBase.USD'],
  [{ asof: 1 }, 'unknown_setting', 'rates.asof'],
])('rates with %j are turned down', (more, code, path) => {
  expect(brief(storeWith({ rates: { ...rates, ...more } }))).toEqual([[code, path]]);
});

test('a configuration that nobody checked does not start to decide', () => {
  expect(() => decisionConfigOf(storeOffering([offer({ segments: ['lsot'] })]))).toThrow(
    'offers.items[0].segments[0] is "lsot"',
  );
});

test('the compiler sees most of it', () => {
  const config: StoreConfig = store;
  const items: readonly OfferSource[] = [
    {
      id: 'a',
      title: { en: 'A' },
      value: { kind: 'amount', amount: { EUR: 5 } },
      when: { 'orders.count': { $gte: 1 } },
      cart: { subtotal: { EUR: 1 }, quantity: 2, products: ['p'] },
      validity: { lasts: '2d', after: { $first: 'page' }, until: '2026-12-24T18:00:00Z' },
    },
    // @ts-expect-error an amount is by currency
    { id: 'b', title: { en: 'B' }, value: { kind: 'amount', amount: 5 } },
    // @ts-expect-error a percentage has no amount
    { id: 'c', title: { en: 'C' }, value: { kind: 'percent', percent: 5, amount: { EUR: 1 } } },
    // @ts-expect-error a while after nothing
    { id: 'd', title: { en: 'D' }, value: { kind: 'reward' }, validity: { lasts: '2d' } },
    {
      id: 'e',
      title: { en: 'E' },
      value: { kind: 'reward' },
      // @ts-expect-error a countdown that every visit would begin anew
      validity: { lasts: '2d', after: 'cart.updatedAt' },
    },
    // @ts-expect-error there is no such field
    { id: 'f', title: { en: 'F' }, value: { kind: 'reward' }, when: { 'orders.cuont': 1 } },
    // @ts-expect-error a text is by language
    { id: 'g', title: 'G', value: { kind: 'reward' } },
    // @ts-expect-error offers have no upper bounds on the cart
    { id: 'h', title: { en: 'H' }, value: { kind: 'reward' }, cart: { atMost: 1 } },
  ];
  const messages: readonly MessageSource[] = [
    { id: 'a', kind: 'continue-checkout', within: '2d', text: { en: 'A' } },
    // @ts-expect-error of any age
    { id: 'b', kind: 'continue-checkout', text: { en: 'B' } },
    // @ts-expect-error there is no such kind
    { id: 'c', kind: 'advert', text: { en: 'C' } },
  ];
  expect([items.length, messages.length, config.offers.items.length]).toEqual([8, 3, 4]);
});
