import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { streamEventOf } from '../../shared/domain/accept.ts';
import { TRACK_EVENTS } from '../../shared/domain/events.ts';
import { parseBody } from '../../shared/protocol/body.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';
import { parseDecisionRequest } from '../../shared/protocol/decision-request.ts';
import { parseIngestion } from '../../shared/protocol/ingestion.ts';
import { MESSAGE_TYPES, parseMessage } from '../../shared/protocol/message.ts';
import type { Parsed } from '../../shared/protocol/rejection.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, NOW } from '../memory-stage.ts';

/** JSON as strangers send it: hostile keys, odd numbers, depth. */
const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'length', ''),
  fc.string({ maxLength: 8 }),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      1e308,
      '',
      'null',
      '0',
      '2026-01-15',
      '<script>',
      '\u0000',
      '\ud800',
      '12,50',
    ),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((entries) => fromText(entries)),
  ),
}));
/** An object as JSON.parse makes it, `__proto__` being a key like any other. */
function fromText(entries: readonly (readonly [string, unknown])[]): unknown {
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  );
}

/** Mostly what it should be, now and then anything. */
const mostly = <Value>(usual: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: json });
const id = fc.oneof(fc.constantFrom('ann', 'a1', 'guest', '0', ' b ', 7), fc.string({ maxLength: 20 }));
/** Properties that events have, holding anything. */
const NAMES = [
  'order_id',
  'checkout_id',
  'total',
  'revenue',
  'currency',
  'products',
  'product_id',
  'quantity',
  'price',
  'points',
  'tier',
  'ticket_id',
  'transaction_id',
  'refund_id',
  'payment_method',
  'shipping_method',
  'query',
  'category',
  'consent',
] as const;
const anything = fc.oneof(
  json,
  fc.constantFrom('x', 'EUR', 5, 1.005, true, [{ product_id: 'p1' }], { ads: false }),
);
/** Nearly an event: every field may be right, odd or missing. */
const event = fc.record(
  {
    type: mostly(fc.constantFrom(...MESSAGE_TYPES, 'track', 'track', 'track', 'track')),
    event: mostly(fc.constantFrom(...Object.keys(TRACK_EVENTS), 'Quiz')),
    messageId: mostly(id),
    userId: mostly(id),
    anonymousId: mostly(id),
    properties: mostly(fc.dictionary(fc.constantFrom(...NAMES), anything, { maxKeys: 8 })),
    traits: mostly(fc.record({ address: anything })),
    context: mostly(
      fc.record({
        consent: fc.oneof(json, fc.record({ categoryPreferences: anything })),
        locale: anything,
        token: anything,
      }),
    ),
    timestamp: mostly(fc.constantFrom('2026-01-01', '2026-01-14T12:00:00.123Z', '1950-01-01', '9999-12-31')),
    sentAt: fc.constantFrom('2026-01-15T12:00:00Z', 'soon', null),
  },
  { requiredKeys: ['type', 'event'] },
);

const isVerdict = (parsed: Parsed<unknown>): boolean =>
  parsed.ok || (/^[a-z_]+$/.test(parsed.rejection.code) && parsed.rejection.message.length > 0);
const isPrototypeClean = () =>
  Object.keys(Object.prototype).length === 0 && Object.keys(Array.prototype).length === 0;

test.each<[string, (value: unknown) => Parsed<unknown>]>([
  ['a message', parseMessage],
  ['a batch', (value) => parseIngestion('batch', value)],
  ['a call', (value) => parseIngestion('track', value)],
  ['a decision request', parseDecisionRequest],
])('%s is taken or turned down, never thrown at, and touches no prototype', (_name, parse) => {
  fc.assert(
    fc.property(fc.oneof(json, event), (input) => {
      expect(isVerdict(parse(input))).toBe(true);
      expect(isPrototypeClean()).toBe(true);
    }),
  );
});

test('bytes of any kind are a body, a record or a reason', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    json.map((value) => Buffer.from(JSON.stringify(value))),
    json.map((value) => gzipSync(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 50 }).map((rest) => Buffer.from([0x1f, 0x8b, ...rest])),
  );
  fc.assert(
    fc.property(bytes, fc.string(), (body, partitionKey) => {
      expect(isVerdict(parseBody(body))).toBe(true);
      expect(parseStreamRecord(body, partitionKey).ok).toBe(false);
    }),
  );
});

test('a body is what it says, in gzip or not', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      for (const body of [Buffer.from(text), gzipSync(text)]) {
        expect(JSON.stringify(parseBody(body))).toBe(
          `{"ok":true,"value":${JSON.stringify(JSON.parse(text))}}`,
        );
      }
    }),
  );
});

test('any header is read as credentials or as none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Basic ${text}`),
      ),
      fc.option(fc.string(), { nil: undefined }),
      (header, bodyKey) => {
        expect(
          Object.keys(credentialsOf(header, bodyKey)).every((name) => name === 'key' || name === 'bearer'),
        ).toBe(true);
      },
    ),
  );
});

test('parsing an event again gives the same message: a retry is recognized', () => {
  fc.assert(
    fc.property(event, (input) => {
      expect(parseMessage(JSON.parse(JSON.stringify(input)))).toEqual(parseMessage(input));
    }),
  );
});

test('whatever the collector takes, the fold reads back as it was', () => {
  fc.assert(
    fc.property(event, fc.constantFrom('browser' as const, 'server' as const), (input, source) => {
      const parsed = parseMessage(input);
      if (!parsed.ok) return;
      const { message, timestamp, sentAt } = parsed.value;
      const keys = {
        ...(message.userId !== undefined && { user: keyOf(`u:${message.userId}`) }),
        ...(message.anonymousId !== undefined && { device: keyOf(`a:${message.anonymousId}`) }),
      };
      const { event: taken } = streamEventOf(message, { source, receivedAt: NOW, timestamp, sentAt }, keys);
      const text = JSON.stringify(taken);
      const read = parseStreamRecord(Buffer.from(text), taken.subject.key);
      expect(read).toEqual({ ok: true, value: JSON.parse(text) as unknown });
    }),
    { numRuns: 500 },
  );
});

test('whatever is sent, every accepted event is applied, deduplicated or quarantined, and no shard is blocked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 30, size: 'max' }),
      fc.boolean(),
      async (batch, isServer) => {
        const stage = memoryStage();
        const reply = await stage.collect('batch', { batch }, isServer ? AS_SERVER : AS_BROWSER);
        const { rejected = [] } = reply.body as { rejected?: readonly unknown[] };
        expect(reply.status).toBe(200);
        expect([await stage.deliver('critical'), await stage.deliver('bulk')]).toEqual([null, null]);

        const [accepted, settled] = [
          stage.meter.sum('EventsAccepted'),
          stage.meter.sum('EventsApplied') +
            stage.meter.sum('EventsDeduplicated') +
            stage.meter.sum('EventsQuarantined'),
        ];
        expect([accepted, settled]).toEqual([batch.length - rejected.length, batch.length - rejected.length]);
        for (const userId of ['ann', 'b', '7']) {
          expect((await stage.profile(`u:${userId}`)).status).toBe(200);
          const decision = await stage.decide({ userId, checkout: { payment: [{ id: 'x' }] } });
          expect(JSON.stringify(decision.body)).not.toContain('unreadable');
        }
        expect(isPrototypeClean()).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
