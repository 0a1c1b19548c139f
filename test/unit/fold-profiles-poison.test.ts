import { failWrites, itemOf, keyOf, memoryStage, NOW, usesOf, type MemoryStage } from '../memory-stage.ts';

const by = (userId: string, event: string, properties: object = {}) => ({
  type: 'track',
  userId,
  event,
  properties,
});
const bought = (userId: string, order: string) =>
  by(userId, 'Order Completed', {
    order_id: order,
    total: 10,
    currency: 'EUR',
    payment_method: 'boleto',
  });

const send = (stage: MemoryStage, ...events: readonly object[]) => stage.collect('batch', { batch: events });
const sequences = (stage: MemoryStage) => stage.eventLog.records('critical').map(({ sequence }) => sequence);

describe('poison', () => {
  const poisonOf = (stage: MemoryStage) =>
    stage.quarantine
      .entries()
      .map(({ id, code, bytes }) => [id, code, Buffer.from(bytes, 'base64').toString()]);

  test.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"schema":1', 'invalid_json'],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), 'invalid_json'],
    ['no event', '{"schema":2}', 'invalid'],
    ['too deep', '['.repeat(5_000) + ']'.repeat(5_000), 'too_deep'],
    ['too large', `"${'x'.repeat(70_000)}"`, 'record_too_large'],
  ])('that is %s goes to quarantine with its bytes, and its neighbours land', async (_name, data, code) => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), bought('bob', 'o2'));
    const [first, last] = stage.eventLog.records('critical');
    const failed = await stage.foldRecords('critical', [
      first!,
      { sequence: '8500', partitionKey: 'x', data },
      { ...last!, sequence: '9000' },
    ]);

    expect(failed).toBeNull();
    const [entry] = stage.quarantine.entries();
    expect(entry).toMatchObject({
      id: 'critical/shardId-000000000000/8500',
      code,
      functionName: 'fold-profiles-critical',
      lane: 'critical',
      sequence: '8500',
      arrivedAt: NOW,
    });
    expect(Buffer.from(entry?.bytes ?? '', 'base64')).toEqual(Buffer.from(data));
    expect([await usesOf(stage, 'ann'), await usesOf(stage, 'bob')]).toEqual([{ boleto: 1 }, { boleto: 1 }]);
  });

  test('for the fold goes to quarantine, and the watermark passes it', async () => {
    const stage = memoryStage();
    await send(
      stage,
      bought('ann', 'o1'),
      by('ann', 'Order Completed', { total: 5, payment_method: 'card' }),
    );
    expect(await stage.deliver('critical')).toBeNull();

    const record = stage.eventLog.records('critical')[1]!;
    expect(poisonOf(stage)).toEqual([
      [`critical/shardId-000000000000/${record.sequence}`, 'missing_order_id', record.data],
    ]);
    expect(await usesOf(stage, 'ann')).toEqual({ boleto: 1 });
    expect(itemOf(stage, 'u:ann', 'orders')).toMatchObject({ watermark: { sequence: record.sequence } });
    expect(await stage.foldRecords('critical', [record])).toBeNull();
    expect(poisonOf(stage)).toHaveLength(1);
  });

  test('has no effect either when the function dies between its writes and the batch comes again', async () => {
    const stage = memoryStage();
    await send(
      stage,
      bought('ann', 'o1'),
      by('ann', 'Order Completed', { total: 5, payment_method: 'card' }),
    );
    failWrites(stage, (item) => item.item === 'orders' && 'lost');
    expect(await stage.deliver('critical')).not.toBeNull();
    expect(await stage.deliver('critical')).toBeNull();

    expect(await usesOf(stage, 'ann')).toEqual({ boleto: 1 });
    expect(poisonOf(stage)).toHaveLength(1);
  });

  test('that the quarantine cannot take is not skipped, and nothing of its subject is taken', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'), by('ann', 'Order Completed'), bought('bob', 'o2'));
    stage.quarantine.failNext('before');
    expect(await stage.deliver('critical')).toBe(sequences(stage)[0]);
    expect([itemOf(stage, 'u:ann'), itemOf(stage, 'u:bob')].map(Boolean)).toEqual([false, true]);

    expect(await stage.deliver('critical')).toBeNull();
    expect([await usesOf(stage, 'ann'), poisonOf(stage).length]).toEqual([{ boleto: 1 }, 1]);
  });

  test('that cannot be read, nor taken by the quarantine, is the record to go on from', async () => {
    const stage = memoryStage();
    await send(stage, bought('ann', 'o1'));
    const [record] = stage.eventLog.records('critical');
    stage.quarantine.failNext('before');
    const batch = [record!, { sequence: '9', partitionKey: 'x', data: 'poison' }];
    expect(await stage.foldRecords('critical', batch)).toBe('9');
    expect(await usesOf(stage, 'ann')).toEqual({ boleto: 1 });
  });

  test.each(['refused', 'unreadable'] as const)(
    'of an item that is %s is set aside, and the shard goes on',
    async (fault) => {
      const stage = memoryStage();
      if (fault === 'refused') failWrites(stage, (item) => item.key === keyOf('u:ann') && 'refused');
      else await stage.store.write({ key: keyOf('u:ann'), item: 'checkout', v: 1, state: '{"p":' });
      await send(stage, bought('ann', 'o1'), bought('bob', 'o2'), by('ann', 'Coupon Applied'));

      expect(await stage.deliver('critical')).toBeNull();
      expect(stage.quarantine.entries().map(({ code, sequence }) => [code, sequence])).toEqual(
        [0, 2].map((index) => [
          fault === 'refused' ? 'store_refused' : 'fold_failed',
          sequences(stage)[index],
        ]),
      );
      expect(await usesOf(stage, 'bob')).toEqual({ boleto: 1 });
    },
  );

  test('is not logged with what it holds', async () => {
    const stage = memoryStage();
    await send(stage, {
      ...by('ann', 'Order Completed', { email: 'ann@shop.example' }),
      anonymousId: 'laptop',
    });
    await stage.deliver('critical');
    expect(stage.log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(stage.log.lines)).not.toMatch(/ann@shop|laptop|Order Completed/);
  });
});
