import { fakeWorld, START, type FakeWorld } from './fake-browser.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const names = (world: FakeWorld): readonly string[] =>
  world.batches().flatMap(({ batch }) => batch.map(({ event = '' }) => event));
const arrived = (world: FakeWorld): readonly string[] =>
  [...world.store.values()].map(({ message }) => message.event ?? '');
const sendTimes = (world: FakeWorld): readonly number[] => world.requests.map(({ at }) => at);
const gaps = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((at, index) => at - (times[index] ?? 0));

test('events of one moment go in one request that needs no preflight, and leave the queue when they have arrived', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open();
  for (const name of ['A', 'B', 'C']) cartwright.track(name);
  await world.pass(5 * MINUTE);
  expect(world.requests).toHaveLength(1);
  const { at: _, body: __, ...request } = world.requests[0] ?? {};
  expect(request).toEqual({
    by: 'fetch',
    isOffline: false,
    url: 'https://api.example/v1/batch',
    method: 'POST',
    keepalive: true,
    credentials: 'omit',
  });
  expect(names(world)).toEqual(['A', 'B', 'C']);
  expect([...world.stored.keys()].filter((key) => key.includes('queue'))).toEqual([]);
});

test('no request is larger than what may outlive its page, and what does not fit follows at once, in order', async () => {
  const world = fakeWorld();
  const { cartwright } = world.open();
  for (let index = 0; index < 10; index++) cartwright.track(`E${index}`, { text: 'å'.repeat(8_000) });
  await world.pass(SECOND);
  const sizes = world.requests.map(({ body }) => Buffer.byteLength(body));
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
  expect(names(world)).toEqual(Array.from({ length: 10 }, (_, index) => `E${index}`));
});

describe('an attempt that fails is made again with the same messages', () => {
  test.each([
    ['the network is away', 'down' as const],
    ['the answer is lost', 'lost' as const],
    ['the server fails', { status: 500 }],
    ['the server is too slow', { status: 408 }],
    ['the server has enough', { status: 429 }],
  ])('%s', async (_, fate) => {
    const world = fakeWorld();
    world.fate = fate;
    world.open().cartwright.track('A');
    await world.pass(400);
    world.fate = 'ok';
    await world.pass(10 * SECOND);
    const [first, second] = world.messages();
    expect(world.messages()).toHaveLength(2);
    expect(second).toEqual(first);
    expect(arrived(world)).toEqual(['A']);
  });

  test('ever less often, at most once a minute, and no two browsers in step', async () => {
    const worlds = [fakeWorld(1), fakeWorld(7_777)];
    for (const world of worlds) {
      world.fate = { status: 503 };
      world.open().cartwright.track('A');
      await world.pass(10 * MINUTE);
    }
    const [one = [], other] = worlds.map((world) => gaps(sendTimes(world)));
    expect(one.slice(0, 6)).not.toEqual(other?.slice(0, 6));
    for (const [index, gap] of one.entries()) {
      const longest = Math.min(MINUTE, SECOND * 2 ** index);
      expect(gap).toBeGreaterThanOrEqual(longest / 2);
      expect(gap).toBeLessThanOrEqual(longest);
    }
  });

  test.each([
    ['in seconds', '120', 2 * MINUTE],
    ['as a date', 'Fri, 27 Nov 2026 12:05:00 GMT', 5 * MINUTE - 400],
  ])('not before Retry-After, %s, whatever else happens', async (_, retryAfter, waitMs) => {
    const world = fakeWorld();
    const page = world.open();
    world.fate = { status: 429, retryAfter };
    page.cartwright.track('A');
    await world.pass(SECOND);
    world.fate = 'ok';
    page.cartwright.track('B');
    await page.cartwright.flush();
    page.fire('hidden');
    page.fire('online');
    page.fire('leaving');
    page.fire('back');
    await world.pass(waitMs - SECOND);
    expect(world.requests).toHaveLength(1);
    await world.pass(2 * SECOND);
    expect(arrived(world)).toEqual(['A', 'B']);
  });

  test('a Retry-After of a year is not believed', async () => {
    const world = fakeWorld();
    world.fate = { status: 503, retryAfter: '31536000' };
    world.open().cartwright.track('A');
    await world.pass(SECOND);
    world.fate = 'ok';
    await world.pass(31 * MINUTE);
    expect(arrived(world)).toEqual(['A']);
  });

  test.each([400, 401, 413])('but not one that is turned down with %i: it would be again', async (status) => {
    const world = fakeWorld();
    world.fate = { status };
    const { cartwright, problems } = world.open();
    cartwright.track('A');
    await world.pass(10 * MINUTE);
    expect(world.requests).toHaveLength(1);
    expect(problems).toEqual([`http-${status}`]);
  });
});

test('offline nothing is tried; what was done then goes when the network is back', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const { cartwright } = world.open();
  cartwright.track('A');
  await world.pass(10 * MINUTE);
  cartwright.track('B');
  expect(world.requests).toEqual([]);
  await world.goOnline();
  await world.pass(SECOND);
  expect(names(world)).toEqual(['A', 'B']);
});

test('the network that is back ends a back-off', async () => {
  const world = fakeWorld();
  world.fate = 'down';
  world.open().cartwright.track('A');
  await world.pass(5 * MINUTE);
  world.fate = 'ok';
  await world.goOnline();
  await world.pass(400);
  expect(arrived(world)).toEqual(['A']);
});

test('what could not go before the browser was closed goes on the next visit', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const page = world.open();
  page.cartwright.track('A');
  page.fire('leaving');
  page.crash();
  world.isOnline = true;
  world.open();
  await world.pass(SECOND);
  expect(arrived(world)).toEqual(['A']);
});

test('a page that is leaving hands over what it has by beacon, once, and the next page makes sure', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('A');
  page.fire('leaving');
  page.fire('hidden');
  await world.pass(MINUTE);
  expect(world.requests.map(({ by }) => by)).toEqual(['beacon']);
  page.crash();
  world.open();
  await world.pass(SECOND);
  const [first, second] = world.messages();
  expect(second).toEqual(first);
  expect(arrived(world)).toEqual(['A']);
});

test('a page that is put aside sends what it has without delay', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('A');
  page.fire('hidden');
  await world.pass(0);
  expect(names(world)).toEqual(['A']);
});

test('what is under way already is not handed over a second time', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('A');
  await world.pass(310);
  page.cartwright.track('B');
  page.fire('leaving');
  expect(world.batches().map(({ batch }) => batch.map(({ event }) => event))).toEqual([['A'], ['B']]);
});

test('one request at a time: what is under way is not sent beside itself', async () => {
  const world = fakeWorld();
  const page = world.open();
  page.cartwright.track('A');
  await world.pass(310);
  page.fire('hidden');
  void page.cartwright.flush();
  await world.pass(SECOND);
  expect(world.requests).toHaveLength(1);
});

test('a page that comes back from the cache goes on', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const page = world.open();
  page.cartwright.track('A');
  page.fire('leaving');
  world.isOnline = true;
  page.fire('back');
  page.cartwright.track('B');
  await world.pass(SECOND);
  expect(arrived(world)).toEqual(['A', 'B']);
});

test('two tabs send what is their own: nothing twice, nothing lost', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const tabs = [world.open(), world.open()];
  for (let index = 0; index < 6; index++) tabs[index % 2]?.cartwright.track(`E${index}`);
  await world.goOnline();
  await world.pass(5 * MINUTE);
  expect([...names(world)].sort()).toEqual(['E0', 'E1', 'E2', 'E3', 'E4', 'E5']);
});

test('a tab that is there takes over from one that crashed, when its time has run out and not before', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const crashed = world.open();
  crashed.cartwright.track('A');
  const other = world.open();
  crashed.crash();
  await world.goOnline();
  other.cartwright.track('B');
  await world.pass(30 * SECOND);
  expect(arrived(world)).toEqual(['B']);
  await world.pass(MINUTE);
  expect([...arrived(world)].sort()).toEqual(['A', 'B']);
});

test('a tab that waits for its turn, however long, is not taken for one that has crashed', async () => {
  const world = fakeWorld();
  world.fate = { status: 429, retryAfter: '600' };
  world.open().cartwright.track('A');
  await world.pass(SECOND);
  world.fate = 'ok';
  await world.pass(5 * MINUTE);
  world.open().cartwright.track('B');
  await world.pass(SECOND);
  expect(names(world)).toEqual(['A', 'B']);
});

test('a clock that was set back by a year holds nothing back, and sets no timer that a browser cannot count', async () => {
  const world = fakeWorld();
  const yearMs = 365 * 24 * 3_600_000;
  world.stored.set(
    'cartwright.queue.of-a-page-that-is-gone',
    `${START + yearMs}\n?{"messageId":"m1","type":"track"}`,
  );
  const { cartwright } = world.open();
  await world.pass(1_000);
  expect(world.messages().map(({ messageId }) => messageId)).toEqual(['m1']);

  world.fate = 'down';
  world.setClock(START + yearMs);
  cartwright.track('A');
  await world.pass(400);
  world.setClock(START);
  world.fate = 'ok';
  cartwright.track('B');
  await world.pass(2_000);
  expect([...world.store.values()].map(({ message }) => message.event)).toEqual([undefined, 'A', 'B']);
});

test('of too many events the newest stay, and the page is told', async () => {
  const world = fakeWorld();
  world.isOnline = false;
  const { cartwright, problems } = world.open();
  for (let index = 0; index < 600; index++) cartwright.track(`E${index}`, { text: 'x'.repeat(500) });
  const held = [...world.stored.values()].reduce((sum, value) => sum + value.length, 0);
  expect(held).toBeLessThan(210_000);
  expect(new Set(problems)).toEqual(new Set(['queue-full']));
  await world.goOnline();
  await world.pass(5 * SECOND);
  expect(names(world).at(-1)).toBe('E599');
  expect(names(world).length).toBeGreaterThan(150);
});

describe('an identity token', () => {
  test('goes beside the batch', async () => {
    const world = fakeWorld();
    const { cartwright } = world.open({ token: () => Promise.resolve('token of ann') });
    cartwright.identify('ann');
    await world.pass(SECOND);
    expect(world.batches()[0]?.token).toBe('token of ann');
  });

  test('that was there the first time is waited for the second time: else the event would count twice', async () => {
    const world = fakeWorld();
    let token: string | undefined = 'token of ann';
    const { cartwright } = world.open({ token: () => token });
    cartwright.identify('ann');
    world.fate = 'lost';
    await world.pass(400);
    token = undefined;
    world.fate = 'ok';
    await world.pass(MINUTE);
    expect(world.requests).toHaveLength(1);
    token = 'token of ann';
    cartwright.track('A');
    await world.pass(SECOND);
    expect([...world.store.keys()].map((key) => key.split(' ')[0])).toEqual(['user', 'user']);
  });

  test('that was not there the first time is not used the second time', async () => {
    const world = fakeWorld();
    let token = '';
    const { cartwright } = world.open({ token: () => token });
    cartwright.identify('ann');
    world.fate = 'lost';
    await world.pass(400);
    token = 'token of ann';
    world.fate = 'ok';
    await world.pass(MINUTE);
    expect(world.batches().map((batch) => batch.token)).toEqual([undefined, undefined]);
    expect([...world.store.keys()].map((key) => key.split(' ')[0])).toEqual(['device']);
  });

  test('of a shopper who has logged out vouches for what they did before', async () => {
    const world = fakeWorld();
    let token: string | undefined = 'token of ann';
    const { cartwright } = world.open({ token: () => token });
    cartwright.identify('ann');
    await world.pass(SECOND);
    cartwright.track('A');
    cartwright.reset();
    await world.pass(0);
    token = undefined;
    await world.pass(MINUTE);
    expect([...world.store.keys()].map((key) => key.split(' ')[0])).toEqual(['user', 'user']);
  });
});
