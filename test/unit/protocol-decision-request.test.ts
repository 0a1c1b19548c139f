import {
  parseDecisionRequest,
  PAYMENT_KINDS,
  type DecisionRequest,
} from '../../shared/protocol/decision-request.ts';

const least = { checkout: {} };
const options = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `o${index}` }));

const accepted = (body: unknown): DecisionRequest => {
  const parsed = parseDecisionRequest(body);
  if (!parsed.ok) throw new Error(`rejected: ${JSON.stringify(parsed.rejection)}`);
  return parsed.value;
};
const rejected = (body: unknown) => {
  const parsed = parseDecisionRequest(body);
  return parsed.ok ? 'accepted' : [parsed.rejection.code, parsed.rejection.path];
};
const rejectionText = (body: unknown): string => {
  const parsed = parseDecisionRequest(body);
  return parsed.ok ? 'accepted' : parsed.rejection.message;
};

describe('a decision request', () => {
  test('may say everything that the contract names', () => {
    const said = {
      writeKey: 'wk_test',
      token: 'a.b.c',
      anonymousId: 'a1',
      userId: 'ann',
      context: {
        country: 'BR',
        region: 'SP',
        currency: 'BRL',
        locale: 'pt-BR',
        device: 'mobile',
        consent: { ads: true },
      },
      checkout: {
        id: 'c1',
        lines: [{ productId: 'p1', quantity: 1, price: 1250 }],
        payment: [
          { id: 'credit_card', kind: 'card', credit: 'yes' },
          { id: 'boleto', kind: 'voucher' },
        ],
        shipping: [{ id: 'express', price: 990, etaDays: 2 }],
      },
      slots: ['payment'],
      since: 'abc',
      explain: true,
    };
    const event = {
      type: 'track',
      event: 'Cart Viewed',
      anonymousId: 'a1',
      messageId: 'm1',
      timestamp: '2026-01-15',
    };
    const request = accepted({ ...said, at: '2018-01-01T00:00:00Z', events: [event] });

    expect(request).toEqual({
      ...said,
      at: Date.UTC(2018, 0),
      events: [
        {
          message: { type: 'track', event: 'Cart Viewed', anonymousId: 'a1', messageId: 'm1' },
          timestamp: Date.UTC(2026, 0, 15),
        },
      ],
    });
  });

  test('need say no more than that there is a checkout', () => {
    expect(accepted(least)).toEqual({
      context: {},
      checkout: { payment: [], shipping: [] },
      events: [],
      slots: ['payment', 'prefill', 'offers', 'messages'],
      explain: false,
    });
  });

  test('is read leniently where nothing can be misunderstood', () => {
    const request = accepted({
      ...least,
      userId: null,
      anonymousId: null,
      context: { country: 'se', currency: 'sek' },
      more: 1,
    });
    expect(request.context).toEqual({ country: 'SE', currency: 'SEK' });
    expect(request).not.toHaveProperty('more');
  });

  test.each(PAYMENT_KINDS)('knows the kind %s', (kind) => {
    expect(accepted({ checkout: { payment: [{ id: 'x', kind }] } }).checkout.payment).toEqual([
      { id: 'x', kind },
    ]);
  });

  test('takes as much as a large checkout has', () => {
    const lines = Array.from({ length: 200 }, () => ({ productId: 'p', quantity: 1 }));
    const events = Array.from({ length: 20 }, () => ({ type: 'page', anonymousId: 'a' }));
    expect(rejected({ checkout: { payment: options(50), shipping: options(50), lines }, events })).toBe(
      'accepted',
    );
  });
});

const inCheckout = (checkout: object) => ({ checkout });
const inContext = (context: unknown) => ({ ...least, context });

test.each<[string, unknown, string, string | undefined]>([
  ['null', null, 'invalid', undefined],
  ['a text', 'x', 'invalid', undefined],
  ['no checkout', {}, 'missing', 'checkout'],
  ['an anonymousId of 257 characters', { ...least, anonymousId: 'x'.repeat(257) }, 'invalid', 'anonymousId'],
  ['a userId that is an object', { ...least, userId: {} }, 'invalid', 'userId'],
  ['a writeKey that is a number', { ...least, writeKey: 1 }, 'invalid', 'writeKey'],
  ['a context that is a text', inContext('SE'), 'invalid', 'context'],
  ['a country of three letters', inContext({ country: 'SWE' }), 'invalid', 'context.country'],
  ['a currency of two letters', inContext({ currency: 'kr' }), 'invalid', 'context.currency'],
  ['a region that is a number', inContext({ region: 5 }), 'invalid', 'context.region'],
  ['a locale that is a novel', inContext({ locale: 'x'.repeat(36) }), 'invalid', 'context.locale'],
  ['a device that is a number', inContext({ device: 1 }), 'invalid', 'context.device'],
  ['a consent that is a text', inContext({ consent: 'yes' }), 'invalid', 'context.consent'],
  ['an empty checkout id', inCheckout({ id: '' }), 'invalid', 'checkout.id'],
  ['options that are no list', inCheckout({ payment: { id: 'x' } }), 'invalid', 'checkout.payment'],
  ['an option that is a text', inCheckout({ payment: ['card'] }), 'invalid', 'checkout.payment[0]'],
  [
    'an option without an id',
    inCheckout({ payment: [{ id: 'x' }, {}] }),
    'missing',
    'checkout.payment[1].id',
  ],
  ['an option with an empty id', inCheckout({ payment: [{ id: '' }] }), 'invalid', 'checkout.payment[0].id'],
  ['an id that is a number', inCheckout({ payment: [{ id: 5 }] }), 'invalid', 'checkout.payment[0].id'],
  [
    'an id of 129 characters',
    inCheckout({ payment: [{ id: 'x'.repeat(129) }] }),
    'invalid',
    'checkout.payment[0].id',
  ],
  [
    'a kind of its own',
    inCheckout({ payment: [{ id: 'x', kind: 'gold' }] }),
    'invalid',
    'checkout.payment[0].kind',
  ],
  [
    'a credit of its own',
    inCheckout({ payment: [{ id: 'x', credit: 'some' }] }),
    'invalid',
    'checkout.payment[0].credit',
  ],
  ['51 options', inCheckout({ payment: options(51) }), 'invalid', 'checkout.payment'],
  [
    'a price in major units',
    inCheckout({ shipping: [{ id: 'x', price: 9.9 }] }),
    'invalid',
    'checkout.shipping[0].price',
  ],
  [
    'days below zero',
    inCheckout({ shipping: [{ id: 'x', etaDays: -1 }] }),
    'invalid',
    'checkout.shipping[0].etaDays',
  ],
  [
    'a line without a product',
    inCheckout({ lines: [{ quantity: 1 }] }),
    'missing',
    'checkout.lines[0].productId',
  ],
  [
    'a line without a quantity',
    inCheckout({ lines: [{ productId: 'p' }] }),
    'missing',
    'checkout.lines[0].quantity',
  ],
  [
    'a line below zero',
    inCheckout({ lines: [{ productId: 'p', quantity: -1 }] }),
    'invalid',
    'checkout.lines[0].quantity',
  ],
  [
    '201 lines',
    inCheckout({ lines: Array.from({ length: 201 }, () => ({ productId: 'p', quantity: 1 })) }),
    'invalid',
    'checkout.lines',
  ],
  ['a slot that does not exist', { ...least, slots: ['payment', 'horoscope'] }, 'unknown_slot', 'slots[1]'],
  ['a slot that does not exist yet', { ...least, slots: ['upsell'] }, 'unknown_slot', 'slots[0]'],
  ['a slot named like a method of objects', { ...least, slots: ['constructor'] }, 'unknown_slot', 'slots[0]'],
  ['a slot that is a number', { ...least, slots: [1] }, 'invalid', 'slots[0]'],
  [
    'one option twice',
    inCheckout({ payment: [...options(3), { id: 'o1' }] }),
    'duplicate_option',
    'checkout.payment[3].id',
  ],
  [
    'one shipping twice',
    inCheckout({ shipping: [{ id: 'x' }, { id: 'x' }] }),
    'duplicate_option',
    'checkout.shipping[1].id',
  ],
  ['events that are no list', { ...least, events: {} }, 'invalid', 'events'],
  [
    '21 events',
    { ...least, events: Array.from({ length: 21 }, () => ({ type: 'page', anonymousId: 'a' })) },
    'invalid',
    'events',
  ],
  [
    'a bad event',
    { ...least, events: [{ type: 'page', anonymousId: 'a' }, { type: 'page' }] },
    'missing_id',
    'events[1]',
  ],
  [
    'a bad field of an event',
    { ...least, events: [{ type: 'track', anonymousId: 'a' }] },
    'missing',
    'events[0].event',
  ],
  ['a since that is a number', { ...least, since: 1 }, 'invalid', 'since'],
  ['an explain that is a text', { ...least, explain: 'yes' }, 'invalid', 'explain'],
  ['a time that is a number', { ...least, at: 1_500_000_000_000 }, 'invalid', 'at'],
  ['a time without a zone', { ...least, at: '2018-01-01T00:00:00' }, 'invalid', 'at'],
  ['a time that is none', { ...least, at: 'yesterday' }, 'invalid', 'at'],
  ['the thirtieth of February', { ...least, at: '2018-02-30T00:00:00Z' }, 'invalid', 'at'],
])('%s is turned down with its path', (_name, body, code, path) => {
  expect(rejected(body)).toEqual([code, path]);
});

test('a slot that is asked for many times is decided once', () => {
  const slots = Array.from({ length: 5_000 }, (_, index) => (index % 2 ? 'offers' : 'payment'));
  expect(accepted({ ...least, slots }).slots).toEqual(['payment', 'offers']);
});

test('one id may stand in two slots', () => {
  expect(rejected(inCheckout({ payment: [{ id: 'x' }], shipping: [{ id: 'x' }] }))).toBe('accepted');
});

test('a request that nests too deep is turned down, not walked', () => {
  const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
  expect(rejected({ ...least, events: [{ type: 'page', anonymousId: 'a', properties: { deep } }] })).toEqual([
    'too_deep',
    undefined,
  ]);
});

test.each(['2018-01-01T00:00:00+01:00', '2018-01-01T00:00:00+01', '2018-01-01 00:00:00Z'])(
  'a time such as %s is understood or turned down, never taken for no time at all',
  (at) => {
    const parsed = parseDecisionRequest({ ...least, at });
    expect(parsed.ok ? Number.isFinite(parsed.value.at) : parsed.rejection.path).toBe(
      parsed.ok ? true : 'at',
    );
  },
);

describe('who is named', () => {
  test('by a placeholder is nobody', () => {
    for (const id of ['null', 'undefined', '0', '-1', 'guest', 'anonymous', '[object Object]', '']) {
      expect(accepted({ ...least, userId: id, anonymousId: id })).not.toMatchObject({
        userId: expect.anything(),
      });
      expect(accepted({ ...least, userId: id, anonymousId: id }).anonymousId).toBeUndefined();
    }
  });

  test('is the same person as in events: blanks around an id do not count', () => {
    expect(accepted({ ...least, userId: ' ann ', anonymousId: '\ta1' })).toMatchObject({
      userId: 'ann',
      anonymousId: 'a1',
    });
    expect(accepted({ ...least, anonymousId: ' guest ' }).anonymousId).toBeUndefined();
  });

  test('is the same person as in events: an id may be a number', () => {
    expect(accepted({ ...least, userId: 42, anonymousId: 7 })).toMatchObject({
      userId: '42',
      anonymousId: '7',
    });
    expect(accepted({ ...least, anonymousId: 0 }).anonymousId).toBeUndefined();
  });
});

describe('a rejection', () => {
  test.each<[string, object, RegExp]>([
    ['a country', inContext({ country: 'SWE' }), /ISO 3166/],
    ['a currency', inContext({ currency: 'kr' }), /ISO 4217/],
    ['a long anonymousId', { ...least, anonymousId: 'x'.repeat(257) }, /256 characters/],
    ['a long option id', inCheckout({ payment: [{ id: 'x'.repeat(129) }] }), /128 characters/],
    ['an empty option id', inCheckout({ payment: [{ id: '' }] }), /not empty/],
    ['too many options', inCheckout({ payment: options(51) }), /50 options/],
    ['a kind', inCheckout({ payment: [{ id: 'x', kind: 'gold' }] }), /one of card, debit, bnpl/],
    ['a price', inCheckout({ shipping: [{ id: 'x', price: 1.5 }] }), /integer in minor units/],
    ['too many events', { ...least, events: Array.from({ length: 21 }, () => 0) }, /20 events/],
    ['a time', { ...least, at: 'x' }, /2018-01-01T00:00:00Z/],
    ['a slot', { ...least, slots: ['x'] }, /payment/],
  ])('of %s says in words what is wanted', (_name, body, words) => {
    expect(rejectionText(body)).toMatch(words);
  });

  test('never says again what was received', () => {
    const secret = 'sk_live_secret';
    for (const body of [
      { ...least, writeKey: [secret] },
      { ...least, token: { secret } },
      inContext({ country: secret }),
      inContext({ consent: secret }),
      inCheckout({ payment: [{ id: 'x', kind: secret }] }),
      { ...least, slots: [secret] },
      { ...least, at: secret },
    ]) {
      expect(JSON.stringify(parseDecisionRequest(body))).not.toContain(secret);
    }
  });
});

test('a bad token is no reason to turn a checkout down, whatever it is', () => {
  for (const token of ['x'.repeat(10_000), '', null]) expect(rejected({ ...least, token })).toBe('accepted');
});
