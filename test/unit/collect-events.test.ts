import { gzipSync } from 'node:zlib';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, NOW, tokenFor, WRITE_KEY } from '../memory-stage.ts';
import type { MemoryStage } from '../memory-stage.ts';

const cartViewed = { type: 'track', event: 'Cart Viewed', anonymousId: 'a1', messageId: 'm1' };
const pageView = { type: 'page', anonymousId: 'a1', messageId: 'm2' };
const nameless = { type: 'track', anonymousId: 'a1', messageId: 'm3' };

const taken = (stage: MemoryStage, lane: Lane = 'critical') =>
  stage.eventLog.records(lane).map(({ data }) => JSON.parse(data) as StreamEvent);
const isUntouched = (stage: MemoryStage) =>
  [stage.eventLog.records('critical'), stage.eventLog.records('bulk'), stage.quarantine.entries()].flat()
    .length === 0;
const codeOf = ({ status, body }: { status: number; body: unknown }) => {
  const { error } = body as { error?: { code: string; path?: string } };
  return [status, error?.code, ...(error?.path === undefined ? [] : [error.path])];
};

describe('an accepted batch', () => {
  test('is in the streams, each event in its lane, before the answer says so', async () => {
    const stage = memoryStage();
    const reply = await stage.collect('batch', {
      batch: [cartViewed, pageView, { ...cartViewed, messageId: 'm4' }],
    });

    expect(reply).toEqual({ status: 200, body: { success: true } });
    expect(taken(stage).map(({ message }) => message.messageId)).toEqual(['m1', 'm4']);
    expect(taken(stage, 'bulk').map(({ message }) => message.messageId)).toEqual(['m2']);
    expect(stage.quarantine.entries()).toEqual([]);
  });

  test('puts all events of one subject under one partition key, which is no plain id', async () => {
    const stage = memoryStage();
    const events = [
      cartViewed,
      pageView,
      { ...cartViewed, userId: 'ann' },
      { ...pageView, anonymousId: 'a2', userId: 'ann' },
    ];
    await stage.collect('batch', { batch: events });

    const keys = [...stage.eventLog.records('critical'), ...stage.eventLog.records('bulk')].map(
      ({ partitionKey }) => partitionKey,
    );
    expect(keys).toEqual([keyOf('a:a1'), keyOf('u:ann'), keyOf('a:a1'), keyOf('u:ann')]);
    expect(keys.every((key) => /^[\w-]{22}$/.test(key))).toBe(true);
  });

  test('is counted by lane', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [cartViewed, pageView, pageView, nameless] });

    expect([
      stage.meter.sum('EventsAccepted', { Lane: 'critical' }),
      stage.meter.sum('EventsAccepted', { Lane: 'bulk' }),
    ]).toEqual([1, 2]);
    expect(stage.meter.sum('EventsRejected')).toBe(1);
    expect(stage.meter.unflushed).toEqual([]);
  });

  test('has the times of its events put right by the clock of who sent it', async () => {
    const stage = memoryStage();
    const hourAhead = (ms: number) => new Date(NOW + 3_600_000 + ms).toISOString();
    const event = { ...cartViewed, timestamp: hourAhead(-5_000) };
    await stage.collect('batch', {
      batch: [event, { ...event, sentAt: hourAhead(-3_000) }, cartViewed],
      sentAt: hourAhead(0),
    });

    expect(taken(stage).map(({ at, receivedAt }) => [at, receivedAt])).toEqual([
      [NOW - 5_000, NOW],
      [NOW - 2_000, NOW],
      [NOW, NOW],
    ]);
  });

  test('may come in gzip under any content type', async () => {
    const stage = memoryStage();
    const headers = { ...AS_SERVER, 'content-type': 'application/x-www-form-urlencoded' };
    expect(
      (await stage.collect('batch', gzipSync(JSON.stringify({ batch: [cartViewed] })), headers)).status,
    ).toBe(200);
    expect(taken(stage)).toHaveLength(1);
  });
});

describe('a call of one event', () => {
  test.each([
    ['track', 'critical', { event: 'Cart Viewed' }],
    ['t', 'critical', { event: 'Cart Viewed' }],
    ['identify', 'critical', { traits: {} }],
    ['i', 'critical', {}],
    ['page', 'bulk', {}],
    ['p', 'bulk', {}],
    ['screen', 'bulk', {}],
    ['group', 'bulk', {}],
    ['alias', 'bulk', {}],
    ['a', 'bulk', {}],
  ] as const)('%s is taken into %s', async (call, lane, fields) => {
    const stage = memoryStage();
    expect((await stage.collect(call, { ...fields, anonymousId: 'a1' })).body).toEqual({ success: true });
    expect(taken(stage, lane)).toHaveLength(1);
  });

  test('that is bad is turned down as a whole, and nothing is kept', async () => {
    const stage = memoryStage();
    expect(codeOf(await stage.collect('track', nameless))).toEqual([400, 'missing', 'event']);
    expect(codeOf(await stage.collect('page', {}))).toEqual([400, 'missing_id']);
    expect(codeOf(await stage.collect('page', { userId: 'guest' }))).toEqual([400, 'reserved_id', 'userId']);
    expect(
      codeOf(await stage.collect('track', { ...cartViewed, properties: { x: 'x'.repeat(33_000) } })),
    ).toEqual([413, 'event_too_large']);
    expect(isUntouched(stage)).toBe(true);
  });
});

describe('whom an event belongs to', () => {
  test.each<[string, object, Record<string, string>, object, string, string, string]>([
    ['a server is believed', { userId: 'ann', anonymousId: 'a1' }, AS_SERVER, {}, 'server', 'user', 'u:ann'],
    [
      'a server needs no token',
      { userId: 'ann' },
      AS_SERVER,
      { token: 'rubbish' },
      'server',
      'user',
      'u:ann',
    ],
    [
      'a browser with a token is believed',
      { userId: 'ann' },
      AS_BROWSER,
      { token: tokenFor('ann') },
      'token',
      'user',
      'u:ann',
    ],
    [
      'the token may be in the context',
      { userId: 'ann', context: { token: tokenFor('ann') } },
      AS_BROWSER,
      {},
      'token',
      'user',
      'u:ann',
    ],
    [
      'the event’s own token outweighs the batch’s',
      { userId: 'ann', context: { token: tokenFor('bob') } },
      AS_BROWSER,
      { token: tokenFor('ann') },
      'none',
      'claims',
      'u:ann',
    ],
    [
      'a browser without a token is its device',
      { userId: 'ann', anonymousId: 'a1' },
      AS_BROWSER,
      {},
      'none',
      'device',
      'a:a1',
    ],
    ['or, without one, a claim', { userId: 'ann' }, AS_BROWSER, {}, 'none', 'claims', 'u:ann'],
    [
      'a token for somebody else proves nothing',
      { userId: 'ann', anonymousId: 'a1' },
      AS_BROWSER,
      { token: tokenFor('bob') },
      'none',
      'device',
      'a:a1',
    ],
    [
      'an expired token proves nothing',
      { userId: 'ann' },
      AS_BROWSER,
      { token: tokenFor('ann', { seconds: -60 }) },
      'none',
      'claims',
      'u:ann',
    ],
    [
      'a forged token proves nothing',
      { userId: 'ann' },
      AS_BROWSER,
      { token: tokenFor('ann', { secret: 'guess' }) },
      'none',
      'claims',
      'u:ann',
    ],
    [
      'rubbish proves nothing',
      { userId: 'ann', anonymousId: 'a1' },
      AS_BROWSER,
      { token: '🙂' },
      'none',
      'device',
      'a:a1',
    ],
    [
      'a token names nobody that the event does not',
      { anonymousId: 'a1' },
      AS_BROWSER,
      { token: tokenFor('ann') },
      'none',
      'device',
      'a:a1',
    ],
  ])('%s', async (_name, ids, headers, beside, proof, kind, subject) => {
    const stage = memoryStage();
    await stage.collect(
      'batch',
      { batch: [{ ...cartViewed, anonymousId: undefined, ...ids }], ...beside },
      headers,
    );

    expect(taken(stage)[0]).toMatchObject({ proof, subject: { kind, key: keyOf(subject) } });
  });

  test('tokens and keys do not get into the streams', async () => {
    const stage = memoryStage();
    const token = tokenFor('ann');
    const event = { ...cartViewed, userId: 'ann', context: { token }, writeKey: WRITE_KEY };
    await stage.collect('track', { ...event, token }, AS_BROWSER);
    await stage.collect('batch', { batch: [event], token, writeKey: WRITE_KEY }, {});

    const text = JSON.stringify(stage.eventLog.records('critical'));
    expect(taken(stage).map(({ proof }) => proof)).toEqual(['token', 'token']);
    expect([text.includes(token), text.includes(WRITE_KEY)]).toEqual([false, false]);
  });
});
