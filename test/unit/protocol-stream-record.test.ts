import { streamEventOf } from '../../shared/domain/accept.ts';
import { MAX_EVENT_BYTES, parseMessage } from '../../shared/protocol/message.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { streamEvent, USER_KEY } from '../events.ts';

const event = streamEvent({ event: 'Cart Viewed', properties: { products: [] }, context: { locale: 'sv' } });
const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const rejected = (data: Uint8Array, partitionKey = USER_KEY) => {
  const parsed = parseStreamRecord(data, partitionKey);
  return parsed.ok ? 'accepted' : [parsed.rejection.code, parsed.rejection.path];
};

describe('a record of the stream', () => {
  test('is the event that the collector put in', () => {
    expect(parseStreamRecord(bytesOf(event), USER_KEY)).toEqual({ ok: true, value: event });
  });

  test.each<[string, Uint8Array, string, string | undefined]>([
    ['nothing', Buffer.alloc(0), 'invalid_json', undefined],
    ['half a JSON', bytesOf(event).subarray(0, 50), 'invalid_json', undefined],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_json', undefined],
    ['more than 64 KB', bytesOf({ ...event, pad: 'x'.repeat(64 * 1024) }), 'record_too_large', undefined],
    ['a list', bytesOf([event]), 'missing', 'schema'],
    ['null', bytesOf('null'), 'invalid', undefined],
    ['5,000 brackets', bytesOf('['.repeat(5_000) + ']'.repeat(5_000)), 'too_deep', undefined],
    ['another schema', bytesOf({ ...event, schema: 2 }), 'invalid', 'schema'],
    ['no time', bytesOf({ ...event, at: undefined }), 'missing', 'at'],
    ['a time before 1970', bytesOf({ ...event, at: -1 }), 'invalid', 'at'],
    ['half a millisecond', bytesOf({ ...event, receivedAt: 0.5 }), 'invalid', 'receivedAt'],
    ['a source of its own', bytesOf({ ...event, source: 'moon' }), 'invalid', 'source'],
    ['a proof of its own', bytesOf({ ...event, proof: 'promise' }), 'invalid', 'proof'],
    [
      'a subject of its own',
      bytesOf({ ...event, subject: { kind: 'cat', key: USER_KEY } }),
      'invalid',
      'subject.kind',
    ],
    [
      'a subject that is no key',
      bytesOf({ ...event, subject: { kind: 'user', key: 'ann' } }),
      'invalid',
      'subject.key',
    ],
    [
      'a key that is no key',
      bytesOf({ ...event, keys: { user: USER_KEY, device: 'laptop' } }),
      'invalid',
      'keys.device',
    ],
    ['no messageId', bytesOf({ ...event, message: { type: 'track' } }), 'missing', 'message.messageId'],
    [
      'an empty messageId',
      bytesOf({ ...event, message: { type: 'track', messageId: '' } }),
      'invalid',
      'message.messageId',
    ],
    [
      'a type of its own',
      bytesOf({ ...event, message: { type: 'x', messageId: 'm' } }),
      'invalid',
      'message.type',
    ],
    [
      'a name that is a number',
      bytesOf({ ...event, message: { ...event.message, event: 5 } }),
      'invalid',
      'message.event',
    ],
    [
      'properties that are a text',
      bytesOf({ ...event, message: { ...event.message, properties: 'x' } }),
      'invalid',
      'message.properties',
    ],
  ])('that is %s is poison, and is told where', (_name, data, code, path) => {
    expect(rejected(data)).toEqual([code, path]);
  });

  test("under another subject's partition key is poison: its order is lost", () => {
    expect(rejected(bytesOf(event), 'x'.repeat(22))).toEqual(['wrong_partition', 'subject.key']);
  });
});

describe('what the collector acknowledged, the fold can read', () => {
  const roundTrip = (input: object) => {
    const parsed = parseMessage(input);
    if (!parsed.ok) return parsed.rejection.code;
    const arrival = { source: 'server', receivedAt: 1_700_000_000_000 } as const;
    const { event: taken } = streamEventOf(parsed.value.message, arrival, { user: USER_KEY });
    return rejected(bytesOf(taken));
  };
  const nested = (levels: number) => {
    let inner: unknown = 'leaf';
    for (let level = 0; level < levels; level++) inner = { inner };
    return { type: 'track', event: 'x', userId: 'ann', properties: { inner } };
  };

  test('up to the deepest event', () => {
    expect([28, 29, 30].map((levels) => roundTrip(nested(levels)))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    expect(roundTrip(nested(31))).toBe('too_deep');
  });

  test.each(['x', '\u0000', '\ud800', '"'])('up to the largest event, filled with %j', (letter) => {
    const empty = {
      type: 'track',
      event: 'x',
      userId: 'u'.repeat(256),
      anonymousId: 'a'.repeat(256),
      properties: { text: '' },
    };
    const room = MAX_EVENT_BYTES - JSON.stringify(empty).length;
    const text = letter.repeat(Math.floor(room / (JSON.stringify(letter).length - 2)));
    expect(roundTrip({ ...empty, properties: { text } })).toBe('accepted');
  });
});
