import { redrive, type RedriveDependencies } from '../../local/cli/redrive.ts';
import { messageKeys, streamEventOf } from '../../shared/domain/accept.ts';
import type { Lane, SourceKind, StreamEvent } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { ListedEntry, QuarantineEntry } from '../../shared/ports/quarantine.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { AS_BROWSER, keyOf, memoryStage, NOW, tokenFor, type MemoryStage } from '../memory-stage.ts';

const POISON_CODE = 'wrong_partition';

/** What a shop's server says of Ann, as the collector would put it into the stream. */
function recordOf(event: object, source: SourceKind = 'server') {
  const parsed = parseMessage({ type: 'track', userId: 'ann', ...event });
  if (!parsed.ok) throw new Error(parsed.rejection.message);
  const { message } = parsed.value;
  return streamEventOf(message, { source, receivedAt: NOW }, messageKeys(message, keyOf));
}
const paid = (messageId: string) => ({
  messageId,
  event: 'Payment Info Entered',
  properties: { checkout_id: messageId, payment_method: 'pix' },
});
const bought = (order: string) => ({
  messageId: `m-${order}`,
  event: 'Order Completed',
  properties: { order_id: order, total: 10, currency: 'EUR', payment_method: 'pix' },
});
const refunded = {
  messageId: 'r',
  event: 'Order Refunded',
  properties: { order_id: 'o', refund_id: 'r1', total: 4, currency: 'EUR' },
};

/** Events of Ann that only fill her ring. */
const others = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    type: 'track',
    userId: 'ann',
    event: 'Coupon Denied',
    messageId: `other-${from + index}`,
  }));

/** An entry as the fold keeps it of a record that is poison for its partition alone. */
function poisoned(
  event: object,
  { sequence = '1', ...changes }: Partial<QuarantineEntry> = {},
): QuarantineEntry {
  const { lane, event: record } = recordOf(event);
  return {
    id: `${lane}/shardId-000000000000/${sequence}`,
    code: POISON_CODE,
    reason: 'its order is lost',
    functionName: `fold-profiles-${lane}`,
    lane,
    sequence,
    arrivedAt: NOW,
    quarantinedAt: NOW,
    bytes: Buffer.from(JSON.stringify(record)).toString('base64'),
    ...changes,
  };
}

function operator(stage: MemoryStage): RedriveDependencies {
  return {
    store: stage.store,
    log: stage.eventLog,
    marks: stage.quarantine,
    subjectKeys: () => Promise.resolve({ keyOf }),
  };
}

async function entriesOf(stage: MemoryStage): Promise<readonly ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of stage.quarantine.list(0)) entries.push(entry);
  return entries;
}

/** Redrives whatever is open and delivers it; answers with what became of each. */
async function redriveAll(stage: MemoryStage, options = { isDryRun: false }): Promise<readonly string[]> {
  const open = (await entriesOf(stage)).filter((entry) => entry.redrive !== 'done');
  const outcomes: string[] = [];
  for await (const one of redrive(open, options, operator(stage)))
    outcomes.push(one.outcome === 'refused' ? `refused: ${one.rejection.code}` : one.outcome);
  await stage.deliver('critical');
  await stage.deliver('bulk');
  return outcomes;
}

const profileOf = async (stage: MemoryStage, subject = 'u:ann') =>
  (await stage.profile(subject)).body as {
    exists: boolean;
    orders: { count: number; refunds: { count: number; totals: object } };
    checkout: { payment: Record<string, { uses: number }> };
  };
const usesOf = async (stage: MemoryStage) => (await profileOf(stage)).checkout.payment.pix?.uses ?? 0;
const sent = (stage: MemoryStage, lane: Lane = 'critical') =>
  stage.eventLog
    .records(lane)
    .map(({ partitionKey, data }) => ({ partitionKey, event: JSON.parse(data) as StreamEvent }));

test('what is redriven keeps its correlation id: that of its record, its own, or its request’s', async () => {
  const stage = memoryStage();
  const [ofRecord, own] = ['ab'.repeat(16), 'cd'.repeat(16)];
  const context = (traceId: string) => ({ context: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
  await stage.collect('track', {
    userId: 'ann',
    ...bought('o1'),
    properties: { total: 5 },
    ...context(ofRecord),
  });
  await stage.deliver('critical');
  const [entry] = await entriesOf(stage);
  const collected = (event: object, id: string): QuarantineEntry => ({
    ...entry!,
    id,
    lane: undefined,
    sequence: undefined,
    arrival: { source: 'server' },
    correlationId: 'request-9',
    bytes: Buffer.from(JSON.stringify({ type: 'track', userId: 'ann', ...event })).toString('base64'),
  });
  const mended = JSON.parse(Buffer.from(entry!.bytes, 'base64').toString()) as StreamEvent;
  const properties = bought('o1').properties;
  await stage.quarantine.keep([
    {
      ...entry!,
      bytes: Buffer.from(JSON.stringify({ ...mended, message: { ...mended.message, properties } })).toString(
        'base64',
      ),
    },
    collected({ ...bought('o2'), ...context(own) }, 'collect-events/9/0'),
    collected(bought('o3'), 'collect-events/9/1'),
  ]);
  const before = stage.eventLog.records('critical').length;

  expect(await redriveAll(stage)).toEqual(['redriven', 'redriven', 'redriven']);
  expect(
    sent(stage)
      .slice(before)
      .map(({ event }) => event.correlationId),
  ).toEqual([ofRecord, own, 'request-9']);
});

describe('an entry of the fold', () => {
  test('goes back byte for byte, into its lane, under its subject, and shows in the profile once', async () => {
    const stage = memoryStage();
    const entry = poisoned(bought('o1'));
    await stage.quarantine.keep([entry]);

    expect(await redriveAll(stage)).toEqual(['redriven']);
    expect(stage.eventLog.records('critical')).toMatchObject([
      { partitionKey: keyOf('u:ann'), data: Buffer.from(entry.bytes, 'base64').toString() },
    ]);
    expect(await profileOf(stage)).toMatchObject({ orders: { count: 1, totals: { EUR: 1000 } } });
    expect(await usesOf(stage)).toBe(1);
    expect((await entriesOf(stage)).map(({ redrive: step }) => step)).toEqual(['done']);
  });

  test('of the bulk lane goes back there', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned({ event: 'Product Viewed', properties: { product_id: 'p' } })]);
    expect(await redriveAll(stage)).toEqual(['redriven']);
    expect([sent(stage).length, sent(stage, 'bulk').length]).toEqual([0, 1]);
  });

  test.each([
    ['no JSON', 'rubbish', 'invalid_json'],
    ['no event', '{"a":1}', 'missing'],
    ['an event of nobody', JSON.stringify({ ...recordOf(paid('p')).event, subject: null }), 'invalid'],
    ['no text', '\xff\xfe', 'invalid_json'],
    [
      'an order without a number',
      JSON.stringify(recordOf({ event: 'Order Completed' }).event),
      'missing_order_id',
    ],
  ])('that is still %s is refused with its reason, and stays', async (_name, bytes, code) => {
    const stage = memoryStage();
    await stage.quarantine.keep([
      poisoned(paid('p'), { bytes: Buffer.from(bytes, 'latin1').toString('base64') }),
    ]);

    expect(await redriveAll(stage)).toEqual([`refused: ${code}`]);
    expect(sent(stage)).toEqual([]);
    expect((await entriesOf(stage))[0]?.redrive).toBeUndefined();
  });
});

describe('what an entry says of itself decides, and never its bytes', () => {
  const forged = JSON.stringify(recordOf(bought('o1')).event);

  test('a stream record that somebody had the collector reject does not become one', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [JSON.parse(forged)] }, AS_BROWSER);
    expect(stage.quarantine.entries()).toHaveLength(1);

    expect(await redriveAll(stage)).toEqual(['refused: missing']);
    expect(sent(stage)).toEqual([]);
  });

  test('an entry that says neither where its bytes were nor how they came in is not put back', async () => {
    const stage = memoryStage();
    const { lane: _, sequence: __, ...entry } = poisoned(bought('o1'), { functionName: 'collect-events' });
    await stage.quarantine.keep([entry]);
    expect(await redriveAll(stage)).toEqual(['refused: unknown_arrival']);
  });
});

describe('an event that the collector turned down', () => {
  /** Has `good` turned down for its name alone, as if a defect of ours had done so, and then mends that. */
  async function rejected(
    stage: MemoryStage,
    good: Record<string, unknown>,
    headers?: Record<string, string>,
    beside = {},
  ) {
    await stage.collect('batch', { batch: [{ ...good, type: 'trck' }], ...beside }, headers);
    const [entry] = stage.quarantine.entries();
    if (!entry) throw new Error('it was taken');
    await stage.quarantine.keep([
      { ...entry, bytes: Buffer.from(JSON.stringify({ ...good, type: 'track' })).toString('base64') },
    ]);
    stage.clock.advance(3 * 86_400_000);
  }
  const event = {
    event: 'Payment Info Entered',
    userId: 'ann',
    messageId: 'm',
    properties: { payment_method: 'pix' },
  };

  test('and still turns down stays with its reason', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [{ type: 'track', userId: 'ann' }] });
    expect(await redriveAll(stage)).toEqual(['refused: missing']);
  });

  test('comes to lie where it would have lain, as received and sent then', async () => {
    const at = (ms: number) => new Date(NOW + ms).toISOString();
    const [now, later] = [memoryStage(), memoryStage()];
    const timed = { ...event, timestamp: at(3_000_000) };
    await now.collect('batch', { batch: [{ ...timed, type: 'track' }], sentAt: at(3_600_000) });
    await rejected(later, timed, undefined, { sentAt: at(3_600_000) });

    expect(await redriveAll(later)).toEqual(['redriven']);
    expect(sent(later)).toEqual(sent(now));
    expect(sent(later)[0]?.event).toMatchObject({ proof: 'server', receivedAt: NOW, at: NOW - 600_000 });
  });

  test.each<[string, Record<string, unknown>, Record<string, string> | undefined, object, string, string]>([
    ['a browser proves nothing', event, AS_BROWSER, {}, 'none', 'claims'],
    [
      'a browser names a user from its device',
      { ...event, anonymousId: 'a' },
      AS_BROWSER,
      {},
      'none',
      'device',
    ],
    [
      'a token that was valid then still proves',
      event,
      AS_BROWSER,
      { token: tokenFor('ann') },
      'token',
      'user',
    ],
    [
      'a token of its own too',
      { ...event, context: { token: tokenFor('ann') } },
      AS_BROWSER,
      {},
      'token',
      'user',
    ],
    ["another's token proves nothing", event, AS_BROWSER, { token: tokenFor('bob') }, 'none', 'claims'],
    [
      'a token that had expired proves nothing',
      event,
      AS_BROWSER,
      { token: tokenFor('ann', { seconds: -9 }) },
      'none',
      'claims',
    ],
    [
      'a forged token proves nothing',
      event,
      AS_BROWSER,
      { token: tokenFor('ann', { secret: 'guess' }) },
      'none',
      'claims',
    ],
    [
      'what it says of its own proof is not heard',
      { ...event, proof: 'server', arrival: { source: 'server' } },
      AS_BROWSER,
      {},
      'none',
      'claims',
    ],
    ['a server is believed', event, undefined, {}, 'server', 'user'],
  ])('is proven as it was: %s', async (_name, good, headers, beside, proof, kind) => {
    const stage = memoryStage();
    await rejected(stage, good, headers, beside);

    expect(await redriveAll(stage)).toEqual(['redriven']);
    expect(sent(stage)[0]?.event).toMatchObject({ proof, subject: { kind } });
    expect(JSON.stringify(sent(stage))).not.toContain('eyJ');
  });

  test('keeps no key and no token of its request in what is said of its arrival', async () => {
    const stage = memoryStage();
    const token = tokenFor('ann');
    await stage.collect('batch', { batch: [{ userId: 'ann' }], token, writeKey: 'wk_test' }, {});
    expect(stage.quarantine.entries()[0]?.arrival).toEqual({ source: 'browser', provenUserId: 'ann' });
  });

  test('within a body that was kept whole goes back, and its neighbours that were taken do not', async () => {
    const stage = memoryStage();
    const deep = {
      ...paid('deep'),
      type: 'track',
      userId: 'ann',
      x: Array.from({ length: 40 }).reduce((inner) => [inner], 0),
    };
    await stage.collect('batch', { batch: [{ ...paid('taken'), type: 'track', userId: 'ann' }, deep] });
    const [entry] = stage.quarantine.entries();
    expect(entry?.arrival).toEqual({ source: 'server', indexes: [1] });
    expect(await redriveAll(stage)).toEqual(['refused: too_deep']);

    // As if the limit had been raised.
    const body = JSON.stringify({ batch: [paid('taken'), { ...deep, x: 0 }] });
    await stage.quarantine.keep([
      { ...(entry as QuarantineEntry), bytes: Buffer.from(body).toString('base64') },
    ]);
    expect(await redriveAll(stage)).toEqual(['redriven']);
    expect(sent(stage).map(({ event: { message } }) => message.messageId)).toEqual(['taken', 'deep']);
    expect(await usesOf(stage)).toBe(2);
  });
});

describe('a redriven event counts once', () => {
  test.each(['before', 'after'] as const)(
    'though the stream fails %s taking it, and it is redriven again',
    async (mode) => {
      const stage = memoryStage();
      await stage.quarantine.keep([poisoned(paid('p'))]);
      stage.eventLog.failNext(mode);
      await expect(redriveAll(stage)).rejects.toMatchObject({ code: 'log_unavailable' });
      expect((await entriesOf(stage))[0]?.redrive).toBe('begun');

      expect(await redriveAll(stage)).toEqual(['redriven']);
      expect([sent(stage).length, await usesOf(stage)]).toEqual([mode === 'after' ? 2 : 1, 1]);
      expect((await entriesOf(stage))[0]?.redrive).toBe('done');
    },
  );

  test('though a copy may be on its way behind so much that the ring will have forgotten it: then it stays', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned(paid('p'))]);
    stage.eventLog.failNext('after');
    await expect(redriveAll(stage)).rejects.toMatchObject({ code: 'log_unavailable' });
    await stage.collect('batch', { batch: others(40) });

    expect(await redriveAll(stage)).toEqual(['window-passed']);
    expect(await usesOf(stage)).toBe(1);
  });

  test('though its redriver dies before it says so', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned(paid('p'))]);
    const { mark } = stage.quarantine;
    stage.quarantine.mark = (entries, step) =>
      step === 'done' ? Promise.reject(new Error('killed')) : mark(entries, step);
    await expect(redriveAll(stage)).rejects.toThrow('killed');
    stage.quarantine.mark = mark;
    await stage.deliver('critical');

    expect(await redriveAll(stage)).toEqual(['already-applied']);
    expect([sent(stage).length, await usesOf(stage)]).toEqual([1, 1]);
    expect((await entriesOf(stage))[0]?.redrive).toBe('done');
  });

  test('after which the ring has forgotten it: then it stays, since nobody can tell', async () => {
    const stage = memoryStage();
    const entry = poisoned(paid('p'));
    await stage.quarantine.keep([entry]);
    for await (const _ of redrive(
      await entriesOf(stage),
      { isDryRun: false },
      { ...operator(stage), marks: { mark: (entries) => stage.quarantine.mark(entries, 'begun') } },
    ));
    await stage.deliver('critical');
    await stage.learn(others(40));

    expect(await redriveAll(stage)).toEqual(['window-passed']);
    expect(await usesOf(stage)).toBe(1);
    expect((await entriesOf(stage))[0]?.redrive).toBe('begun');
  });

  test('quarantined twice, it goes back once', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned(paid('p')), poisoned(paid('p'), { sequence: '2' })]);
    expect(await redriveAll(stage)).toEqual(['redriven', 'already-applied']);
    expect([sent(stage).length, await usesOf(stage)]).toEqual([1, 1]);
  });

  test('money counts once, however often and however late it is redriven', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned(refunded), poisoned(refunded, { sequence: '2' })]);
    expect(await redriveAll(stage)).toEqual(['redriven', 'redriven']);
    await stage.learn(others(40));
    await stage.quarantine.keep([poisoned(refunded, { sequence: '3' })]);
    expect(await redriveAll(stage)).toEqual(['redriven']);

    expect((await profileOf(stage)).orders.refunds).toEqual({ count: 1, totals: { EUR: 400 } });
  });

  test('a dry run says what would be, and does nothing', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([poisoned(paid('p'))]);
    expect(await redriveAll(stage, { isDryRun: true })).toEqual(['redriven']);
    expect([sent(stage).length, (await entriesOf(stage))[0]?.redrive]).toEqual([0, undefined]);
  });

  test('a thousand and more of one subject go back, each of them once', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep(
      Array.from({ length: 1_100 }, (_, index) =>
        poisoned(
          {
            event: 'Order Refunded',
            messageId: `r${index}`,
            properties: { refund_id: `r${index}`, total: 1, currency: 'EUR' },
          },
          { sequence: String(index + 1) },
        ),
      ),
    );
    expect(new Set(await redriveAll(stage))).toEqual(new Set(['redriven']));
    expect((await profileOf(stage)).orders.refunds.count).toBe(1_100);
  });
});

describe('whether the window has passed', () => {
  /** A record that is in the stream and was discarded there; its neighbours were taken. */
  async function discarded(
    stage: MemoryStage,
    before: number,
    after: number,
    changes: Partial<QuarantineEntry> = {},
  ) {
    await stage.learn(others(before));
    const { lane, event } = recordOf(paid('p'));
    await stage.eventLog.append(lane, [{ partitionKey: event.subject.key, data: JSON.stringify(event) }]);
    const [record] = stage.eventLog.records(lane).slice(-1);
    // Lambda gave the record up: the fold goes on behind it.
    await stage.eventLog.append(
      lane,
      others(after, before).map((other) => {
        const made = recordOf(other).event;
        return { partitionKey: made.subject.key, data: JSON.stringify(made) };
      }),
    );
    const rest = stage.eventLog.records(lane).slice(before + 1);
    if (rest.length > 0) await stage.foldRecords(lane, rest);
    await stage.quarantine.keep([
      poisoned(paid('p'), {
        sequence: record?.sequence ?? '',
        code: 'record_age_exceeded',
        incarnation: incarnationOf('critical-1'),
        ...changes,
      }),
    ]);
  }
  const outcome = async (stage: MemoryStage) => {
    const outcomes: string[] = [];
    for await (const one of redrive(await entriesOf(stage), { isDryRun: true }, operator(stage)))
      outcomes.push(one.outcome);
    return outcomes[0];
  };

  test.each([
    ['a subject that has never had so many messages as its ring holds', 3, 20, 'redriven'],
    ['a full ring, and few messages behind the record', 40, 20, 'redriven'],
    ['a full ring, and as many behind the record as it holds', 40, 32, 'window-passed'],
    [
      'a full ring, and so many behind the record that those on their way could fill it',
      40,
      24,
      'window-passed',
    ],
    ['a full ring, and nothing behind the record', 40, 0, 'redriven'],
  ])('%s', async (_name, before, after, expected) => {
    const stage = memoryStage();
    await discarded(stage, before, after);
    expect(await outcome(stage)).toBe(expected);
  });

  test('a watermark that has passed a discarded record is no proof that it was applied', async () => {
    const stage = memoryStage();
    await discarded(stage, 3, 5);
    expect(await usesOf(stage)).toBe(0);
    const chosen = await entriesOf(stage);
    for await (const _ of redrive(chosen, { isDryRun: false }, operator(stage)));
    await stage.foldRecords('critical', stage.eventLog.records('critical').slice(-1));
    expect(await usesOf(stage)).toBe(1);
  });

  describe('where the stream was recreated since', () => {
    /** So many messages are taken of one life of the stream, and so many of the next. */
    async function recreated(before: number, next: number) {
      const stage = memoryStage();
      await stage.learn(others(before));
      stage.eventLog.recreate('critical');
      await stage.collect('batch', { batch: others(next, before) });
      await stage.foldRecords('critical', stage.eventLog.records('critical'), { stream: 'critical-2' });
      return stage;
    }
    const given = (life: string, sequence: string) =>
      poisoned(paid('p'), { sequence, code: 'record_age_exceeded', incarnation: incarnationOf(life) });

    test('a record behind all that was taken of the former life was never applied', async () => {
      const stage = await recreated(40, 1);
      await stage.quarantine.keep([given('critical-1', '999')]);
      expect(await outcome(stage)).toBe('redriven');
    });

    test('one before that cannot be told any more, though a record of the next life has the same place', async () => {
      const stage = await recreated(40, 20);
      const [record] = stage.eventLog.records('critical').slice(-1);
      await stage.quarantine.keep([given('critical-1', record!.sequence)]);
      expect(await outcome(stage)).toBe('window-passed');
    });

    test('where a lane still shows both lives, all of the next lies behind one of the former', async () => {
      const stage = memoryStage();
      await discarded(stage, 40, 1);
      const upToIt = stage.eventLog.records('critical').slice(0, 41);
      stage.eventLog.recreate('critical');
      await stage.collect('batch', { batch: others(32, 40) });
      await stage.foldRecords('critical', stage.eventLog.records('critical'), { stream: 'critical-2' });
      const { read } = stage.eventLog;
      stage.eventLog.read = async function* (lane) {
        yield* upToIt;
        yield* read(lane);
      };
      expect(await outcome(stage)).toBe('window-passed');
    });

    test('a copy that may be under way lies behind what was taken of the life that it is in, whichever came last', async () => {
      const stage = await recreated(1, 28);
      // What is left of the former life comes late.
      await stage.foldRecords('critical', [
        {
          ...stage.eventLog.records('critical')[0]!,
          sequence: '999',
          data: JSON.stringify(recordOf(others(1, 90)[0]!).event),
        },
      ]);
      await stage.quarantine.keep([given('critical-1', '1')]);
      await stage.quarantine.mark(await entriesOf(stage), 'begun');
      expect(await outcome(stage)).toBe('redriven');
    });
  });

  test('one of a discarded batch that was applied before it was given up needs nothing', async () => {
    const stage = memoryStage();
    await stage.learn([{ ...paid('p'), type: 'track', userId: 'ann' }, ...others(5)]);
    await stage.quarantine.keep([poisoned(paid('p'), { sequence: '8' })]);
    expect(await redriveAll(stage)).toEqual(['already-applied']);
    expect(await usesOf(stage)).toBe(1);
  });

  test('a record that its stream no longer has, with a full ring, cannot be told; below the watermark it can', async () => {
    const stage = memoryStage();
    await discarded(stage, 40, 0, { sequence: '999999' });
    expect(await outcome(stage)).toBe('redriven');
    const forgotten = memoryStage();
    await discarded(forgotten, 40, 2, { sequence: '1' });
    expect(await outcome(forgotten)).toBe('window-passed');
  });

  test('a collector entry of a subject with a full ring: only while the lane goes back so far', async () => {
    const stage = memoryStage();
    await stage.learn(others(40));
    const entry = (id: string): QuarantineEntry => {
      const { lane: _, sequence: __, ...rest } = poisoned(paid('p'), { id });
      return {
        ...rest,
        arrivedAt: NOW + 1_000,
        arrival: { source: 'server' },
        bytes: Buffer.from(JSON.stringify({ ...paid('p'), type: 'track', userId: 'ann' })).toString('base64'),
      };
    };
    await stage.quarantine.keep([entry('collect-events/r/0')]);
    const { read } = stage.eventLog;
    stage.eventLog.read = async function* (lane) {
      for await (const record of read(lane)) yield { ...record, arrivedAt: NOW + 2_000 };
    };
    expect(await outcome(stage)).toBe('window-passed');

    stage.eventLog.read = read;
    expect(await outcome(stage)).toBe('redriven');
  });
});
