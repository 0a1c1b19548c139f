import fc from 'fast-check';
import { fakeWorld, type FakePage, type Fate, type SentBatch } from './fake-browser.ts';

const TABS = 3;

type Step =
  | { readonly do: 'track' | 'crash' | 'leave' | 'hide' | 'reload'; readonly tab: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'fate'; readonly fate: Fate }
  | { readonly do: 'offline' | 'online' | 'login' | 'logout' };

const tab = fc.nat({ max: TABS - 1 });
const fate = fc.constantFrom<Fate>('ok', 'down', 'lost', { status: 500 }, { status: 429, retryAfter: '7' });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('track' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'leave' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hide' as const, 'reload' as const), tab }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(5, 310, 2_000, 90_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fate' as const), fate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('offline' as const, 'online' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('login' as const, 'logout' as const) }) },
);

/** Plays the steps, then lets everything come to rest with the network back and one new page open. */
async function play(steps: readonly Step[], seed: number) {
  const world = fakeWorld(seed);
  let token: string | undefined;
  const open = (): FakePage => world.open({ token: () => token });
  const tabs = Array.from({ length: TABS }, open);
  let tracked = 0;
  for (const one of steps) {
    switch (one.do) {
      case 'track':
        tabs[one.tab]?.cartwright.track(`E${tracked++}`);
        break;
      case 'crash':
        tabs[one.tab]?.crash();
        tabs[one.tab] = open();
        break;
      case 'leave':
        tabs[one.tab]?.fire('leaving');
        tabs[one.tab]?.crash();
        tabs[one.tab] = open();
        break;
      case 'reload':
        tabs[one.tab]?.fire('leaving');
        tabs[one.tab]?.fire('back');
        break;
      case 'hide':
        tabs[one.tab]?.fire('hidden');
        break;
      case 'pass':
        await world.pass(one.ms);
        break;
      case 'fate':
        world.fate = one.fate;
        break;
      case 'offline':
        world.isOnline = false;
        break;
      case 'online':
        await world.goOnline();
        break;
      case 'login':
        token = 'token of ann';
        tabs[0]?.cartwright.identify('ann');
        tracked += 1;
        break;
      case 'logout':
        token = undefined;
        break;
    }
  }
  world.fate = 'ok';
  token ??= 'token of ann';
  await world.goOnline();
  await world.pass(300_000);
  const last = open();
  await world.pass(300_000);
  return { world, tracked, last };
}

test('whatever the network, the server and the tabs do, each event arrives, and a store that counts each message once has it once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      async (steps, seed) => {
        const { world, tracked } = await play(steps, seed);
        // By subject and message, as facets count: an event that once went for the user and once for the device is two.
        expect(world.store.size).toBe(tracked);
        expect([...world.stored.keys()].filter((key) => key.includes('queue'))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test('what a browser holds is bounded, however much is done offline', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(tab, fc.integer({ min: 0, max: 31_000 })), { minLength: 50, maxLength: 120 }),
      async (events) => {
        const world = fakeWorld();
        world.isOnline = false;
        const tabs = Array.from({ length: TABS }, () => world.open());
        for (const [index, length] of events)
          tabs[index]?.cartwright.track('A', { text: 'x'.repeat(length) });
        const held = [...world.stored.values()].map((value) => value.length);
        expect(Math.max(...held)).toBeLessThan(205_000);
      },
    ),
    { numRuns: 20 },
  );
});

test('without a crash no event is sent a second time by another tab', async () => {
  const calm = step.filter((one) => !['crash', 'leave', 'reload', 'fate'].includes(one.do));
  await fc.assert(
    fc.asyncProperty(
      fc.array(calm, { maxLength: 40 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      async (steps, seed) => {
        const { world } = await play(steps, seed);
        const ids = world.requests
          .filter(({ url, isOffline }) => url.endsWith('/v1/batch') && !isOffline)
          .flatMap(({ body }) => (JSON.parse(body) as SentBatch).batch.map(({ messageId }) => messageId));
        expect(ids).toHaveLength(new Set(ids).size);
      },
    ),
    { numRuns: 100 },
  );
});
