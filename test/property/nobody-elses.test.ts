import fc from 'fast-check';
import type { HttpReply } from '../../shared/adapters/http/http-handler.ts';
import {
  AS_SERVER,
  basic,
  memoryStage,
  SECRET_KEY,
  tokenFor,
  WRITE_KEY,
  type MemoryStage,
} from '../memory-stage.ts';

/** Somebody of whom all is known that can be known. */
const VICTIM = {
  userId: 'vera-4711',
  email: 'vera@example.org',
  laptop: 'vera-laptop-0a1b',
  phone: 'vera-phone-2c3d',
  order: 'order-vera-99',
  checkout: 'checkout-vera-7',
  ticket: 'ticket-vera-3',
  product: 'sku-vera-cart',
} as const;
const IDS = Object.values(VICTIM);
/** The caller's own device: known to nobody but the caller. */
const OWN_DEVICE = 'attacker-tablet';

const track = (event: string, ids: object, properties: object, more: object = {}) => ({
  type: 'track',
  event,
  ...ids,
  properties,
  ...more,
});
const user = { userId: VICTIM.userId };
const VICTIMS_EVENTS: readonly object[] = [
  {
    type: 'identify',
    ...user,
    anonymousId: VICTIM.laptop,
    traits: { email: VICTIM.email, address: { country: 'BR', region: 'SP', city: 'Campinas' } },
    context: { locale: 'pt-BR' },
  },
  track(
    'Cart Viewed',
    { ...user, anonymousId: VICTIM.phone },
    {
      cart_id: 'c',
      currency: 'BRL',
      products: [{ product_id: VICTIM.product, quantity: 2, price: 12.5 }],
    },
  ),
  ...['boleto', 'pix', 'boleto'].map((payment_method, index) =>
    track('Order Completed', user, {
      order_id: `${VICTIM.order}-${index}`,
      checkout_id: `${VICTIM.checkout}-${index}`,
      total: 120,
      currency: 'BRL',
      payment_method,
      shipping_method: 'express',
    }),
  ),
  track('Order Refunded', user, {
    order_id: `${VICTIM.order}-0`,
    refund_id: 'r',
    total: 20,
    currency: 'BRL',
  }),
  track('Loyalty Points Earned', user, { points: 900, loyalty_id: 'l' }),
  track('Loyalty Tier Changed', user, { tier: 'gold' }),
  track('Support Ticket Opened', user, { ticket_id: VICTIM.ticket }),
  track('Product Viewed', user, { product_id: VICTIM.product, category: 'shoes' }),
  track('Products Searched', user, { query: 'gift for vera' }),
  track('Product Added to Wishlist', user, { product_id: VICTIM.product }),
];

/** Two shops that differ in one thing: whether the victim was ever there. */
async function twoShops(): Promise<readonly [MemoryStage, MemoryStage]> {
  const [known, unknown] = [memoryStage(), memoryStage()];
  await known.learn(VICTIMS_EVENTS, AS_SERVER);
  await unknown.learn([track('Product Viewed', { userId: 'zoe' }, { product_id: 'p1' })], AS_SERVER);
  return [known, unknown];
}

const victimsId = fc.constantFrom<string>(...IDS);
const spelt = victimsId.chain((id) =>
  fc.constantFrom(
    id,
    ` ${id} `,
    id.toUpperCase(),
    `u:${id}`,
    `${id}\u0000`,
    encodeURIComponent(id),
    `${id}\n`,
  ),
);
/** The victim in whatever form JSON has. */
const inAnyForm: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: spelt },
  spelt.map((id) => [id]),
  spelt.map((id) => [id, OWN_DEVICE]),
  spelt.map((id) => ({ id })),
  spelt.map((id) => ({ $eq: id, $ne: null })),
  spelt.map((id) => ({ toString: id, __proto__: { userId: id } })),
  fc.constantFrom(null, true, 0, {}, []),
);
const badToken = fc.oneof(
  victimsId,
  fc.constant(tokenFor(VICTIM.userId, { secret: 'not the secret' })),
  fc.constant(tokenFor(VICTIM.userId, { seconds: -3_600 })),
  fc.constant(tokenFor(VICTIM.userId, { seconds: 400 * 86_400 })),
  fc.constant(tokenFor(VICTIM.userId).replace(/\.[^.]*$/, '.')),
  fc.constant(
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${tokenFor(VICTIM.userId).split('.')[1] ?? ''}.`,
  ),
  fc.constant(
    `${tokenFor('mallory').split('.').slice(0, 1).join()}.${tokenFor(VICTIM.userId).split('.').slice(1).join('.')}x`,
  ),
);
const names = fc.constantFrom(
  'userId',
  'user_id',
  'UserId',
  'USERID',
  'userID',
  'sub',
  'email',
  'traits',
  'profile',
  'subject',
  'key',
  'deviceKey',
  'anonymousID',
  'previousId',
  'externalId',
  'since',
  'integrations',
  '__proto__',
  'constructor',
  'prototype',
);
/** Events as the page would send them, of the caller's device and naming the victim wherever there is room. */
const event = fc
  .record(
    {
      type: fc.constantFrom('track', 'identify', 'page', 'alias', 'group'),
      event: fc.constantFrom(
        'Cart Viewed',
        'Product Added',
        'Order Completed',
        'Order Updated',
        'Payment Info Entered',
        'Support Ticket Resolved',
        'Loyalty Points Redeemed',
        'Device Unlinked',
        'Anything',
      ),
      userId: spelt,
      previousId: spelt,
      anonymousId: fc.constantFrom(OWN_DEVICE, 'another-of-the-attacker', VICTIM.laptop, VICTIM.phone),
      messageId: spelt,
      properties: fc.dictionary(
        fc.constantFrom(
          'order_id',
          'checkout_id',
          'ticket_id',
          'product_id',
          'email',
          'user_id',
          'anonymousId',
        ),
        spelt,
      ),
      traits: fc.record({ email: fc.constant(VICTIM.email), id: spelt }),
      context: fc.record({ token: badToken, userId: spelt, traits: fc.record({ email: spelt }) }),
    },
    { requiredKeys: ['type', 'anonymousId'] },
  )
  .map((made) => (made.type === 'track' ? { event: 'Cart Viewed', ...made } : made));

const request = fc.record({
  own: fc.record(
    {
      anonymousId: fc.constantFrom(OWN_DEVICE, 'another-of-the-attacker'),
      userId: inAnyForm,
      token: fc.oneof({ weight: 9, arbitrary: badToken }, { weight: 1, arbitrary: inAnyForm }),
      writeKey: fc.constantFrom(WRITE_KEY, WRITE_KEY, WRITE_KEY, VICTIM.userId),
      since: victimsId,
      slots: fc.constantFrom(
        ['payment'],
        ['shipping', 'payment'],
        ['payment'],
        ['shipping'],
        [VICTIM.userId],
      ),
      events: fc.array(event, { maxLength: 4 }),
    },
    { requiredKeys: [] },
  ),
  // Both are a server's alone; asked for now and then.
  servers: fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc.constantFrom({ at: '2026-01-01T00:00:00Z' }, { at: VICTIM.userId }, { explain: true }),
    },
  ),
  strange: fc.dictionary(names, inAnyForm, { maxKeys: 3 }),
  context: fc.record(
    {
      country: fc.constantFrom('BR', 'SE', 'br'),
      region: fc.oneof(fc.constant('SP'), spelt),
      currency: fc.constant('BRL'),
      locale: fc.oneof(fc.constant('pt-BR'), spelt),
      device: spelt,
      userId: inAnyForm,
      traits: fc.record({ email: spelt }),
      consent: fc.oneof(fc.constant({ personalization: true }), fc.dictionary(names, inAnyForm)),
      traceparent: fc.oneof(fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), spelt),
    },
    { requiredKeys: [] },
  ),
  checkout: fc.record(
    {
      id: fc.oneof(fc.constant(`${VICTIM.checkout}-0`), spelt),
      lines: fc.constant([{ productId: VICTIM.product, quantity: 2, price: 1250 }]),
      userId: inAnyForm,
      cart: inAnyForm,
      payment: fc.constant(['credit_card', 'boleto', 'pix'].map((id) => ({ id }))),
      shipping: fc.constant([
        { id: 'post', price: 390 },
        { id: 'express', price: 990 },
      ]),
    },
    { requiredKeys: ['payment'] },
  ),
  headers: fc.record(
    {
      authorization: fc.oneof(
        { weight: 12, arbitrary: fc.constant(basic(WRITE_KEY)) },
        spelt.map((id) => `Basic ${Buffer.from(`${WRITE_KEY}:${id}`).toString('base64')}`),
        spelt.map((id) => `Basic ${Buffer.from(`${id}:${WRITE_KEY}`).toString('base64')}`),
        badToken.map((token) => `Bearer ${token}`),
        spelt.map((id) => `Bearer ${id}`),
        fc.constant(`Basic ${Buffer.from(`${WRITE_KEY}:${SECRET_KEY}`).toString('base64')}`),
        fc.constant(`Bearer ${WRITE_KEY}, Bearer ${VICTIM.userId}`),
      ),
      cookie: spelt.map((id) => `ajs_user_id=${encodeURIComponent(id)}`),
      'x-user-id': spelt,
      'x-forwarded-user': spelt,
      'x-amzn-oidc-identity': spelt,
      traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    },
    { requiredKeys: [] },
  ),
  twice: fc.option(fc.tuple(fc.constantFrom('userId', 'token', 'anonymousId', 'checkout'), inAnyForm), {
    nil: null,
  }),
});
type Asked = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

/** As bytes: JSON may say a name twice, which no object can. */
function bodyOf({ own, servers, strange, context, checkout, twice }: Asked, more: object = {}): string {
  // What stands later in the text counts: the well-formed part, unless it is said a second time.
  const members = [
    ...Object.entries(strange),
    ...Object.entries({ ...own, ...servers, context, checkout, ...more }),
  ];
  if (twice !== null && twice[0] !== 'anonymousId' && twice[0] !== 'checkout')
    members.push([twice[0], twice[1]]);
  if (twice !== null) members.unshift([twice[0], twice[1]]);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

const REQUESTS = 10_000;

/** All that can be seen of a request from outside and inside: its answer, what was counted of it, what was written down. */
function traceOf(stage: MemoryStage) {
  let [metrics, lines] = [0, 0];
  return () => {
    const seen = [stage.meter.recorded.slice(metrics), stage.log.lines.slice(lines)] as const;
    [metrics, lines] = [stage.meter.recorded.length, stage.log.lines.length];
    // How long it took is said in whole and is the machine's.
    const timeless = seen[0].filter(({ name }) => !name.endsWith('Latency'));
    return JSON.stringify([timeless, seen[1]]);
  };
}
const bytesOf = ({ status, headers, body }: HttpReply): string => JSON.stringify({ status, headers, body });

describe('somebody who does not prove to be a user', () => {
  test('gets the very answer of a shop that never saw that user, whatever is asked and wherever the user is named', async () => {
    const [known, unknown] = await twoShops();
    const [seenKnown, seenUnknown] = [traceOf(known), traceOf(unknown)];
    seenKnown();
    seenUnknown();
    const statuses = new Map<number, number>();
    const levels = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const body = bodyOf(asked);
        const headers = { authorization: basic(WRITE_KEY), ...asked.headers };
        const one = await known.decide(body, headers);
        const other = await unknown.decide(body, headers);
        statuses.set(one.status, (statuses.get(one.status) ?? 0) + 1);
        const level = (one.body as { profile?: { level: string } }).profile?.level ?? 'no answer';
        levels.set(level, (levels.get(level) ?? 0) + 1);

        expect(bytesOf(one)).toBe(bytesOf(other));
        expect(level).not.toBe('account');
        expect(seenKnown()).toBe(seenUnknown());
        expect(bytesOf(one)).not.toMatch(/Campinas|gold|vera@/);
      }),
      { numRuns: REQUESTS },
    );
    process.stderr.write(
      `requests that name a victim: ${JSON.stringify({ ...Object.fromEntries(statuses), ...Object.fromEntries(levels) })}\n`,
    );
    // Requests that are all turned down would be the same too.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 10);
    expect(levels.get('device')).toBeGreaterThan(REQUESTS / 20);
  }, 300_000);

  test('leaves nothing of the victim in what is logged or counted', async () => {
    const [known] = await twoShops();
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        await known.decide(bodyOf(asked), { authorization: basic(WRITE_KEY), ...asked.headers });
      }),
      { numRuns: 300 },
    );
    // A trace-id is the sender's own; an error's cause goes through the log's own filter.
    const written = known.log.lines.map(({ message, fields: { correlation_id: _id, ...fields } }) => ({
      message,
      fields,
    }));
    for (const id of IDS) expect(JSON.stringify([written, known.meter.recorded])).not.toContain(id);
  });
});

describe('a device', () => {
  const ownEvents = (anonymousId: string) => [
    track(
      'Payment Info Entered',
      { anonymousId },
      { payment_method: 'boleto', checkout_id: 'own' },
      { messageId: 'own 1' },
    ),
    track('Product Viewed', { anonymousId }, { product_id: 'p1', category: 'hats' }, { messageId: 'own 2' }),
    track(
      'Product Added',
      { anonymousId },
      { product_id: 'p1', currency: 'BRL', price: 3 },
      { messageId: 'own 3' },
    ),
  ];

  test('that is the victim’s shows what it did itself and nothing of whom it is linked to', async () => {
    const [linked, alone] = [memoryStage(), memoryStage()];
    for (const stage of [linked, alone])
      await stage.learn(ownEvents(VICTIM.laptop), { authorization: basic(WRITE_KEY) });
    await linked.learn(VICTIMS_EVENTS, AS_SERVER);
    let isPersonal = 0;
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const { events: _events, ...own } = asked.own;
        const body = bodyOf({ ...asked, own, twice: null }, { anonymousId: VICTIM.laptop });
        const headers = { authorization: basic(WRITE_KEY), ...asked.headers };
        const one = await linked.decide(body, headers);
        expect(bytesOf(one)).toBe(bytesOf(await alone.decide(body, headers)));
        if ((one.body as { source?: string }).source === 'personalized') isPersonal += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(isPersonal).toBeGreaterThan(100);
  }, 120_000);

  test('of somebody else’s account does not open it to a user who proves to be another', async () => {
    // What a device of two people shows is nothing, whoever the other one is.
    const [known, other] = [memoryStage(), memoryStage()];
    await known.learn(VICTIMS_EVENTS, AS_SERVER);
    await other.learn(
      [VICTIM.laptop, VICTIM.phone].map((anonymousId) => ({ type: 'identify', userId: 'zoe', anonymousId })),
    );
    const mallory = {
      token: tokenFor('mallory'),
      checkout: { payment: ['boleto', 'pix'].map((id) => ({ id })) },
    };
    for (const anonymousId of [VICTIM.laptop, VICTIM.phone]) {
      for (const events of [
        [],
        [{ type: 'identify', userId: 'mallory', anonymousId }],
        [{ type: 'identify', userId: VICTIM.userId, anonymousId }],
        [{ type: 'alias', previousId: VICTIM.userId, userId: 'mallory', anonymousId }],
      ]) {
        const headers = { authorization: basic(WRITE_KEY) };
        const one = await known.decide({ ...mallory, anonymousId, events }, headers);
        expect(bytesOf(one)).toBe(bytesOf(await other.decide({ ...mallory, anonymousId, events }, headers)));
        expect(one.body).toMatchObject({ source: 'default', profile: { level: 'account', segments: [] } });
      }
    }
  });
});
