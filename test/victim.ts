import fc from 'fast-check';
import { basic, tokenFor } from './memory-stage.ts';

/** Somebody of whom all is known that can be known. */
export const VICTIM = {
  userId: 'vera-4711',
  email: 'vera@example.org',
  laptop: 'vera-laptop-0a1b',
  phone: 'vera-phone-2c3d',
  order: 'order-vera-99',
  checkout: 'checkout-vera-7',
  ticket: 'ticket-vera-3',
  product: 'sku-vera-cart',
} as const;
export const IDS: readonly string[] = Object.values(VICTIM);
/** The caller's own device: known to nobody but the caller. */
const OWN_DEVICE = 'attacker-tablet';

export const track = (event: string, ids: object, properties: object, more: object = {}) => ({
  type: 'track',
  event,
  ...ids,
  properties,
  ...more,
});
const user = { userId: VICTIM.userId };
export const VICTIMS_EVENTS: readonly object[] = [
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

/** @param keys of the stage that is asked */
export const requestsNaming = (keys: { readonly writeKey: string; readonly secretKey: string }) =>
  fc.record({
    own: fc.record(
      {
        anonymousId: fc.constantFrom(OWN_DEVICE, 'another-of-the-attacker'),
        userId: inAnyForm,
        token: fc.oneof({ weight: 9, arbitrary: badToken }, { weight: 1, arbitrary: inAnyForm }),
        writeKey: fc.constantFrom(keys.writeKey, keys.writeKey, keys.writeKey, VICTIM.userId),
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
          { weight: 12, arbitrary: fc.constant(basic(keys.writeKey)) },
          spelt.map((id) => `Basic ${Buffer.from(`${keys.writeKey}:${id}`).toString('base64')}`),
          spelt.map((id) => `Basic ${Buffer.from(`${id}:${keys.writeKey}`).toString('base64')}`),
          badToken.map((token) => `Bearer ${token}`),
          spelt.map((id) => `Bearer ${id}`),
          fc.constant(`Basic ${Buffer.from(`${keys.writeKey}:${keys.secretKey}`).toString('base64')}`),
          fc.constant(`Bearer ${keys.writeKey}, Bearer ${VICTIM.userId}`),
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
export type Asked = ReturnType<typeof requestsNaming> extends fc.Arbitrary<infer Value> ? Value : never;

/** As bytes: JSON may say a name twice, which no object can. */
export function bodyOf(
  { own, servers, strange, context, checkout, twice }: Asked,
  more: object = {},
): string {
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
