import { applyShippingGuardrails } from '../../shared/domain/shipping-guardrails.ts';
import type { ShippingGuardrail } from '../../shared/domain/store-config.ts';
import { store } from '../../store.config.ts';

const CHEAPEST_FIRST: ShippingGuardrail = {
  id: 'shop-cheapest-first',
  rule: 'cheapest-first',
  countries: ['DE'],
  source: 'the shop',
};

/** `post 0!` costs nothing and is preselected, `drone ?` has no price. */
const order = (
  options: readonly string[],
  country?: string,
  rules: readonly ShippingGuardrail[] = store.shipping.guardrails,
) =>
  applyShippingGuardrails(
    options.map((option) => {
      const [id = '', price = '?'] = option.replace('!', '').split(' ');
      return { id, preselected: option.endsWith('!'), ...(price !== '?' && { price: Number(price) }) };
    }),
    rules,
    country,
  ).options.map(({ id, preselected }) => `${id}${preselected ? '!' : ''}`);

describe('the cheapest is preselected, never a dearer one', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['whatever habit says', ['express 990!', 'post 0'], ['express', 'post!']],
    ['where nothing was preselected too', ['express 990', 'post 490'], ['express', 'post!']],
    ['of several that cost the same the first', ['express 990!', 'b 0', 'a 0'], ['express', 'b!', 'a']],
    ['and none while a price is unknown', ['post 490!', 'drone ?'], ['post', 'drone']],
    ['nor where none is known', ['post ?!', 'drone ?'], ['post', 'drone']],
    ['nor where there is nothing', [], []],
    ['the only one is the cheapest', ['post 490'], ['post!']],
  ])('%s', (_name, before, after) => {
    expect(order(before)).toEqual(after);
    expect(order(before, 'BR')).toEqual(after);
  });
});

describe('where the shop wants the cheapest first', () => {
  const rules = [CHEAPEST_FIRST, ...store.shipping.guardrails];
  test.each<[string, string, readonly string[], readonly string[]]>([
    ['the order is by price', 'DE', ['express 990!', 'post 490', 'pickup 0'], ['pickup!', 'post', 'express']],
    ['options of one price keep their order', 'DE', ['c 5', 'b 0', 'a 0'], ['b!', 'a', 'c']],
    ['an unknown price comes last', 'DE', ['drone ?', 'ship ?', 'post 490'], ['post', 'drone', 'ship']],
    ['and nowhere else', 'AT', ['express 990', 'post 490'], ['express', 'post!']],
  ])('%s', (_name, country, before, after) => {
    expect(order(before, country, rules)).toEqual(after);
  });
});

test('an answer names the guardrails in force', () => {
  const rules = [CHEAPEST_FIRST, ...store.shipping.guardrails];
  const applied = (country?: string) => applyShippingGuardrails([], rules, country).applied;
  expect([applied('DE'), applied('AT'), applied()]).toEqual([
    ['shop-cheapest-first', 'cheapest-preselected'],
    ['cheapest-preselected'],
    ['cheapest-preselected'],
  ]);
});
