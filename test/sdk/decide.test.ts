import type { DecideRequest } from '../../web/sdk/answer.ts';
import type { Cartwright } from '../../web/sdk/index.ts';
import { fakeWorld, type FakeWorld } from './fake-browser.ts';

const REQUEST: DecideRequest = {
  checkout: {
    id: 'c1',
    lines: [{ productId: 'p1', quantity: 1, price: 1_250 }],
    payment: [
      { id: 'card', kind: 'card' },
      { id: 'boleto', kind: 'voucher' },
      { id: 'pix', kind: 'transfer' },
    ],
  },
  context: { country: 'BR', currency: 'BRL' },
};

const ranked = (...ids: readonly string[]) =>
  ids.map((id, index) => ({ id, rank: index + 1, preselected: index === 0, reasons: ['used-most'] }));
const slot = (...ids: readonly string[]) => ({
  source: 'personalized',
  fallbackReason: null,
  options: ranked(...ids),
  guardrails: [],
});
const DECISION = {
  decisionId: 'dec_1',
  version: 'v1',
  tokenRejected: null,
  asOf: '2026-11-27T11:59:00.000Z',
  lagMs: 80,
  source: 'personalized',
  degraded: false,
  profile: { level: 'device', segments: ['regulars'], journeyStage: 'checkout' },
  slots: { payment: slot('pix', 'card', 'boleto') },
};
const answering = (body: object = DECISION) => ({ status: 200, body });

const order = (answer: {
  readonly slots: { readonly payment?: { readonly options: readonly { readonly id: string }[] } };
}) => answer.slots.payment?.options.map(({ id }) => id);
interface Question {
  readonly since?: string;
  readonly events?: readonly { readonly event: string }[];
}
const asked = (world: FakeWorld): readonly Question[] =>
  world.requests
    .filter(({ url }) => url === 'https://api.example/v1/decisions')
    .map(({ body }) => JSON.parse(body) as Question);

/** What is answered, and how long that took. */
async function decided(world: FakeWorld, page = world.open(), request = REQUEST) {
  const from = world.now();
  let tookMs = -1;
  const answer = page.cartwright.decide(request).then((said) => {
    tookMs = world.now() - from;
    return said;
  });
  await world.pass(2_000);
  return { ...(await answer), tookMs };
}

test('the question needs no preflight: text, no header, the keys in the body', async () => {
  const world = fakeWorld();
  world.fate = answering();
  const page = world.open({ token: () => 'a.b.c' });
  const answer = await decided(world, page);
  const { at: _, body, ...request } = world.requests[0] ?? {};
  expect(request).toEqual({
    by: 'fetch',
    isOffline: false,
    url: 'https://api.example/v1/decisions',
    method: 'POST',
    keepalive: false,
    credentials: 'omit',
  });
  expect(JSON.parse(body ?? '')).toEqual({
    ...REQUEST,
    context: { ...REQUEST.context, consent: {} },
    writeKey: 'wk_test',
    anonymousId: page.cartwright.anonymousId,
    token: 'a.b.c',
  });
  expect(answer).toEqual({ ...DECISION, reason: null, tookMs: 20 });
});

test('events that the profile may not show yet go along, and are still sent once on their own', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('Delivered');
  await world.pass(1_000);
  page.cartwright.track('Waiting');
  await decided(world, page);
  expect(asked(world)[0]?.events?.map(({ event }) => event)).toEqual(['Delivered', 'Waiting']);
  expect(world.messages().map(({ event }) => event)).toEqual(['Delivered', 'Waiting']);

  await world.pass(6_000);
  await decided(world, page);
  expect(asked(world)[1]?.events).toBeUndefined();
});

test('at most as many as the server takes go along, the newest, and none of somebody else', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('Mine before');
  page.cartwright.reset();
  for (let index = 0; index < 30; index++) page.cartwright.track(`E${index}`);
  await decided(world, page);
  const names = asked(world)[0]?.events?.map(({ event }) => event);
  expect(names).toEqual(Array.from({ length: 20 }, (_, index) => `E${index + 10}`));

  page.cartwright.reset();
  await decided(world, page);
  expect(asked(world)[1]?.events).toBeUndefined();
});

describe('when no answer comes in time, the checkout has the shop’s order', () => {
  test.each([
    ['nothing comes', 'hang' as const, 150, 'timeout'],
    ['the network is away', 'down' as const, 20, 'network'],
    ['the server fails', { status: 500 }, 20, 'http'],
    ['the server turns it down', { status: 400 }, 20, 'http'],
    ['what comes is no answer', { status: 200, body: [] }, 20, 'network'],
  ])('%s', async (_, fate, tookMs, reason) => {
    const world = fakeWorld();
    world.fate = fate;
    const answer = await decided(world);
    expect(answer).toMatchObject({ source: 'store-default', reason, decisionId: null, tookMs });
    expect(order(answer)).toEqual(['card', 'boleto', 'pix']);
    expect(answer.slots.payment?.options.some(({ preselected }) => preselected)).toBe(false);
  });

  test('offline, at once', async () => {
    const world = fakeWorld();
    world.isOnline = false;
    expect(await decided(world)).toMatchObject({ source: 'store-default', reason: 'offline', tookMs: 0 });
    expect(world.requests).toEqual([]);
  });

  test('as compiled in, and what that does not name as the request has it', async () => {
    const world = fakeWorld();
    world.fate = 'down';
    const answer = await decided(
      world,
      world.open({ defaults: { payment: ['pix', 'gone', 'card', 'pix'] } }),
    );
    expect(order(answer)).toEqual(['pix', 'card', 'boleto']);
  });

  test('within its own deadline, a slow token included', async () => {
    const world = fakeWorld();
    world.fate = answering();
    const page = world.open({ deadlineMs: 70, token: () => new Promise(() => undefined) });
    expect(await decided(world, page)).toMatchObject({ reason: 'timeout', tookMs: 70 });
  });

  test('whatever it is asked', async () => {
    const world = fakeWorld();
    const circle: Record<string, unknown> = {};
    circle.checkout = circle;
    for (const request of [undefined, null, {}, circle])
      expect(await decided(world, world.open(), request as never)).toMatchObject({ source: 'store-default' });
  });
});

describe('an answer is a permutation of what the shop offers, whatever comes over the wire', () => {
  test.each([
    ['one that is not offered', ['pix', 'bitcoin', 'card', 'boleto'], ['pix', 'card', 'boleto']],
    ['one is missing', ['pix'], ['pix', 'card', 'boleto']],
    ['one comes twice', ['pix', 'pix', 'boleto', 'card'], ['pix', 'boleto', 'card']],
  ])('%s', async (_, ids, shown) => {
    const world = fakeWorld();
    world.fate = answering({ ...DECISION, slots: { payment: slot(...ids) } });
    const answer = await decided(world);
    expect(order(answer)).toEqual(shown);
    expect(answer.slots.payment?.options.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  });
});

describe('the last answer', () => {
  const answered = async (world: FakeWorld) => {
    world.fate = answering();
    const page = world.open();
    await decided(world, page);
    world.fate = 'down';
    return page;
  };

  test('serves the next page when nothing better comes', async () => {
    const world = fakeWorld();
    await answered(world);
    const answer = await decided(world, world.open());
    expect(answer).toMatchObject({ source: 'cached', reason: 'network', decisionId: 'dec_1' });
    expect(order(answer)).toEqual(['pix', 'card', 'boleto']);
    expect(answer.slots.payment?.source).toBe('cached');
  });

  test('is one that came too late for its own page', async () => {
    const world = fakeWorld();
    world.fate = answering();
    world.answerAfterMs = 400;
    expect(await decided(world)).toMatchObject({ source: 'store-default', tookMs: 150 });
    expect(await decided(world)).toMatchObject({ source: 'cached', reason: 'timeout', tookMs: 150 });
  });

  test.each<[string, DecideRequest]>([
    ['other options', { ...REQUEST, checkout: { payment: [{ id: 'card', kind: 'card' }] } }],
    ['another country', { ...REQUEST, context: { country: 'SE' } }],
  ])('is not taken for %s: a rule may stand against it there', async (_, request) => {
    const world = fakeWorld();
    await answered(world);
    expect(await decided(world, world.open(), request)).toMatchObject({ source: 'store-default' });
  });

  test('is for another cart too', async () => {
    const world = fakeWorld();
    await answered(world);
    const request = { ...REQUEST, checkout: { ...REQUEST.checkout, lines: [] } };
    expect(await decided(world, world.open(), request)).toMatchObject({ source: 'cached' });
  });

  test.each(['reset', 'identify'] as const)('is nobody else’s: %s', async (call) => {
    const world = fakeWorld();
    const page = await answered(world);
    page.cartwright[call]('bo');
    expect(await decided(world, world.open())).toMatchObject({ source: 'store-default' });
  });

  test.each<[string, (cartwright: Cartwright) => void]>([
    ['a logout', (cartwright) => cartwright.reset()],
    ['a withdrawal', (cartwright) => cartwright.consent({ personalization: false })],
  ])('that comes after %s is not kept', async (_, happen) => {
    const world = fakeWorld();
    world.fate = answering();
    world.answerAfterMs = 400;
    const page = world.open();
    const answer = page.cartwright.decide(REQUEST);
    await world.pass(200);
    happen(page.cartwright);
    await world.pass(1_000);
    expect(await answer).toMatchObject({ source: 'store-default' });
    expect(world.stored.has('cartwright.answer')).toBe(false);
  });

  test('is forgotten after a week, and by who withdraws', async () => {
    const world = fakeWorld();
    const page = await answered(world);
    await world.pass(8 * 24 * 3_600_000);
    expect(await decided(world, page)).toMatchObject({ source: 'store-default' });

    const other = fakeWorld();
    const withdrawing = await answered(other);
    withdrawing.cartwright.consent({ personalization: false });
    expect(other.stored.has('cartwright.answer')).toBe(false);
    expect(await decided(other, withdrawing)).toMatchObject({ source: 'store-default' });
  });

  test('gives way to a better one only: what an outage left of an answer is not kept in its place', async () => {
    const world = fakeWorld();
    world.fate = answering();
    const page = world.open();
    await decided(world, page);
    world.fate = answering({
      ...DECISION,
      version: 'v2',
      source: 'default',
      degraded: true,
      slots: { payment: { ...slot('card', 'boleto', 'pix'), source: 'default', fallbackReason: 'deadline' } },
    });
    expect(order(await decided(world, page))).toEqual(['card', 'boleto', 'pix']);
    world.fate = 'down';
    const answer = await decided(world, page);
    expect([answer.source, ...(order(answer) ?? [])]).toEqual(['cached', 'pix', 'card', 'boleto']);
  });

  test.each([
    ['logs out', (cartwright: Cartwright) => cartwright.reset()],
    ['withdraws', (cartwright: Cartwright) => cartwright.consent({ personalization: false })],
  ])('is not for whoever is there when its shopper %s meanwhile', async (_, leave) => {
    const world = fakeWorld();
    world.fate = answering();
    const page = world.open();
    const asking = page.cartwright.decide(REQUEST);
    leave(page.cartwright);
    await world.pass(2_000);
    const answer = await asking;
    expect([answer.source, answer.reason]).toEqual(['store-default', 'withdrawn']);
    expect(order(answer)).toEqual(['card', 'boleto', 'pix']);
    expect(answer.profile).toBeNull();
  });

  test('is for who logs in meanwhile, and not kept as theirs', async () => {
    const world = fakeWorld();
    world.fate = answering();
    const page = world.open();
    const asking = page.cartwright.decide(REQUEST);
    page.cartwright.identify('ann');
    await world.pass(2_000);
    expect((await asking).source).toBe('personalized');
    world.fate = 'down';
    expect((await decided(world, page)).source).toBe('store-default');
  });

  test('is kept without what it says of the shopper, and never if it is large', async () => {
    const world = fakeWorld();
    const prefill = {
      source: 'personalized',
      fields: { address: { country: 'BR', region: 'SP', city: 'Santos' } },
    };
    world.fate = answering({ ...DECISION, slots: { ...DECISION.slots, prefill } });
    expect((await decided(world)).slots.prefill).toEqual(prefill);
    expect(world.stored.get('cartwright.answer')).toContain('pix');
    expect(world.stored.get('cartwright.answer')).not.toMatch(/Santos|regulars/);

    const large = fakeWorld();
    large.fate = answering({
      ...DECISION,
      slots: { payment: { ...DECISION.slots.payment, guardrails: ['x'.repeat(10_000)] } },
    });
    await decided(large);
    expect(large.stored.has('cartwright.answer')).toBe(false);
  });
});

test('the same question says which answer is known, and an unchanged one is whole again', async () => {
  const world = fakeWorld();
  world.fate = answering();
  const page = world.open();
  const first = await decided(world, page);
  world.fate = answering({ ...DECISION, decisionId: 'dec_2', slots: {} });
  const second = await decided(world, page);
  const other = await decided(world, page, { ...REQUEST, checkout: { ...REQUEST.checkout, lines: [] } });
  expect(asked(world).map(({ since }) => since)).toEqual([undefined, 'v1', undefined]);
  expect(second).toEqual({ ...first, decisionId: 'dec_2' });
  expect(other.slots).toEqual({});
});

describe('without consent nobody is named, and nothing is kept', () => {
  test.each([
    ['personalization denied', { personalization: false }, false],
    ['all denied', { analytics: false }, false],
    ['Global Privacy Control', {}, true],
  ])('%s', async (_, categories, refuses) => {
    const world = fakeWorld();
    world.refusesTracking = refuses;
    world.fate = answering({ ...DECISION, source: 'regional' });
    const page = world.open({ token: () => 'a.b.c', consentCategories: categories });
    page.cartwright.identify('ann');
    expect(await decided(world, page)).toMatchObject({ source: 'regional' });
    const [question] = asked(world);
    expect(question).toEqual({
      ...REQUEST,
      context: {
        ...REQUEST.context,
        consent: expect.objectContaining(refuses ? { personalization: false } : categories),
      },
      writeKey: 'wk_test',
    });
    expect(world.stored.has('cartwright.answer')).toBe(false);
  });
});
