import { fakeWorld, START, type FakeWorld, type SentMessage } from './fake-browser.ts';

const MINUTE = 60_000;

async function sent(world: FakeWorld): Promise<readonly SentMessage[]> {
  await world.pass(1_000);
  return world.messages();
}

test('an event is a message of the Segment spec, with who, when, where and by what', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open(
    { consentCategories: { analytics: true } },
    {
      url: 'https://shop.example/shoes?utm_source=news&utm_campaign=autumn&q=1#top',
      title: 'Shoes',
      referrer: 'https://search.example/',
    },
  );
  cartwright.track('Product Viewed', { product_id: 'p1' });
  const [message] = await sent(world);
  expect(message).toEqual({
    type: 'track',
    event: 'Product Viewed',
    properties: { product_id: 'p1' },
    messageId: expect.stringMatching(/^id\d+$/),
    anonymousId: cartwright.anonymousId,
    timestamp: new Date(START).toISOString(),
    context: {
      library: { name: 'cartwright-web', version: expect.any(String) },
      page: {
        path: '/shoes',
        search: '?utm_source=news&utm_campaign=autumn&q=1',
        url: 'https://shop.example/shoes?utm_source=news&utm_campaign=autumn&q=1',
        title: 'Shoes',
        referrer: 'https://search.example/',
      },
      campaign: { source: 'news', name: 'autumn' },
      locale: 'pt-BR',
      timezone: 'America/Sao_Paulo',
      userAgentData: { mobile: true },
      sessionId: START,
      sessionStart: true,
      consent: { categoryPreferences: { analytics: true } },
    },
  });
  expect(world.batches()[0]).toMatchObject({ writeKey: 'wk_test', sentAt: expect.stringMatching(/Z$/) });
});

test('a page view has the properties of its page, and those given', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open({}, { url: 'https://shop.example/cart', title: 'Cart' });
  cartwright.page('Cart', { step: 1 });
  const [message] = await sent(world);
  expect(message).toMatchObject({
    type: 'page',
    name: 'Cart',
    properties: {
      path: '/cart',
      url: 'https://shop.example/cart',
      title: 'Cart',
      search: '',
      referrer: '',
      step: 1,
    },
  });
});

test('a single-page shop has a page view for each address, referred by the one before', async () => {
  const world = fakeWorld();
  const page = world.open({ autoPage: true }, { referrer: 'https://search.example/' });
  page.go({ url: 'https://shop.example/p/1', title: 'One' });
  page.go({ url: 'https://shop.example/p/1#reviews' });
  page.go({ url: 'https://shop.example/cart', title: 'Cart' });
  const views = (await sent(world)).map(({ type, properties }) => [
    type,
    properties?.path,
    properties?.referrer,
  ]);
  expect(views).toEqual([
    ['page', '/', 'https://search.example/'],
    ['page', '/p/1', 'https://shop.example/'],
    ['page', '/cart', 'https://shop.example/p/1'],
  ]);
});

test('without being asked to, it sends no page view of its own', async () => {
  const world = fakeWorld();
  world.open().go({ url: 'https://shop.example/p/1' });
  expect(await sent(world)).toEqual([]);
});

test('a page that is prerendered tells of nothing until its visitor comes, and then in order and by that time', async () => {
  const world = fakeWorld();
  world.isPrerendering = true;
  const page = world.open({ autoPage: true });
  page.cartwright.track('Product Viewed', { product_id: 'p1' });
  page.cartwright.identify(undefined, { newsletter: true });
  expect(await sent(world)).toEqual([]);

  await world.pass(5 * MINUTE);
  const shownAt = new Date(world.now()).toISOString();
  page.fire('shown');
  page.cartwright.track('Product Added', { product_id: 'p1' });
  const told = await sent(world);
  expect(told.map(({ type, event }) => event ?? type)).toEqual([
    'page',
    'Product Viewed',
    'identify',
    'Product Added',
  ]);
  expect(told.map(({ timestamp }) => timestamp)).toEqual(told.map(() => shownAt));
});

test('a page that is prerendered for nobody leaves nothing behind, not even a visitor', async () => {
  const world = fakeWorld();
  world.isPrerendering = true;
  world.open({ autoPage: true }).cartwright.track('Product Viewed', { product_id: 'p1' });
  expect(await sent(world)).toEqual([]);
  expect([...world.stored.keys()]).toEqual([]);
});

test('a session ends after half an hour of silence; its campaign lasts as long as it', async () => {
  const world = fakeWorld();
  const first = world.open({}, { url: 'https://shop.example/?utm_source=news' });
  first.cartwright.track('A');
  await world.pass(29 * MINUTE);
  const second = world.open({}, { url: 'https://shop.example/cart' });
  second.cartwright.track('B');
  await world.pass(31 * MINUTE);
  second.cartwright.track('C');
  const [a, b, c] = (await sent(world)).map(({ context }) => context);
  expect(b?.sessionId).toBe(a?.sessionId);
  expect([a?.sessionStart, b?.sessionStart, c?.sessionStart]).toEqual([true, undefined, true]);
  expect(c?.sessionId).toBe(START + 60 * MINUTE);
  expect([b?.campaign, c?.campaign]).toEqual([{ source: 'news' }, undefined]);
});

test('a visitor is the same on the next page and in the next tab', () => {
  const world = fakeWorld();
  const one = world.open();
  const id = one.cartwright.anonymousId;
  const other = world.open();
  expect(other.cartwright.anonymousId).toBe(id);
  other.cartwright.reset();
  expect(one.cartwright.anonymousId).toBe(other.cartwright.anonymousId);
  expect(one.cartwright.anonymousId).not.toBe(id);
});

test('from identify on, events name the user, until reset makes a new visitor', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open();
  const before = cartwright.anonymousId;
  cartwright.identify('ann', { email: 'ann@shop.example' });
  cartwright.track('A');
  cartwright.reset();
  cartwright.track('B');
  const [identify, a, b] = await sent(world);
  expect(identify).toMatchObject({ type: 'identify', userId: 'ann', traits: { email: 'ann@shop.example' } });
  expect(a).toMatchObject({ userId: 'ann', anonymousId: before });
  expect(b?.userId).toBeUndefined();
  expect(b?.anonymousId).not.toBe(before);
  expect([...world.stored.values()].join()).not.toContain('ann');
});

test('somebody else who logs in is a new visitor: no device is shared by mistake', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open();
  cartwright.identify('ann');
  cartwright.identify('ann', { plan: 'gold' });
  cartwright.identify('bo');
  const [ann, again, bo] = await sent(world);
  expect(again?.anonymousId).toBe(ann?.anonymousId);
  expect(bo?.anonymousId).not.toBe(ann?.anonymousId);
});

describe('consent', () => {
  test('a choice is told, is in each later event, and holds on the next page', async () => {
    const world = fakeWorld();
    world.open().cartwright.consent({ analytics: true, personalization: false });
    world.open().cartwright.track('A');
    const [choice, a] = await sent(world);
    expect(choice?.event).toBe('Consent Preference Updated');
    for (const message of [choice, a])
      expect(message?.context.consent).toEqual({
        categoryPreferences: { analytics: true, personalization: false },
      });
  });

  test('where silence is a no, nothing is sent or kept before the choice, and only the choice after a no', async () => {
    const world = fakeWorld();
    const { cartwright } = world.open({ consentCategories: { analytics: false, personalization: false } });
    cartwright.track('A');
    cartwright.identify('ann');
    expect(await sent(world)).toEqual([]);
    expect([...world.stored]).toEqual([]);

    cartwright.consent({ analytics: false });
    cartwright.track('B');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['Consent Preference Updated']);
    expect([...world.stored.keys()]).toEqual(['cartwright.consent']);
  });

  test('a yes keeps the visitor from then on', async () => {
    const world = fakeWorld();
    const { cartwright } = world.open({ consentCategories: { analytics: false } });
    const id = cartwright.anonymousId;
    cartwright.consent({ analytics: true });
    cartwright.track('A');
    expect((await sent(world)).map(({ anonymousId }) => anonymousId)).toEqual([id, id]);
    expect(world.open().cartwright.anonymousId).toBe(id);
  });

  test('who withdraws is forgotten in the browser, with what still waited', async () => {
    const world = fakeWorld();
    world.isOnline = false;
    const { cartwright } = world.open();
    cartwright.track('A');
    cartwright.consent({ analytics: false });
    expect([...world.stored.keys()]).toEqual(['cartwright.consent']);
    await world.goOnline();
    expect((await sent(world)).map(({ event }) => event)).toEqual(['Consent Preference Updated']);
  });

  test('Global Privacy Control outweighs a yes: nothing is sent, nothing is kept, not even the choice', async () => {
    const world = fakeWorld();
    world.open().cartwright.track('Before');
    await world.pass(1_000);
    expect(world.stored.size).toBeGreaterThan(0);
    world.refusesTracking = true;
    const { cartwright } = world.open({ autoPage: true });
    cartwright.track('A');
    cartwright.consent({ analytics: true, personalization: true });
    cartwright.track('B');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['Before']);
    expect([...world.stored]).toEqual([]);
  });
});

describe('nothing is thrown into the page', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const deep = Array.from({ length: 40 }).reduce<object>((inner) => ({ inner }), {});

  test.each([
    ['an event without a name', '', {}, 'event-without-name'],
    ['an event of more than 32 KB', 'A', { text: 'å'.repeat(16_400) }, 'event-too-large'],
    ['an event that contains itself', 'A', circle, 'event-too-deep'],
    ['an event that nests deeper than is taken', 'A', deep, 'event-too-deep'],
  ])('%s is left out, with its reason, and the others go', async (_, name, properties, code) => {
    const world = fakeWorld();
    const { cartwright, problems } = world.open();
    cartwright.track(name, properties);
    cartwright.track('B');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['B']);
    expect(problems).toEqual([code]);
  });

  test('nor what the page itself throws at being told', async () => {
    const world = fakeWorld();
    const { cartwright } = world.open({
      onProblem: () => {
        throw new Error('the page’s own');
      },
      token: () => {
        throw new Error('no token');
      },
    });
    cartwright.track('');
    cartwright.track('A');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['A']);
  });

  test('with storage blocked, everything works for as long as the page does', async () => {
    const world = fakeWorld();
    world.isStorageBlocked = true;
    const { cartwright, problems } = world.open();
    cartwright.identify('ann');
    cartwright.track('A');
    expect((await sent(world)).map(({ userId }) => userId)).toEqual(['ann', 'ann']);
    expect(problems).toEqual([]);
  });

  test('with storage full, events still go', async () => {
    const world = fakeWorld();
    world.quota = 100;
    const { cartwright } = world.open();
    cartwright.track('A');
    cartwright.track('B');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['A', 'B']);
  });

  test('with somebody else’s rubbish in storage, it begins anew', async () => {
    const world = fakeWorld();
    for (const name of ['visitor', 'session', 'consent', 'queue.x', 'answer'])
      world.stored.set(`cartwright.${name}`, '{rubbish');
    const { cartwright } = world.open();
    cartwright.track('A');
    expect((await sent(world)).map(({ event }) => event)).toEqual(['A']);
  });
});
