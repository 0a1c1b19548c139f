import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { LogUnavailable } from '../../shared/ports/event-log.ts';
import {
  AS_BROWSER,
  AS_SERVER,
  basic,
  memoryStage,
  NOW,
  SECRET_KEY,
  tokenFor,
  WRITE_KEY,
} from '../memory-stage.ts';
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

describe('one bad event of three', () => {
  test('is named in the answer, kept with its bytes, and does not spoil the others', async () => {
    const stage = memoryStage();
    const reply = await stage.collect('batch', { batch: [cartViewed, nameless, pageView] });

    expect(reply).toEqual({
      status: 200,
      body: {
        success: true,
        rejected: [{ index: 1, code: 'missing', message: 'a track event needs its name', path: 'event' }],
      },
    });
    const [entry] = stage.quarantine.entries();
    expect(stage.quarantine.entries()).toHaveLength(1);
    expect(entry).toMatchObject({
      code: 'missing',
      path: 'event',
      functionName: 'collect-events',
      arrivedAt: NOW,
    });
    expect(JSON.parse(Buffer.from(entry?.bytes ?? '', 'base64').toString())).toEqual(nameless);
    expect([taken(stage).length, taken(stage, 'bulk').length]).toEqual([1, 1]);
  });

  test('may be any JSON', async () => {
    const stage = memoryStage();
    const batch = [
      null,
      1,
      'text',
      [],
      {},
      { ...cartViewed, properties: { x: 'x'.repeat(33_000) } },
      cartViewed,
    ];
    const { body } = await stage.collect('batch', { batch });

    expect((body as { rejected: { index: number }[] }).rejected.map(({ index }) => index)).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
    expect(stage.quarantine.entries().map(({ bytes }) => Buffer.from(bytes, 'base64').toString())).toEqual(
      batch.slice(0, 6).map((event) => JSON.stringify(event)),
    );
  });

  test('that nests too deep to be written out is kept as the body it came in', async () => {
    const stage = memoryStage();
    const body = `{"batch":[${JSON.stringify(cartViewed)},{"type":"page","anonymousId":"a","properties":{"x":${'['.repeat(9_000)}${']'.repeat(9_000)}}}]}`;
    const reply = await stage.collect('batch', body);

    expect(reply.body).toMatchObject({ success: true, rejected: [{ index: 1, code: 'too_deep' }] });
    expect(stage.quarantine.entries().map(({ bytes }) => Buffer.from(bytes, 'base64').toString())).toEqual([
      body,
    ]);
  });
});

describe('nothing is acknowledged', () => {
  const batch = { batch: [cartViewed, pageView, nameless] };
  const unavailable = {
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'unavailable', message: expect.any(String) as string } },
  };

  test.each(['before', 'after'] as const)(
    'when a stream is out of reach, %s it took the events',
    async (mode) => {
      const stage = memoryStage();
      stage.eventLog.failNext(mode);
      expect(await stage.collect('batch', batch)).toEqual(unavailable);
      expect(stage.meter.sum('EventsAccepted')).toBe(0);

      expect((await stage.collect('batch', batch)).status).toBe(200);
      expect(taken(stage).length).toBe(mode === 'before' ? 1 : 2);
    },
  );

  test.each(['critical', 'bulk'] as const)('when the %s stream alone is out of reach', async (failing) => {
    const stage = memoryStage();
    const { append } = stage.eventLog;
    stage.eventLog.append = (lane, entries) =>
      lane === failing ? Promise.reject(new LogUnavailable('told to fail')) : append(lane, entries);
    expect(await stage.collect('batch', batch)).toEqual(unavailable);
  });

  test('when something nobody foresaw happens: it is thrown, for the shell to answer', async () => {
    const stage = memoryStage();
    stage.eventLog.append = () => Promise.reject(new TypeError('a bug'));
    await expect(stage.collect('batch', batch)).rejects.toThrow('a bug');
  });

  test.each(['before', 'after'] as const)(
    'when the quarantine is out of reach, %s it kept the bad one',
    async (mode) => {
      const stage = memoryStage();
      stage.quarantine.failNext(mode);
      expect(await stage.collect('batch', batch)).toEqual(unavailable);
    },
  );
});

describe('a whole request that is bad', () => {
  test.each<[string, string | undefined, string, Record<string, string>, unknown[]]>([
    ['without a call', undefined, '{}', AS_SERVER, [404, 'not_found']],
    ['for a call that does not exist', 'import', '{}', AS_SERVER, [404, 'not_found']],
    ['without a key', 'track', JSON.stringify(cartViewed), {}, [401, 'unknown_key']],
    [
      "with nobody's key",
      'track',
      JSON.stringify(cartViewed),
      { authorization: basic('wk_guess') },
      [401, 'unknown_key'],
    ],
    [
      'with a key that begins right',
      'track',
      JSON.stringify(cartViewed),
      { authorization: basic('sk_tes') },
      [401, 'unknown_key'],
    ],
    [
      'with a token for a key',
      'track',
      JSON.stringify(cartViewed),
      { authorization: `Bearer ${tokenFor('ann')}` },
      [401, 'unknown_key'],
    ],
    ['without a body', 'batch', '', AS_SERVER, [400, 'invalid_json']],
    ['that is a list', 'batch', '[]', AS_SERVER, [400, 'invalid']],
    ['without a batch', 'batch', '{}', AS_SERVER, [400, 'missing', 'batch']],
    ['with an empty batch', 'batch', '{"batch":[]}', AS_SERVER, [400, 'invalid', 'batch']],
    [
      'of more than 500 KB',
      'batch',
      `{"batch":["${'x'.repeat(512_000)}"]}`,
      AS_SERVER,
      [413, 'body_too_large'],
    ],
  ])('%s', async (_name, call, body, headers, expected) => {
    const stage = memoryStage();
    const reply = await stage.collect(call, body, headers);

    expect(codeOf(reply)).toEqual(expected);
    expect(JSON.stringify(reply.body)).not.toMatch(/wk_guess|sk_tes|eyJ/);
    expect(isUntouched(stage)).toBe(true);
  });

  test.each<[string, Record<string, string>, object]>([
    ['Basic', AS_BROWSER, {}],
    ['Bearer', { authorization: `Bearer ${SECRET_KEY}` }, {}],
    ['the body', {}, { writeKey: WRITE_KEY }],
    ['the body, a server too', {}, { writeKey: SECRET_KEY }],
  ])('is not one whose key comes by %s', async (_name, headers, beside) => {
    const stage = memoryStage();
    expect((await stage.collect('track', { ...cartViewed, ...beside }, headers)).status).toBe(200);
  });
});
