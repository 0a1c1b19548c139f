import { execFileSync } from 'node:child_process';
import {
  MAX_EVENT_BYTES,
  MESSAGE_TYPES,
  parseMessage,
  sentAtOf,
  usableId,
  type TimedMessage,
} from '../../shared/protocol/message.ts';

const track = { type: 'track', event: 'Cart Viewed', anonymousId: 'a1' };

const accepted = (input: unknown): TimedMessage => {
  const parsed = parseMessage(input);
  if (!parsed.ok) throw new Error(`rejected: ${JSON.stringify(parsed.rejection)}`);
  return parsed.value;
};
const rejected = (input: unknown) => {
  const parsed = parseMessage(input);
  return parsed.ok ? 'accepted' : [parsed.rejection.code, parsed.rejection.path];
};

describe('a message', () => {
  test('keeps what the spec names and ignores the rest', () => {
    expect(
      accepted({
        ...track,
        messageId: 'm1',
        userId: 'ann',
        properties: { total: 1.5, products: [{ product_id: 'p1' }] },
        context: { locale: 'sv', ip: '::1' },
        integrations: { All: true },
        writeKey: 'wk_test',
        receivedAt: 'whenever',
      }),
    ).toEqual({
      message: {
        type: 'track',
        messageId: 'm1',
        userId: 'ann',
        anonymousId: 'a1',
        event: 'Cart Viewed',
        properties: { total: 1.5, products: [{ product_id: 'p1' }] },
        context: { locale: 'sv', ip: '::1' },
      },
    });
  });

  test.each(MESSAGE_TYPES)('may be a %s', (type) => {
    expect(accepted({ ...track, type }).message.type).toBe(type);
  });

  test('may say null for what it leaves out', () => {
    const empty = {
      messageId: null,
      userId: null,
      properties: null,
      traits: null,
      context: null,
      sentAt: null,
    };
    const { message } = accepted({ ...track, ...empty, timestamp: null, originalTimestamp: null });
    expect(Object.keys(message).sort()).toEqual(['anonymousId', 'event', 'messageId', 'type']);
  });

  test('may write an empty object as an empty list, as PHP does', () => {
    expect(accepted({ ...track, properties: [], context: [] }).message).toMatchObject({
      properties: {},
      context: {},
    });
  });

  test.each<[string, unknown, string, string | undefined]>([
    ['nothing', undefined, 'missing', undefined],
    ['null', null, 'invalid', undefined],
    ['a text', 'track', 'invalid', undefined],
    ['no type', { event: 'x', anonymousId: 'a' }, 'missing', 'type'],
    ['a type of its own', { ...track, type: 'delete' }, 'invalid', 'type'],
    ['an id that is an object', { ...track, anonymousId: {} }, 'invalid', 'anonymousId'],
    ['an id that is true', { ...track, userId: true }, 'invalid', 'userId'],
    ['an id of 257 characters', { ...track, userId: 'x'.repeat(257) }, 'invalid', 'userId'],
    ['a messageId of 257 characters', { ...track, messageId: 'x'.repeat(257) }, 'invalid', 'messageId'],
    ['traits that are a text', { ...track, traits: 'x' }, 'invalid', 'traits'],
    ['a context that is a number', { ...track, context: 1 }, 'invalid', 'context'],
    ['a track without a name', { type: 'track', anonymousId: 'a' }, 'missing', 'event'],
    ['a track whose name is blank', { ...track, event: '  ' }, 'missing', 'event'],
    ['a time that is a number', { ...track, timestamp: 1_700_000_000 }, 'invalid', 'timestamp'],
    ['a time of no format', { ...track, timestamp: 'last Tuesday' }, 'invalid', 'timestamp'],
    ['a thirteenth month', { ...track, timestamp: '2026-13-01' }, 'invalid', 'timestamp'],
    ['the thirtieth of February', { ...track, timestamp: '2026-02-30T10:00:00Z' }, 'invalid', 'timestamp'],
    ['nobody', { type: 'track', event: 'x' }, 'missing_id', undefined],
    ['empty ids', { ...track, anonymousId: ' ', userId: '' }, 'missing_id', undefined],
  ])('with %s is rejected, and told where', (_name, input, code, path) => {
    expect(rejected(input)).toEqual([code, path]);
  });

  test('is told in words what is wrong, and nothing that it said is said again', () => {
    const secret = 'ann@shop.example';
    for (const bad of [
      { timestamp: secret },
      { type: secret },
      { userId: [secret] },
      { userId: secret.repeat(20) },
    ]) {
      const parsed = parseMessage({ ...track, ...bad });
      const text = parsed.ok ? '' : parsed.rejection.message;
      expect(text).toMatch(/\w/);
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(/[\\^$]|<=/);
    }
  });
});

describe('ids', () => {
  test('may be numbers, and are trimmed', () => {
    expect(accepted({ ...track, userId: 42, anonymousId: '  a1\n', messageId: 7 }).message).toMatchObject({
      userId: '42',
      anonymousId: 'a1',
      messageId: '7',
    });
  });

  test.each([
    'null',
    'NULL',
    'undefined',
    '',
    '0',
    '000',
    '00000000-0000-0000-0000-000000000000',
    '-1',
    'guest',
    'Guest',
    'anonymous',
    '[object Object]',
  ])('%j names nobody', (id) => {
    expect(usableId(id)).toBeUndefined();
    expect(rejected({ ...track, userId: id, anonymousId: undefined })[0]).toBe(
      id === '' ? 'missing_id' : 'reserved_id',
    );
    expect(accepted({ ...track, userId: id }).message).not.toHaveProperty('userId');
    expect(accepted({ ...track, userId: 'ann', anonymousId: ` ${id} ` }).message).not.toHaveProperty(
      'anonymousId',
    );
  });

  test('reserved as numbers name nobody either', () => {
    expect([rejected({ ...track, anonymousId: 0 }), rejected({ ...track, anonymousId: -1 })]).toEqual([
      ['reserved_id', 'anonymousId'],
      ['reserved_id', 'anonymousId'],
    ]);
  });

  test.each(['guest1', 'null-1', '-2', '01', '10', 'anon', 'undefined.'])(
    '%j is an id like any other',
    (id) => {
      expect(usableId(id)).toBe(id);
    },
  );
});

describe('a messageId that is missing', () => {
  const { messageId: name } = accepted(track).message;

  test('is made of the content: the same bytes are the same message', () => {
    expect(accepted({ ...track }).message.messageId).toBe(name);
    expect(accepted({ ...track, messageId: '' }).message.messageId).toMatch(/^content-/);
  });

  test.each([
    { event: 'Cart viewed' },
    { anonymousId: 'a2' },
    { timestamp: '2026-01-01' },
    { properties: {} },
  ])('is another for %j', (change) => {
    expect(accepted({ ...track, ...change }).message.messageId).not.toBe(name);
  });
});

describe('size and depth', () => {
  const sized = (bytes: number, letter = 'x') => {
    const empty = { ...track, properties: { text: '' } };
    const room = bytes - Buffer.byteLength(JSON.stringify(empty));
    const text = letter.repeat(Math.floor(room / Buffer.byteLength(letter)));
    return {
      ...empty,
      properties: { text: text.padEnd(text.length + (room % Buffer.byteLength(letter)), 'x') },
    };
  };
  const nested = (levels: number) => {
    let inner: unknown = 1;
    for (let level = 0; level < levels; level++) inner = [inner];
    return { ...track, properties: { inner } };
  };

  test.each(['x', 'é', '☕'])('an event of 32 KB of %s is taken, of one byte more is not', (letter) => {
    expect(MAX_EVENT_BYTES).toBe(32 * 1024);
    expect(rejected(sized(MAX_EVENT_BYTES, letter))).toBe('accepted');
    expect(rejected(sized(MAX_EVENT_BYTES + 1, letter))).toEqual(['event_too_large', undefined]);
  });

  test('an event of 32 levels is taken, a deeper one is not, however deep', () => {
    expect(rejected(nested(30))).toBe('accepted');
    expect(rejected(nested(31))).toEqual(['too_deep', undefined]);
    expect(rejected(nested(100_000))).toEqual(['too_deep', undefined]);
  });
});

describe('times', () => {
  const at = (timestamp: string) => accepted({ ...track, timestamp }).timestamp;

  test.each<[string, number]>([
    ['2026-01-15T12:00:00Z', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15T12:00:00.5Z', Date.UTC(2026, 0, 15, 12, 0, 0, 500)],
    ['2026-01-15T12:00:00.123456789Z', Date.UTC(2026, 0, 15, 12, 0, 0, 123)],
    ['2026-01-15T12:00:00+05:30', Date.UTC(2026, 0, 15, 6, 30)],
    ['2026-01-15T12:00:00-0300', Date.UTC(2026, 0, 15, 15)],
    ['2026-01-15T12:00Z', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15 12:00:00', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15T12:00:00', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15 12:00', Date.UTC(2026, 0, 15, 12)],
    ['2026-01-15', Date.UTC(2026, 0, 15)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('%s is what it says, without a zone in UTC', (text, millis) => {
    expect(at(text)).toBe(millis);
  });

  test('do not depend on the zone of the machine', () => {
    const script = `
      import { monthOf } from './shared/domain/time.ts';
      import { parseMessage } from './shared/protocol/message.ts';
      const at = (timestamp) => parseMessage({ type: 'page', anonymousId: 'a', timestamp }).value.timestamp;
      console.log(new Date(0).getTimezoneOffset(), at('2026-01-15 12:00'), at('2026-01-15'), monthOf(Date.UTC(2026, 0)));`;
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      env: { ...process.env, TZ: 'America/Sao_Paulo' },
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe(`180 ${Date.UTC(2026, 0, 15, 12)} ${Date.UTC(2026, 0, 15)} ${2026 * 12}`);
  });

  const both = { originalTimestamp: '2026-01-02', timestamp: '2026-01-03', sentAt: '2026-01-04' };
  const SECOND = Date.UTC(2026, 0, 2);
  const THIRD = Date.UTC(2026, 0, 3);

  test.each<[string, object, number]>([
    ['the time that a shop names outweighs that of its call', both, THIRD],
    [
      "the client's own outweighs one that another collector put right",
      { ...both, receivedAt: '2026-01-05' },
      SECOND,
    ],
    ['without another, that of the call counts', { ...both, timestamp: undefined }, SECOND],
    ['an empty one is none', { ...both, timestamp: '' }, SECOND],
    [
      'another collector may leave the original out',
      { ...both, originalTimestamp: null, receivedAt: 'x' },
      THIRD,
    ],
  ])('of two times, %s', (_name, times, timestamp) => {
    expect(accepted({ ...track, ...times })).toMatchObject({ timestamp, sentAt: Date.UTC(2026, 0, 4) });
  });

  test.each([undefined, null, '', 'now', 5, {}])('a sentAt of %j is as good as none', (sentAt) => {
    expect(sentAtOf(sentAt)).toEqual({});
  });
});

describe('what must not get through', () => {
  test('the token of the context is handed out and dropped', () => {
    const parsed = accepted({ ...track, context: { token: 'jwt', locale: 'sv' } });
    expect(parsed.token).toBe('jwt');
    expect(parsed.message.context).toEqual({ locale: 'sv' });
    expect(JSON.stringify(parsed.message)).not.toContain('jwt');
  });

  test('a token of another kind is no token, and is dropped too', () => {
    const parsed = accepted({ ...track, context: { token: { jwt: 1 } } });
    expect(parsed).not.toHaveProperty('token');
    expect(parsed.message.context).toEqual({});
  });

  test('keys that reach a prototype elsewhere reach none here', () => {
    const hostile = `{"type":"track","event":"x","anonymousId":"a","__proto__":{"userId":"ann"},
      "properties":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"n":{"__proto__":{"polluted":1}}}}`;
    const { message } = accepted(JSON.parse(hostile));
    expect(message.userId).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(message.properties)).toBe(Object.prototype);
    expect((message.properties as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
