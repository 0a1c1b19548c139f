import fc from 'fast-check';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
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
import { bodyOf, IDS, requestsNaming, track, VICTIM, VICTIMS_EVENTS } from '../victim.ts';

/** Nothing is late in it, however busy this machine is: what is late is answered otherwise. */
const stageWithTime = (): MemoryStage => memoryStage({ timer: manualTimer() });

/** Two shops that differ in one thing: whether the victim was ever there. */
async function twoShops(): Promise<readonly [MemoryStage, MemoryStage]> {
  const [known, unknown] = [stageWithTime(), stageWithTime()];
  await known.learn(VICTIMS_EVENTS, AS_SERVER);
  await unknown.learn([track('Product Viewed', { userId: 'zoe' }, { product_id: 'p1' })], AS_SERVER);
  return [known, unknown];
}

const REQUESTS = 10_000;
const request = requestsNaming({ writeKey: WRITE_KEY, secretKey: SECRET_KEY });

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
      // A busy machine takes longer; it must not try less.
      { numRuns: REQUESTS, interruptAfterTimeLimit: 280_000 },
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
    const [linked, alone] = [stageWithTime(), stageWithTime()];
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
    const [known, other] = [stageWithTime(), stageWithTime()];
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
