import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { EVERYTHING, LINKING, shopEvents } from '../campaign/shop-events.ts';
import fc from 'fast-check';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor, type MemoryStage } from '../memory-stage.ts';

/** Who asks, and how the same caller sends events to the collector. */
interface Caller {
  readonly name: string;
  readonly who: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly token?: string;
}

const CALLERS: readonly Caller[] = [
  { name: 'nobody', who: {}, headers: AS_BROWSER },
  { name: 'a device', who: { anonymousId: 'phone' }, headers: AS_BROWSER },
  { name: 'an account by token', who: {}, headers: AS_BROWSER, token: tokenFor('ann') },
  {
    name: 'an account by token, on a device',
    who: { anonymousId: 'phone' },
    headers: AS_BROWSER,
    token: tokenFor('ann'),
  },
  { name: 'an account by the secret key', who: { userId: 'ann' }, headers: AS_SERVER },
  {
    name: 'an account by the secret key, on a device',
    who: { userId: 'ann', anonymousId: 'laptop' },
    headers: AS_SERVER,
  },
];

/** What of the sent events the folds have taken when the decision is asked for. */
const LANES_THROUGH = [[], ['critical'], ['bulk'], ['critical', 'bulk']] as const;

const OPTIONS = {
  context: { country: 'BR', currency: 'BRL' },
  checkout: {
    payment: ['card', 'pix', 'boleto'].map((id) => ({ id })),
    shipping: [
      { id: 'post', price: 300 },
      { id: 'express', price: 900 },
    ],
  },
};

/** The answer but for its own id and for how fresh what was read is: events of the request have not arrived. */
async function answerOf(stage: MemoryStage, caller: Caller, events: readonly object[] = []): Promise<string> {
  const { who, headers, token } = caller;
  const { status, body } = await stage.decide(
    { ...OPTIONS, ...who, ...(token && { token }), ...(headers === AS_SERVER && { explain: true }), events },
    headers,
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { decisionId: _id, asOf: _asOf, lagMs: _lag, ...answer } = body as Readonly<Record<string, unknown>>;
  return JSON.stringify(answer);
}

async function send(
  stage: MemoryStage,
  { headers, token }: Caller,
  events: readonly object[],
): Promise<void> {
  const reply = await stage.collect('batch', { batch: events, ...(token && { token }) }, headers);
  if (JSON.stringify(reply.body) !== '{"success":true}') throw new Error(JSON.stringify(reply.body));
}

const deliver = async (stage: MemoryStage, lanes: readonly ('critical' | 'bulk')[]): Promise<void> => {
  for (const lane of lanes) {
    const failed = await stage.deliver(lane);
    if (failed !== null) throw new Error(`the ${lane} lane stops at ${failed}`);
  }
};

/** Less than any ring forgets. */
const MOST_HISTORY = 16;
const MOST_PENDING = 6;

function someEvents(random: Random, most: number): readonly object[] {
  const mix = random() < 0.5 ? EVERYTHING : LINKING;
  return shopEvents(random, { events: Math.floor(random() * (most + 1)), mix });
}

/** Messages of their own: what two people sent is not one event. */
const named = (events: readonly object[], prefix: string): readonly object[] =>
  events.map((event, index) => ({ ...event, messageId: `${prefix} ${index}` }));

const pick = <Value>(random: Random, of: readonly Value[]): Value => of[Math.floor(random() * of.length)]!;

test('an answer with events of the request is the answer once they are through, however far the lanes are; then they count once', async () => {
  const seen = { changed: 0, same: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = seededRandom(seed);
      const history = named(someEvents(random, MOST_HISTORY), 'before');
      const own = named(someEvents(random, MOST_PENDING), 'now');
      // Some were sent twice over, and some of what was sent before is said once more.
      const events = [...own, ...own.filter(() => random() < 0.2), ...history.filter(() => random() < 0.1)];
      const by = pick(random, CALLERS);
      const [asking, arrived] = [
        memoryStage({ timer: manualTimer() }),
        memoryStage({ timer: manualTimer() }),
      ];
      for (const stage of [asking, arrived]) {
        for (const [index, event] of history.entries())
          await send(stage, CALLERS[index % CALLERS.length]!, [event]);
        await deliver(stage, ['critical', 'bulk']);
      }
      const before = await answerOf(asking, by);
      const now = await answerOf(asking, by, events.slice(0, 20));

      if (events.length > 0) await send(arrived, by, events.slice(0, 20));
      await deliver(arrived, ['critical', 'bulk']);
      const after = await answerOf(arrived, by);
      expect(now).toBe(after);
      seen[now === before ? 'same' : 'changed'] += 1;

      if (events.length > 0) await send(asking, by, events.slice(0, 20));
      await deliver(asking, pick(random, LANES_THROUGH));
      expect(await answerOf(asking, by, events.slice(0, 20))).toBe(after);
      await deliver(asking, ['critical', 'bulk']);
      expect(await answerOf(asking, by, events.slice(0, 20))).toBe(after);
      expect(await answerOf(asking, by)).toBe(after);
    }),
    // A busy machine takes longer; it must not try less.
    { numRuns: 300, interruptAfterTimeLimit: 170_000 },
  );
  process.stderr.write(`answers with events of the request: ${JSON.stringify(seen)}\n`);
  expect(seen.changed).toBeGreaterThan(50);
}, 180_000);

describe('a cart that has just been filled', () => {
  const added = {
    type: 'track',
    event: 'Product Added',
    messageId: 'added',
    properties: { product_id: 'p1', quantity: 1, price: 5, currency: 'BRL' },
  };
  const stageOf = (answer: string): unknown =>
    (JSON.parse(answer) as { profile: { journeyStage: string } }).profile.journeyStage;

  test.each(CALLERS.filter(({ name }) => name !== 'nobody'))(
    'is in the next answer while the lane lags, for $name',
    async (caller) => {
      const stage = memoryStage({ timer: manualTimer() });
      const event = { ...added, ...(caller.token && { userId: 'ann' }), ...caller.who };
      await send(stage, caller, [event]);
      expect(stageOf(await answerOf(stage, caller))).not.toBe('consideration');
      expect(stageOf(await answerOf(stage, caller, [event]))).toBe('consideration');
      await deliver(stage, ['critical']);
      expect(stageOf(await answerOf(stage, caller))).toBe('consideration');
      stage.clock.advance(1_000);
      const emptied = { ...event, event: 'Product Removed', messageId: 'removed' };
      expect(stageOf(await answerOf(stage, caller, [event, emptied]))).not.toBe('consideration');
    },
  );
});
