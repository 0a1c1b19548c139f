import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { isTraced } from '../../shared/domain/traced.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { traceIdOf } from '../../shared/protocol/trace-context.ts';
import { AS_BROWSER, keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = 'a3ce929d0e0e47364bf92f3577b34da6';
const traceparent = (traceId: string) => `00-${traceId}-00f067aa0ba902b7-01`;
const bought = (order: string, extra: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  anonymousId: 'laptop',
  properties: { order_id: order, total: 10, currency: 'EUR', payment_method: 'pix' },
  ...extra,
});
const under = (traceId: string) => ({ context: { traceparent: traceparent(traceId) } });
const linesOf = (stage: MemoryStage, traceId: string) =>
  stage.log.lines
    .filter(({ fields }) => fields.correlation_id === traceId)
    .map(({ message, fields }) => {
      const { correlation_id: _, ...others } = fields;
      return { message, ...others };
    });
const recordsOf = (stage: MemoryStage) =>
  stage.eventLog.records('critical').map(({ data }) => JSON.parse(data) as Record<string, any>); // eslint-disable-line typescript/no-explicit-any -- what is on the wire
const checkout = { payment: [{ id: 'card', kind: 'card' }, { id: 'pix' }] };

describe('the trace-id of a traceparent', () => {
  test.each([
    ['version 00', traceparent(TRACE), TRACE],
    ['a later version with more behind it', `01-${TRACE}-00f067aa0ba902b7-01-more`, TRACE],
    ['blanks around it', ` ${traceparent(TRACE)} `, TRACE],
    ['version 00 with more behind it', `${traceparent(TRACE)}-more`, undefined],
    ['the version that is none', `ff-${TRACE}-00f067aa0ba902b7-01`, undefined],
    ['no trace', traceparent('0'.repeat(32)), undefined],
    ['no parent', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    ['capitals', traceparent(TRACE.toUpperCase()), undefined],
    ['a card number in its place', traceparent('4111111111111111'.padStart(32, '0')), undefined],
    ['an e-mail', traceparent('ana@example.com'.padStart(32, 'a')), undefined],
    ['two of them', `${traceparent(TRACE)},${traceparent(OTHER)}`, undefined],
    ['far too much', `01-${TRACE}-00f067aa0ba902b7-01-${'x'.repeat(1_000)}`, undefined],
    ['no text', { traceparent: TRACE }, undefined],
    ['nothing', undefined, undefined],
  ])('%s', (_name, given, traceId) => {
    expect(traceIdOf(given)).toBe(traceId);
  });
});

describe('which traces are written', () => {
  const ids = Array.from({ length: 4_000 }, (_, at) =>
    [1, 2, 3, 4]
      .map((part) =>
        ((Math.imul(at + 1, 2654435761 * part) ^ (at << part)) >>> 0).toString(16).padStart(8, '0'),
      )
      .join(''),
  );

  test('all at rate 1, none at 0, at a tenth about a tenth', () => {
    expect(ids.filter((id) => isTraced(id, 1))).toHaveLength(ids.length);
    expect(ids.filter((id) => isTraced(id, 0))).toHaveLength(0);
    const tenth = ids.filter((id) => isTraced(id, 0.1)).length / ids.length;
    expect(tenth).toBeGreaterThan(0.08);
    expect(tenth).toBeLessThan(0.12);
  });

  test('what is written at a low rate is written at every higher one', () => {
    const low = ids.filter((id) => isTraced(id, 0.05));
    expect(low.every((id) => isTraced(id, 0.2))).toBe(true);
  });

  test('an id made for it always is, a request’s own id never', () => {
    expect(isTraced(`abcdef${'0'.repeat(12)}${'f'.repeat(14)}`, 0.000_001)).toBe(true);
    expect(isTraced('JKJaXmPLvHcESHA=', 1)).toBe(false);
    expect(isTraced('0b2d6c1e-8a1f-4c55-9c37-0d6a4a1d3e11', 1)).toBe(false);
  });
});

describe('one event can be followed', () => {
  test('from the collector over the fold to the decision that read it', async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1', under(TRACE))], AS_BROWSER);
    await stage.decide({ anonymousId: 'laptop', checkout, ...under(TRACE) }, AS_BROWSER);

    const subject = keyOf('a:laptop');
    const at = new Date(NOW).toISOString();
    expect(linesOf(stage, TRACE)).toEqual([
      { message: 'collected', requestId: 'request-1', accepted: 1, rejected: 0 },
      { message: 'folded', subject, applied: 1, receivedAt: at, lagMs: 0 },
      {
        message: 'decided',
        requestId: 'request-2',
        decisionId: decisionIdOf('1', keyOf),
        level: 'device',
        source: 'personalized',
        degraded: false,
        subject,
        asOf: at,
        lagMs: 0,
        pendingEvents: 0,
      },
    ]);
  });

  test('to a decision that it came along with, under another id than the request’s', async () => {
    const stage = memoryStage();
    await stage.decide(
      { anonymousId: 'laptop', checkout, events: [bought('o1', under(OTHER))], ...under(TRACE) },
      AS_BROWSER,
    );
    for (const traceId of [TRACE, OTHER])
      expect(linesOf(stage, traceId)).toMatchObject([
        { message: 'decided', decisionId: decisionIdOf('1', keyOf), pendingEvents: 1 },
      ]);
  });

  test('in a batch of several traces, each by its own', async () => {
    const stage = memoryStage();
    const events = [
      bought('o1', under(TRACE)),
      bought('o2', under(OTHER)),
      bought('o3', under(TRACE)),
      bought('o4'),
    ];
    await stage.learn(events, { ...AS_BROWSER, traceparent: traceparent('c'.repeat(32)) });

    expect(linesOf(stage, TRACE)).toMatchObject([{ accepted: 2 }, { applied: 2 }]);
    expect(linesOf(stage, OTHER)).toMatchObject([{ accepted: 1 }, { applied: 1 }]);
    expect(linesOf(stage, 'c'.repeat(32))).toMatchObject([{ accepted: 1 }, { applied: 1 }]);
  });

  test('delivered again it says so', async () => {
    const stage = memoryStage();
    await stage.learn([bought('o1', under(TRACE))]);
    await stage.foldRecords('critical', stage.eventLog.records('critical'));
    expect(linesOf(stage, TRACE).at(-1)).toMatchObject({ message: 'folded', redelivered: 1 });
  });

  test('into quarantine, whose entry keeps the id', async () => {
    const stage = memoryStage();
    const priceless = bought('o1', { ...under(TRACE), properties: { total: 5 } });
    await stage.collect('batch', { batch: [priceless, { type: 'track', userId: 'ann', ...under(OTHER) }] });
    await stage.deliver('critical');

    expect(
      stage.quarantine.entries().map(({ functionName, correlationId }) => [functionName, correlationId]),
    ).toEqual([
      ['collect-events', OTHER],
      ['fold-profiles-critical', TRACE],
    ]);
    expect(linesOf(stage, TRACE).map(({ message }) => message)).toEqual([
      'collected',
      'quarantined',
      'folded',
    ]);
  });

  test('into a store that is out of reach', async () => {
    const stage = memoryStage();
    await stage.collect('track', bought('o1', under(TRACE)));
    stage.store.write = () => Promise.reject(new Error('of its own kind'));
    await stage.deliver('critical');
    expect(linesOf(stage, TRACE).map(({ message }) => message)).toContain('a subject cannot be folded');
  });
});

describe('the correlation id of an event', () => {
  test('is its own trace-id, else the request’s header, else the request’s id; the context is left without it', async () => {
    const stage = memoryStage();
    const header = { traceparent: traceparent(OTHER) };
    await stage.collect(
      'track',
      bought('o1', { context: { locale: 'pt-BR', traceparent: traceparent(TRACE) } }),
    );
    await stage.collect('track', bought('o2'), { ...AS_BROWSER, ...header });
    await stage.collect('track', bought('o3', { context: { traceparent: 'ana@example.com' } }));

    expect(recordsOf(stage).map(({ correlationId }) => correlationId as string)).toEqual([
      TRACE,
      OTHER,
      'request-3',
    ]);
    expect(recordsOf(stage).map(({ message }) => message.context as object)).toEqual([
      { locale: 'pt-BR' },
      undefined,
      {},
    ]);
  });

  test('is told to the sender where the sender named it', async () => {
    const stage = memoryStage();
    const [event, batch, decision] = [
      await stage.collect('track', bought('o1', under(TRACE))),
      await stage.collect('batch', { batch: [bought('o2', under(TRACE))] }),
      await stage.decide({ anonymousId: 'laptop', checkout, ...under(TRACE) }),
    ];
    // The shell answers a batch, whose events may differ, with the request's own id.
    expect([event, batch, decision].map(({ correlationId }) => correlationId)).toEqual([
      TRACE,
      undefined,
      TRACE,
    ]);
  });

  test('changes no facet: with it or without, what is stored is the same', async () => {
    const [plain, traced] = [memoryStage(), memoryStage()];
    await plain.learn([bought('o1', { messageId: 'm1' })]);
    await traced.learn([bought('o1', { messageId: 'm1', ...under(TRACE) })]);
    expect(JSON.stringify(traced.store.items())).toEqual(JSON.stringify(plain.store.items()));
  });

  test('that is no text breaks neither an event nor a checkout', async () => {
    const stage = memoryStage();
    const odd = { context: { traceparent: { deep: [1] } } };
    expect((await stage.collect('track', bought('o1', odd))).status).toBe(200);
    expect((await stage.decide({ anonymousId: 'laptop', checkout, ...odd })).status).toBe(200);
  });

  test.each([
    ['of before there were any', undefined, undefined],
    ['with API Gateway’s', 'JKJaXmPLvHcESHA=', 'JKJaXmPLvHcESHA='],
    ['with something else in its place', 'ana@example.com', undefined],
    ['with far too much', 'x'.repeat(65), undefined],
    ['with no text', 7, undefined],
  ])('a stream record %s is taken all the same', async (_name, correlationId, taken) => {
    const stage = memoryStage();
    await stage.collect('track', bought('o1'));
    const [record] = stage.eventLog.records('critical');
    const { correlationId: _, ...event } = recordsOf(stage)[0] ?? {};
    const parsed = parseStreamRecord(
      Buffer.from(JSON.stringify({ ...event, correlationId })),
      record?.partitionKey ?? '',
    );
    expect(parsed.ok && parsed.value.correlationId).toBe(taken);
  });

  test('a message without a traceparent is as it always was', () => {
    const message = parseMessage(bought('o1'));
    expect(message.ok && 'traceId' in message.value).toBe(false);
  });
});

test('a failing read is logged under the decision’s id', async () => {
  const stage = memoryStage({ decisionStore: { query: () => Promise.reject(new Error('of its own kind')) } });
  await stage.decide({ anonymousId: 'laptop', checkout, ...under(TRACE) }, AS_BROWSER);
  expect(linesOf(stage, TRACE)).toMatchObject([
    { message: 'the store failed in a way of its own', requestId: 'request-1' },
    { message: 'decided', degraded: true, source: 'default' },
  ]);
});
