import type { DecisionInput } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import type { MessageSource } from '../../shared/domain/slots/message-source.ts';
import { store } from '../../store.config.ts';
import { decided, HOUR, messagesIn, NOON, personWith, saying } from '../decisions.ts';
import { streamEvent } from '../events.ts';
import { AS_BROWSER, memoryStage, tokenFor } from '../memory-stage.ts';

const shipped = decisionConfigOf(store);
const DAY = 24 * HOUR;
const cartOf = (...ids: readonly string[]) => ({
  checkout_id: 'c1',
  currency: 'EUR',
  products: ids.map((product_id) => ({ product_id, quantity: 2, price: 12.5 })),
});
const seen = (more: Partial<DecisionInput>) => messagesIn(decided({ slots: ['messages'], ...more }, shipped));
const line = (productId: string) => ({ productId, quantity: 1 });

describe('continue your checkout', () => {
  const ann = personWith([streamEvent({ event: 'Checkout Started', properties: cartOf('lamp', 'vase') })]);

  test('brings the cart that was left elsewhere, as it was left', () => {
    expect(
      decided({ profile: ann, lines: [], locale: 'pt-BR', currency: 'BRL' }, shipped).slots.messages,
    ).toEqual({
      source: 'personalized',
      fallbackReason: null,
      items: [
        {
          id: 'continue-checkout',
          kind: 'continue-checkout',
          text: 'Seu carrinho ainda está aqui: continue de onde parou.',
          locale: 'pt',
          cart: {
            lines: [
              { productId: 'lamp', quantity: 2, price: 1_250 },
              { productId: 'vase', quantity: 2, price: 1_250 },
            ],
            currency: 'EUR',
            updatedAt: '2026-01-15T12:00:00.000Z',
          },
          reasons: ['cart-left'],
        },
      ],
      guardrails: [],
    });
  });

  test('is not said where the request holds it already, in whatever quantity, or is that very checkout', () => {
    expect(seen({ profile: ann, lines: [line('vase'), line('rug'), line('lamp')] })).toEqual([]);
    expect(seen({ profile: ann, lines: [line('lamp')] })).toHaveLength(1);
    expect(seen({ profile: ann, lines: [], checkoutId: 'c1' })).toEqual([]);
    expect(seen({ profile: ann, lines: [], checkoutId: 'c2' })).toHaveLength(1);
  });

  test('is not said of a cart that was bought, emptied, or left too long ago', () => {
    const bought = personWith([
      streamEvent({ event: 'Checkout Started', properties: cartOf('lamp') }),
      streamEvent({ event: 'Order Completed', properties: { order_id: 'o', checkout_id: 'c1' }, minute: 1 }),
    ]);
    expect(seen({ profile: bought })).toEqual([]);
    expect(seen({ profile: ann, now: NOON + 14 * DAY - 1 })).toHaveLength(1);
    expect(seen({ profile: ann, now: NOON + 14 * DAY })).toEqual([]);
  });

  test('is said on another device once both are one account, and never to a device alone', async () => {
    const stage = memoryStage();
    const properties = cartOf('lamp');
    await stage.learn(
      [{ type: 'track', event: 'Checkout Started', anonymousId: 'phone', messageId: 'm1', properties }],
      AS_BROWSER,
    );
    const ask = async (who: object, more: object = {}) => {
      const body = { ...who, checkout: { lines: [] }, slots: ['messages'], ...more };
      const { body: answer } = await stage.decide(body, AS_BROWSER);
      return (answer as { slots: { messages: { items: { kind: string }[] } } }).slots.messages.items.map(
        ({ kind }) => kind,
      );
    };
    expect(await ask({ anonymousId: 'phone' })).toEqual([]);
    expect(await ask({ token: tokenFor('ann'), anonymousId: 'laptop' })).toEqual([]);
    await stage.collect(
      'batch',
      {
        batch: [{ type: 'identify', userId: 'ann', anonymousId: 'phone', messageId: 'm2' }],
        token: tokenFor('ann'),
      },
      AS_BROWSER,
    );
    await stage.deliver('critical');

    expect(await ask({ token: tokenFor('ann'), anonymousId: 'laptop' })).toEqual(['continue-checkout']);
    expect(await ask({ anonymousId: 'phone' })).toEqual([]);
    expect(await ask({ userId: 'ann', anonymousId: 'laptop' })).toEqual([]);
  });
});

describe('a follow-up on a ticket', () => {
  const ticket = (id: string, minute: number, event = 'Support Ticket Opened') =>
    streamEvent({ event, properties: { ticket_id: id }, minute });

  test('names the newest that is not resolved', () => {
    const ann = personWith([
      ticket('T1', 0),
      ticket('T2', 1),
      ticket('T3', 2),
      ticket('T3', 3, 'Support Ticket Resolved'),
    ]);
    expect(seen({ profile: ann })).toMatchObject([
      {
        kind: 'support-follow-up',
        text: 'We are still working on your request T2.',
        reasons: ['ticket-open'],
      },
    ]);
  });

  test('falls silent when all are resolved, or after a month', () => {
    const done = personWith([ticket('T1', 0), ticket('T1', 1, 'Support Ticket Resolved')]);
    expect(seen({ profile: done })).toEqual([]);
    const open = personWith([ticket('T1', 0)]);
    expect([NOON + 30 * DAY - 1, NOON + 30 * DAY].map((now) => seen({ profile: open, now }).length)).toEqual([
      1, 0,
    ]);
  });
});

describe('the loyalty status', () => {
  const tier = streamEvent({ event: 'Loyalty Tier Changed', properties: { tier: '<Gold>' } });
  const points = streamEvent({
    event: 'Loyalty Points Earned',
    properties: { transaction_id: 't', points: 120 },
  });

  test('says tier and points as they are: plain text', () => {
    expect(seen({ profile: personWith([tier, points]) })).toMatchObject([
      { text: 'Your tier: <Gold>. Your points: 120.', reasons: ['loyalty-known'], locale: 'en' },
    ]);
  });

  test('is not said where the text speaks of a tier and there is none', () => {
    expect(seen({ profile: personWith([points]) })).toEqual([]);
    const more: MessageSource = { id: 'l', kind: 'loyalty-status', text: { en: '{points} points' } };
    const said = (profile = personWith([points])) =>
      messagesIn(decided({ profile }, saying(more))).map(({ text }) => text);
    expect([said(), said(personWith([]))]).toEqual([['120 points'], []]);
  });
});

describe('every message', () => {
  const ann = personWith([
    streamEvent({ event: 'Checkout Started', properties: cartOf('lamp') }),
    streamEvent({ event: 'Support Ticket Opened', properties: { ticket_id: 'T1' } }),
    streamEvent({ event: 'Loyalty Tier Changed', properties: { tier: 'gold' } }),
  ]);

  test('stands in the order of the configuration', () => {
    expect(seen({ profile: ann }).map(({ id }) => id)).toEqual([
      'continue-checkout',
      'support-follow-up',
      'loyalty-status',
    ]);
  });

  test.each<[string, Partial<DecisionInput>]>([
    ['a device', { level: 'device' }],
    ['nobody', { level: 'none' }],
    ['somebody who refused', { consent: { globalPrivacyControl: false, stated: false } }],
    ['somebody whose browser refused', { consent: { globalPrivacyControl: true } }],
    ['somebody who was not asked, where one must be', { consentRegime: 'opt-in' }],
  ])('of an account is kept from %s', (_who, more) => {
    expect(decided({ profile: ann, slots: ['messages'], ...more }, shipped).slots.messages).toEqual({
      source: 'default',
      fallbackReason: null,
      items: [],
      guardrails: [],
    });
  });

  test('may be a notice, for everybody or for some', () => {
    const notice = (more: Partial<MessageSource>): MessageSource =>
      ({ id: 'n', kind: 'notice', text: { en: 'Closed on Monday' }, ...more }) as MessageSource;
    const everybody = decided({ level: 'none' }, saying(notice({}))).slots.messages;
    expect(everybody).toMatchObject({
      source: 'default',
      items: [{ kind: 'notice', text: 'Closed on Monday', locale: 'en', reasons: ['store-notice'] }],
    });
    const gold = notice({ segments: ['loyalty-gold'], validity: { until: '2026-01-15T14:00:00Z' } });
    expect(decided({ profile: ann, level: 'device' }, saying(gold)).slots.messages).toMatchObject({
      source: 'personalized',
      items: [{ reasons: ['time-limited', 'in-segment'] }],
    });
    expect(messagesIn(decided({ level: 'none' }, saying(gold)))).toEqual([]);
    expect(messagesIn(decided({ profile: ann, now: NOON + 2 * HOUR }, saying(gold)))).toEqual([]);
  });

  test('is explained', () => {
    const { slots } = decided({ profile: ann, explain: true, lines: [line('lamp')] }, shipped);
    expect(slots.messages?.explain).toEqual([
      {
        id: 'continue-checkout',
        applies: false,
        conditions: [{ asks: 'the account has an open cart that the request does not hold', holds: false }],
      },
      {
        id: 'support-follow-up',
        applies: true,
        conditions: [{ asks: 'the account has a ticket that is not resolved', holds: true }],
      },
      {
        id: 'loyalty-status',
        applies: true,
        conditions: [{ asks: 'the account has a loyalty tier or points', holds: true }],
      },
    ]);
  });
});
