import { type HttpServer, listen, readBody } from '../../local/http-server.ts';
import { hs256TokenVerifier } from '../../shared/adapters/identity/hs256-token-verifier.ts';
import { store } from '../../store.config.ts';
import { applyGuardrails, creditOf } from '../../shared/domain/guardrails.ts';
import { COUNTRIES } from '../../web/demo/catalogue/countries.ts';
import { shopServer } from '../../web/demo/server/shop-server.ts';
import { eventually } from '../e2e/local-stack.ts';

const NOW = Date.now();
const SECRET = 'local-identity-secret';

interface Told {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, any>; // eslint-disable-line typescript/no-explicit-any -- what a test asserts on is what the wire says
}

let api: HttpServer;
let shop: HttpServer;
let told: Told[];
/** How often the API has to be asked before it answers. */
let failures: number;
let offers: readonly object[];

beforeEach(async () => {
  told = [];
  failures = 0;
  offers = [];
  api = await listen(0, (request, response) => {
    void readBody(request, 100_000).then((body) => {
      told.push({
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: JSON.parse(body?.toString() ?? '') as Told['body'],
      });
      response.writeHead(failures-- > 0 ? 503 : 200);
      response.end(JSON.stringify({ success: true, slots: { offers: { items: offers } } }));
    });
  });
  const serve = shopServer({
    apiUrl: api.url,
    secretKey: 'sk_local',
    identitySecret: SECRET,
    now: () => NOW,
  });
  shop = await listen(0, (request, response) => {
    void serve(request, response).then((isAnswered) => {
      if (!isAnswered) response.writeHead(404).end('{}');
    });
  });
});
afterEach(async () => {
  await shop.end();
  await api.end();
});

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly body: Record<string, any>; // eslint-disable-line typescript/no-explicit-any
}

async function call(
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const reply = await fetch(`${shop.url}/shop/${path}`, {
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  return {
    status: reply.status,
    cookie: reply.headers.get('set-cookie') ?? '',
    body: (await reply.json()) as Answer['body'],
  };
}

const ORDER = {
  checkoutId: 'c1',
  lines: [{ productId: 'ember-kettle', quantity: 2 }],
  country: 'BR',
  payment: 'pix',
  shipping: 'standard',
  city: 'Recife',
  region: 'PE',
  locale: 'pt-BR',
  anonymousId: 'device-1',
  mayBeReported: true,
};
const batches = (): readonly Told[] => told.filter(({ path }) => path === '/v1/batch');
const once = async (count: number): Promise<void> =>
  void (await eventually(
    async () => batches().length,
    (sent) => sent >= count,
  ));

describe('who signs in', () => {
  test('gets a token that Cartwright takes, for a short time', async () => {
    const { body, cookie } = await call('login', { name: ' Ann ' });
    expect(body.customer).toBe('ann');
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(await hs256TokenVerifier({ secret: SECRET }).verify(body.token, NOW)).toEqual({
      ok: true,
      userId: 'ann',
    });
    expect(Date.parse(body.expiresAt) - NOW).toBeLessThanOrEqual(10 * 60_000);
    expect((await call('session', undefined, { cookie })).body.customer).toBe('ann');
  });

  test('is nobody any more after signing out, and nobody without the cookie', async () => {
    const { cookie } = await call('login', { name: 'ann' });
    expect((await call('session')).body).toEqual({});
    await call('logout', {}, { cookie });
    expect((await call('session', undefined, { cookie })).body).toEqual({});
    expect((await call('orders', undefined, { cookie })).status).toBe(401);
  });

  test.each(['', '  ', '<b>', 'x'.repeat(41)])('is not "%s"', async (name) => {
    expect((await call('login', { name })).status).toBe(400);
  });
});

describe('an order', () => {
  test('costs what the shop says, whatever the page says', async () => {
    const { body } = await call('orders', { ...ORDER, total: 1, price: 1, discount: 99_999 });
    expect(body).toMatchObject({ currency: 'BRL', total: 2 * 35_900 + 2_490, discount: 0 });
    expect((await call(`orders/${body.id}`)).body.total).toBe(body.total);
  });

  test('is told to Cartwright by the server, in minor units of nothing but the order', async () => {
    const { body } = await call('orders', ORDER);
    await once(1);
    const [{ authorization, body: sent }] = batches() as [Told];
    expect(authorization).toBe(`Basic ${Buffer.from('sk_local:').toString('base64')}`);
    expect(sent.batch).toHaveLength(1);
    expect(sent.batch[0]).toMatchObject({
      anonymousId: 'device-1',
      event: 'Order Completed',
      properties: {
        order_id: body.id,
        checkout_id: 'c1',
        total: 742.9,
        currency: 'BRL',
        payment_method: 'pix',
        shipping_method: 'standard',
      },
    });
    expect(sent.batch[0].userId).toBeUndefined();
  });

  test('of somebody signed in is theirs, with what a later checkout may be filled with', async () => {
    const { cookie } = await call('login', { name: 'ann' });
    await call('orders', ORDER, { cookie });
    await once(1);
    expect(batches()[0]?.body.batch).toMatchObject([
      { type: 'track', userId: 'ann', anonymousId: 'device-1' },
      {
        type: 'identify',
        userId: 'ann',
        traits: { address: { country: 'BR', region: 'PE', city: 'Recife' } },
      },
    ]);
    expect((await call('orders', undefined, { cookie })).body.orders).toHaveLength(1);
  });

  test('is told again until it is taken, under the same ids', async () => {
    failures = 1;
    await call('orders', ORDER);
    await once(2);
    const [first, second] = batches();
    expect(second?.body).toEqual(first?.body);
  });

  test('that is sent twice is one order, told once', async () => {
    const first = await call('orders', ORDER);
    const second = await call('orders', ORDER);
    expect(second.body.id).toBe(first.body.id);
    await call('orders', { ...ORDER, checkoutId: 'c2' });
    await once(2);
    expect(batches()).toHaveLength(2);
  });

  test.each([
    ['without consent', { ...ORDER, mayBeReported: false }, {}],
    ['of a browser that refuses (GPC)', ORDER, { 'sec-gpc': '1' }],
  ])('%s is told to nobody', async (_, order, headers) => {
    expect((await call('orders', order, headers)).status).toBe(200);
    // One that may be told goes the same way after it.
    await call('orders', { ...ORDER, checkoutId: 'c2' });
    await once(1);
    expect(batches().map(({ body }) => body.batch[0].properties.checkout_id)).toEqual(['c2']);
  });

  test.each([
    ['of nothing', { lines: [] }],
    ['of what the shop has not', { lines: [{ productId: 'gold', quantity: 1 }] }],
    ['of less than one', { lines: [{ productId: 'tarn-mug', quantity: -1 }] }],
    ['of a part', { lines: [{ productId: 'tarn-mug', quantity: 0.5 }] }],
    ['to where the shop does not deliver', { country: 'XX' }],
    ['to a country of a prototype', { country: 'constructor' }],
    ['paid in a way that the country has not', { payment: 'swish' }],
    ['without delivery', { shipping: '' }],
    ['without a city', { city: '' }],
    ['without a checkout', { checkoutId: 7 }],
  ])('%s is not taken', async (_, change) => {
    expect((await call('orders', { ...ORDER, ...change })).status).toBe(400);
    expect(told).toEqual([]);
  });

  test('that is no JSON, or a form of another site, is not taken', async () => {
    expect((await call('orders', ORDER, { 'content-type': 'text/plain' })).status).toBe(400);
  });
});

describe('an offer', () => {
  const TAKE = { ...ORDER, offerId: 'ten', isPersonal: true };
  beforeEach(() => {
    offers = [{ id: 'ten', kind: 'percent', percent: 10 }];
  });

  test('is worth what Cartwright says, for the checkout that it was taken in and for no other', async () => {
    const { voucher, discount } = (await call('offers', TAKE)).body;
    expect(discount).toEqual({ kind: 'percent', percent: 10 });
    expect(told[0]).toMatchObject({
      authorization: 'Bearer sk_local',
      body: { anonymousId: 'device-1', slots: ['offers'] },
    });
    expect((await call('orders', { ...ORDER, checkoutId: 'c2', voucher })).body.discount).toBe(0);
    expect((await call('orders', { ...ORDER, voucher })).body).toMatchObject({
      discount: 7_180,
      total: 71_800 + 2_490 - 7_180,
    });
  });

  test('that nobody made is worth nothing', async () => {
    expect((await call('offers', { ...TAKE, offerId: 'hundred' })).body).toEqual({});
    const forged = (await call('login', { name: 'ann' })).body.token;
    expect((await call('orders', { ...ORDER, voucher: forged })).body.discount).toBe(0);
  });

  test.each([
    [
      'for which something is missing',
      [{ id: 'ten', kind: 'free-shipping', missing: { amount: 1, currency: 'BRL' } }],
    ],
    ['that is no money', [{ id: 'ten', kind: 'reward' }]],
  ])('%s cannot be taken', async (_, made) => {
    offers = made;
    expect((await call('offers', TAKE)).body).toEqual({});
  });

  test('of free shipping takes off what shipping costs, an amount no more than there is', async () => {
    offers = [{ id: 'ten', kind: 'free-shipping' }];
    const free = (await call('offers', TAKE)).body.voucher;
    expect((await call('orders', { ...ORDER, voucher: free })).body.total).toBe(71_800);
    offers = [{ id: 'ten', kind: 'amount', amount: { amount: 9_999_999, currency: 'BRL' } }];
    const much = (await call('offers', { ...TAKE, checkoutId: 'c2' })).body.voucher;
    expect((await call('orders', { ...ORDER, checkoutId: 'c2', voucher: much })).body.total).toBe(2_490);
  });

  test('is asked for nobody where nobody may be known', async () => {
    await call('offers', { ...TAKE, isPersonal: false });
    await call('offers', TAKE, { 'sec-gpc': '1' });
    for (const { body } of told) {
      expect(body.anonymousId).toBeUndefined();
      expect(body.context.consent).toEqual({ personalization: false });
    }
  });

  test('cannot be taken while Cartwright cannot be asked', async () => {
    await api.end();
    expect((await call('offers', TAKE)).body).toEqual({});
    api = await listen(0, () => undefined);
  });
});

test.each(Object.values(COUNTRIES))(
  'in $code the shop’s own order is lawful: it is shown when nobody can be asked',
  ({ code, payment }) => {
    const placed = payment.map((method) => ({ ...method, preselected: false, credit: creditOf(method) }));
    const { options } = applyGuardrails(placed, store.payment.guardrails, code);
    expect(options.map(({ id }) => id)).toEqual(payment.map(({ id }) => id));
  },
);
