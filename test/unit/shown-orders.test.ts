import { decisionIdOf, decisionKeyOf } from '../../shared/domain/decision-id.ts';
import { decodeCheckout, encodeCheckout, type CheckoutFacet } from '../../shared/domain/checkout-facet.ts';
import type { Json } from '../../shared/domain/json.ts';
import { methodMark, rankOf, shownIn } from '../../shared/domain/shown-orders.ts';
import type { JsonObject, StreamEvent } from '../../shared/domain/stream-event.ts';
import { shelf, streamEvent, USER_KEY } from '../events.ts';
import { keyOf } from '../memory-stage.ts';

const ID = decisionIdOf('d1', keyOf);
const PAYMENT = { source: 'personalized', order: ['pix', 'card'], preselected: 'pix' };

function shownEvent(properties: JsonObject, more: { minute?: number; messageId?: string } = {}): StreamEvent {
  const event = 'Checkout Decision Shown';
  const sketch = { event, properties, ...more };
  const message = { type: 'track', messageId: 'm', event, properties } as const;
  const decision = decisionKeyOf(message, keyOf);
  return streamEvent({ ...sketch, keys: { user: USER_KEY, ...(decision && { decision }) } });
}

const said = (properties: JsonObject) =>
  shownIn(shownEvent(properties)).map(({ slot, rung, order, preselected }) => ({
    slot,
    rung,
    order,
    preselected,
  }));
const saidOfPayment = (payment: Json, more: JsonObject = { decision_id: ID }) =>
  said({ checkout_id: 'c1', ...more, slots: { payment } });

test('an event tells of each slot what was shown, on which rung, and what was preselected', () => {
  const shipping = { source: 'default', order: ['post'] };
  expect(said({ decision_id: ID, checkout_id: 'c1', slots: { payment: PAYMENT, shipping } })).toEqual([
    { slot: 'payment', rung: 'personalized', order: ['pix', 'card'], preselected: 'pix' },
    { slot: 'shipping', rung: 'default', order: ['post'], preselected: undefined },
  ]);
});

test.each<[string, Json]>([
  ['no object', 'pix'],
  ['an unknown rung', { ...PAYMENT, source: 'partial' }],
  ['a rung that is a word of every object', { ...PAYMENT, source: 'constructor' }],
  ['an order that is no list', { ...PAYMENT, order: 'pix' }],
  ['an empty order', { ...PAYMENT, order: [] }],
  ['21 options', { ...PAYMENT, order: Array.from({ length: 21 }, (_, index) => `m${index}`) }],
  ['an option that is no text', { ...PAYMENT, order: ['pix', { id: 'card' }] }],
  ['an option of 129 characters', { ...PAYMENT, order: ['pix', 'x'.repeat(129)] }],
  ['an option twice', { ...PAYMENT, order: ['pix', 'pix'] }],
])('%s says nothing', (_, payment) => {
  expect(saidOfPayment(payment)).toEqual([]);
});

test.each<[string, JsonObject]>([
  ['no decision', {}],
  ['one without a mark', { decision_id: 'dec_d1' }],
  ['a mark that was made up', { decision_id: 'dec_d1.AAAAAAAAAAA' }],
  ['the mark of another decision', { decision_id: `dec_d2.${ID.split('.')[1]}` }],
  ['what is no text', { decision_id: { toString: ID } }],
])('what was decided counts with a decision that was made: not with %s', (_, more) => {
  expect(saidOfPayment(PAYMENT, more)).toEqual([]);
  expect(saidOfPayment({ ...PAYMENT, source: 'cached' }, more)).toEqual([]);
  // No decision is needed to show the shop's own order.
  expect(saidOfPayment({ ...PAYMENT, source: 'store-default' }, more)).toHaveLength(1);
});

test('a preselected option that was not shown is none', () => {
  expect(saidOfPayment({ ...PAYMENT, preselected: 'boleto' })[0]?.preselected).toBeUndefined();
});

test('a mark is not made without the stage’s secret', () => {
  expect(decisionIdOf('d1', (subject) => `another ${keyOf(subject)}`)).not.toBe(ID);
  expect(ID).toMatch(/^dec_d1\.[\w-]{11}$/);
});

describe('what a facet keeps', () => {
  const facetOf = (events: readonly StreamEvent[]): CheckoutFacet => {
    const subject = shelf();
    subject.fold(events);
    return subject.profile().checkout;
  };
  const checkout = (index: number, minute: number, order: readonly string[] = ['pix', 'card']) =>
    shownEvent(
      {
        decision_id: decisionIdOf(`d${index}`, keyOf),
        checkout_id: `c${index}`,
        slots: {
          payment: { ...PAYMENT, order },
          shipping: { source: 'regional', order: ['post', 'express'] },
        },
      },
      { minute, messageId: `s${index}-${minute}` },
    );

  test('is what each checkout was shown last, whenever it was told', () => {
    const late = checkout(1, 3, ['card', 'pix']);
    const early = checkout(1, 1);
    for (const events of [
      [early, late],
      [late, early],
    ])
      expect(facetOf(events).shown.find(({ slot }) => slot === 'payment')?.order).toEqual(['card', 'pix']);
  });

  test('is the newest eight orders and eight completions', () => {
    const shown = Array.from({ length: 30 }, (_, index) => checkout(index, index));
    const bought = Array.from({ length: 30 }, (_, index) =>
      streamEvent({
        event: 'Order Completed',
        minute: index,
        properties: { order_id: `o${index}`, total: 1, currency: 'EUR' },
      }),
    );
    const facet = facetOf([...shown, ...bought]);
    expect(facet.shown).toHaveLength(8);
    expect(facet.completed).toHaveLength(8);
    expect(Math.min(...facet.shown.map(({ at }) => at))).toBe(shown[26]?.at);
  });

  test('ages out: what is 91 days older than the newest is gone', () => {
    const facet = facetOf([checkout(1, 0), checkout(2, 89 * 1440), checkout(3, 91 * 1440)]);
    expect(facet.shown).toHaveLength(4);
  });

  test('comes back from the store as it went', () => {
    const facet = facetOf([
      checkout(1, 0),
      shownEvent(
        {
          slots: {
            payment: { source: 'store-default', order: ['ä,b', 'c\nd', '__proto__'], preselected: 'c\nd' },
          },
        },
        { minute: 1, messageId: 'own' },
      ),
      streamEvent({
        event: 'Order Completed',
        minute: 2,
        properties: {
          order_id: 'o',
          checkout_id: 'c1',
          total: 1,
          currency: 'EUR',
          payment_method: 'pix',
          shipping_method: 'post',
        },
      }),
    ]);
    expect(facet.shown).toHaveLength(3);
    expect(facet.completed).toHaveLength(1);
    const { shown, completed } = decodeCheckout(JSON.parse(JSON.stringify(encodeCheckout(facet))) as Json);
    expect([shown, completed]).toEqual([facet.shown, facet.completed]);
  });

  test('is small: what two slots of a checkout were shown and its completion take 170 bytes', () => {
    const order = streamEvent({
      event: 'Order Completed',
      properties: { order_id: 'o', checkout_id: 'c1', total: 1, currency: 'EUR', payment_method: 'pix' },
    });
    const bytes = (events: readonly StreamEvent[]): number => {
      const { o = null, e = null } = encodeCheckout(facetOf(events)) as JsonObject;
      return JSON.stringify({ o, e }).length;
    };
    expect(bytes([checkout(1, 0, ['pix', 'credit_card', 'boleto', 'debit_card']), order])).toBeLessThan(170);
    expect(bytes([order])).toBeLessThan(45);
    // However long the names are that somebody shows.
    const long = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(128, 'x'));
    const many = Array.from({ length: 40 }, (_, index) => checkout(index, index, long));
    expect(bytes(many)).toBeLessThan(1_500);
  });
});

test('the place of a method is found, also in an order that was too long to keep', () => {
  const long = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(128, 'x'));
  const [kept] = shownIn(
    shownEvent({
      decision_id: ID,
      slots: { payment: { source: 'default', order: long, preselected: long[4]! } },
    }),
  );
  expect(kept?.order[0]).toMatch(/^#[\w-]{4}$/);
  expect(kept?.preselected).toBe(kept?.order[4]);
  expect(long.map((id) => rankOf(kept?.order ?? [], methodMark(id)))).toEqual(
    long.map((_, index) => index + 1),
  );
  expect(rankOf(['pix', 'card'], methodMark('boleto'))).toBeUndefined();
});
