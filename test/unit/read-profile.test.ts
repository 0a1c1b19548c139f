import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, AS_SERVER, basic, keyOf, memoryStage, NOW, tokenFor } from '../memory-stage.ts';

const AT = '2026-01-10T09:30:00.000Z';
const by = (event: string, properties: object, more: object = {}) => ({
  type: 'track',
  userId: 'ann',
  event,
  properties,
  timestamp: AT,
  ...more,
});

describe('who may read a profile', () => {
  test.each<[string, Record<string, string>]>([
    ['nobody without a key', {}],
    ['no browser', AS_BROWSER],
    ['nobody with a guess', { authorization: basic('sk_guess') }],
    ['no user, not even their own', { authorization: `Bearer ${tokenFor('ann')}` }],
  ])('%s', async (_name, headers) => {
    const stage = memoryStage();
    await stage.learn([by('Cart Viewed', { products: [] })]);
    const reply = await stage.profile('u:ann', headers);
    expect(reply).toEqual({
      status: 401,
      body: { error: { code: 'secret_key_needed', message: expect.any(String) as string } },
    });
  });

  test('a server may, by Basic and by Bearer', async () => {
    const stage = memoryStage();
    for (const authorization of [basic('sk_test'), 'Bearer sk_test']) {
      expect((await stage.profile('u:ann', { authorization })).status).toBe(200);
    }
  });
});

test.each([undefined, '', 'ann', 'u:', 'a:', 'x:ann', 'U:ann', 'u'])('%j is no subject', async (subject) => {
  expect(await memoryStage().profile(subject)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_subject', path: 'subject' } },
  });
});

test('somebody unknown is no error', async () => {
  expect(await memoryStage().profile('u:nobody')).toEqual({
    status: 200,
    body: {
      subject: 'u:nobody',
      exists: false,
      asOf: null,
      lagMs: null,
      links: [],
      shared: false,
      partial: false,
      checkout: {
        payment: {},
        shipping: {},
        cart: null,
        address: null,
        locale: null,
        currency: null,
        loyaltyTier: null,
        tickets: [],
      },
      orders: {
        count: 0,
        totals: {},
        cancelled: 0,
        delivered: 0,
        refunds: { count: 0, totals: {} },
        points: 0,
        firstAt: null,
        lastAt: null,
      },
      browse: { viewed: [], categories: {}, searches: [], views: {}, pages: {}, unknownEvents: {} },
      segments: [],
      enteredAt: {},
      consent: {},
    },
  });
});

test('somebody known is shown as the contract says, from both lanes', async () => {
  const stage = memoryStage();
  await stage.collect('batch', {
    batch: [
      {
        type: 'identify',
        userId: 'ann',
        anonymousId: 'laptop',
        timestamp: AT,
        traits: {
          email: 'ann@shop.example',
          address: { country: 'br', state: 'SP', city: 'Santos', street: 'Rua 1' },
        },
        context: { locale: 'pt-BR' },
      },
      by('Order Completed', {
        order_id: 'o1',
        total: 139.12,
        currency: 'BRL',
        payment_method: 'boleto',
        shipping_method: 'express',
      }),
      by('Order Completed', { order_id: 'o2', total: 0.88, currency: 'BRL', payment_method: 'boleto' }),
      by('Order Refunded', { order_id: 'o2', refund_id: 'r1', total: 0.5, currency: 'BRL' }),
      by('Product Added', { product_id: 'p9', quantity: 2, price: 5 }, { timestamp: '2026-01-11T00:00:00Z' }),
      by('Consent Preference Updated', {}, { context: { consent: { categoryPreferences: { ads: false } } } }),
      by('Support Ticket Opened', { ticket_id: 't1' }),
      by('Loyalty Points Earned', { transaction_id: 'l1', points: 30 }),
      by('Product Viewed', { product_id: 'p1', category: 'shoes' }),
      by('Products Searched', { query: 'Red Shoes' }),
      by('Quiz Finished', {}),
    ],
  });
  stage.clock.advance(120);
  await stage.deliver('critical');
  await stage.deliver('bulk');

  expect(await stage.profile('u:ann')).toEqual({
    status: 200,
    body: {
      subject: 'u:ann',
      exists: true,
      asOf: new Date(NOW).toISOString(),
      lagMs: 120,
      links: [{ key: keyOf('a:laptop'), proof: 'server', firstAt: AT, lastAt: AT }],
      shared: false,
      partial: false,
      checkout: {
        payment: { boleto: { uses: 2, lastAt: AT } },
        shipping: { express: { uses: 1, lastAt: AT } },
        cart: {
          lines: [{ productId: 'p9', quantity: 2 }],
          currency: 'XXX',
          updatedAt: '2026-01-11T00:00:00.000Z',
        },
        address: { country: 'BR', region: 'SP', city: 'Santos' },
        locale: 'pt-BR',
        currency: 'BRL',
        loyaltyTier: null,
        tickets: [{ id: 't1', at: AT, resolved: false }],
      },
      orders: {
        count: 2,
        totals: { BRL: 14_000 },
        cancelled: 0,
        delivered: 0,
        refunds: { count: 1, totals: { BRL: 50 } },
        points: 30,
        firstAt: AT,
        lastAt: AT,
      },
      browse: {
        viewed: [{ productId: 'p1', category: 'shoes', at: AT }],
        categories: { shoes: 1 },
        searches: [{ query: 'red shoes', at: AT }],
        views: { '2026-01': 1 },
        pages: {},
        unknownEvents: { 'Quiz Finished': 1 },
      },
      segments: ['cart-left', 'speaks-portuguese'],
      enteredAt: {},
      consent: { ads: false },
    },
  });
  expect(JSON.stringify(stage.store.items())).not.toMatch(/ann@shop|Rua 1/);
});

test('what is only claimed of a user does not make them exist', async () => {
  const stage = memoryStage();
  await stage.learn([by('Order Completed', { order_id: 'o1', payment_method: 'boleto' })], AS_BROWSER);
  expect((await stage.profile('u:ann')).body).toMatchObject({
    exists: false,
    checkout: { payment: {} },
    orders: { count: 0 },
  });
});

test('ids that look alike are not the same person', async () => {
  const stage = memoryStage();
  await stage.learn([by('Order Completed', { order_id: 'o1', total: 1, currency: 'EUR' })]);
  for (const other of ['a:ann', 'u:Ann', 'u:ann ', 'u:an']) {
    expect((await stage.profile(other)).body).toMatchObject({ subject: other, exists: false });
  }
});

describe('a store that is out of reach', () => {
  test('is said to be so, and when to ask again', async () => {
    const stage = memoryStage();
    stage.store.query = () => Promise.reject(new StoreUnavailable('told to fail'));
    expect(await stage.profile('u:ann', AS_SERVER)).toEqual({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'unavailable', message: expect.any(String) as string } },
    });
  });

  test('is asked for what it surely knows: a server sees its own writes', async () => {
    const stage = memoryStage();
    const { query } = stage.store;
    const asked: unknown[] = [];
    stage.store.query = (key, options) => {
      asked.push(options?.consistent);
      return query(key, options);
    };
    await stage.profile('u:ann');
    expect(asked).toEqual([true]);
  });
});
