import { decodeCopy } from '../../shared/domain/device-copy.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import {
  AS_BROWSER,
  AS_SERVER,
  failWrites,
  keyOf,
  memoryStage,
  NOW,
  type MemoryStage,
} from '../memory-stage.ts';

const DAY = 86_400_000;
let messages = 0;

const event = (
  ids: { readonly userId?: string; readonly anonymousId?: string },
  name: string,
  properties: object = {},
) => ({
  type: 'track',
  event: name,
  messageId: `message ${++messages}`,
  properties,
  ...ids,
});
/** An order on a device that nobody has signed in on yet, by a method of its own. */
const bought = (device: number, method = `m${device}`) =>
  event({ anonymousId: `device ${device}` }, 'Order Completed', {
    order_id: `order ${++messages}`,
    total: 10,
    currency: 'EUR',
    payment_method: method,
  });
const viewed = (device: number) =>
  event({ anonymousId: `device ${device}` }, 'Product Viewed', {
    product_id: `p${device}`,
    category: 'shoes',
  });
const signIn = (device: number, userId = 'ann') =>
  event({ userId, anonymousId: `device ${device}` }, 'Cart Viewed', { products: [] });
/** A visit on a device that is this user's alone. */
const own = <Event extends { readonly userId?: string; readonly anonymousId?: string }>(
  visit: Event,
): Event => ({
  ...visit,
  anonymousId: `${visit.anonymousId} of ${visit.userId}`,
});
const unlink = (device: number) =>
  event({ userId: 'ann', anonymousId: `device ${device}` }, 'Device Unlinked');

/** A user who comes on a new device each day, shops, and signs in. */
async function shopperOf(devices: number): Promise<MemoryStage> {
  const stage = memoryStage();
  for (let device = 0; device < devices; device++) {
    await stage.learn([bought(device), viewed(device), signIn(device)]);
    stage.clock.advance(DAY + 60_000);
  }
  return stage;
}

/** The same, but all devices on one day and silent since: none is absorbed yet. */
async function collectorOf(devices: number): Promise<MemoryStage> {
  const stage = memoryStage();
  for (let device = 0; device < devices; device++) {
    await stage.learn([bought(device), signIn(device)]);
    stage.clock.advance(1_000);
  }
  stage.clock.advance(2 * DAY);
  return stage;
}

interface Shown {
  readonly partial: boolean;
  readonly checkout: { readonly payment: Readonly<Record<string, { readonly uses: number }>> };
  readonly orders: { readonly count: number; readonly totals: Readonly<Record<string, number>> };
  readonly browse: { readonly viewed: readonly object[]; readonly views: Readonly<Record<string, number>> };
}
const shown = async (stage: MemoryStage, subject = 'u:ann') => (await stage.profile(subject)).body as Shown;
const methods = async (stage: MemoryStage, subject?: string) =>
  Object.keys((await shown(stage, subject)).checkout.payment).sort();
const numbered = (...devices: readonly number[]) => devices.map((device) => `m${device}`).sort();
const upTo = (devices: number) => numbered(...Array.from({ length: devices }, (_, index) => index));

const METHODS = Array.from({ length: 13 }, (_, index) => ({ id: `m${index}` }));
interface Answer {
  readonly source: string;
  readonly slots: {
    readonly payment: {
      readonly options: readonly { readonly id: string; readonly reasons: readonly string[] }[];
    };
  };
}
const ask = async (stage: MemoryStage, who: object = { userId: 'ann' }) => {
  const { body } = await stage.decide({ ...who, checkout: { payment: METHODS } });
  const { source, slots } = body as Answer;
  const known = slots.payment.options.filter(({ reasons }) => !reasons.includes('store-default'));
  return { source, known: known.map(({ id }) => id).sort() };
};

const copies = (stage: MemoryStage, userId = 'ann'): readonly StoredItem[] =>
  stage.store.items().filter(({ key, item }) => key === keyOf(`u:${userId}`) && item.startsWith('device#'));
const copied = (stage: MemoryStage) =>
  copies(stage)
    .map(({ item }) => item.slice('device#'.length))
    .sort();
const keysOf = (...devices: readonly number[]) => devices.map((device) => keyOf(`a:device ${device}`)).sort();
/** Counts the queries that whatever follows makes. */
function countQueries(stage: MemoryStage): () => number {
  const { query } = stage.store;
  let queries = 0;
  stage.store.query = (...args) => {
    queries += 1;
    return query(...args);
  };
  return () => queries;
}
const withoutTimes = ({ body }: { readonly body?: unknown }) => {
  const { asOf: _asOf, lagMs: _lagMs, ...rest } = body as Record<string, unknown>;
  return rest;
};

describe('a user of twelve devices', () => {
  test('is known whole by five queries: the silent ones are absorbed, the last four are read', async () => {
    const stage = await shopperOf(12);
    expect(copied(stage)).toEqual(keysOf(0, 1, 2, 3, 4, 5, 6, 7));
    expect(stage.meter.sum('DevicesAbsorbed')).toBe(8);

    const queries = countQueries(stage);
    expect(await ask(stage)).toEqual({ source: 'personalized', known: upTo(12) });
    expect(queries()).toBe(5);
    expect(await shown(stage)).toMatchObject({
      partial: false,
      orders: { count: 12, totals: { EUR: 12_000 } },
      browse: { views: { '2026-01': 12 } },
    });
    expect((await shown(stage)).browse.viewed).toHaveLength(12);
  });

  test('has devices that are as they were, each still to be read by itself', async () => {
    const stage = await shopperOf(12);
    const devices = new Set(keysOf(0, 1, 2, 3, 4, 5, 6, 7));
    const ofDevices = stage.store.items().filter(({ key }) => devices.has(key));

    expect(ofDevices.map(({ v }) => v)).toEqual(ofDevices.map(() => 1));
    expect(await methods(stage, 'a:device 0')).toEqual(['m0']);
  });

  test('loses one that is unlinked as if it had never been linked, absorbed or not', async () => {
    const stage = await shopperOf(12);
    await stage.learn([unlink(0), unlink(11)]);
    expect(await methods(stage)).toEqual(numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect(await ask(stage)).toEqual({ source: 'personalized', known: await methods(stage) });
    expect(await shown(stage)).toMatchObject({
      orders: { count: 10, totals: { EUR: 10_000 } },
      browse: { views: { '2026-01': 10 } },
    });

    // The copy still lies there; linked again, the device counts again, and once.
    stage.clock.advance(DAY);
    await stage.learn([signIn(0)]);
    expect(await shown(stage)).toMatchObject({ orders: { count: 11 }, browse: { views: { '2026-01': 11 } } });
  });

  test('has the fresh facts of a device that is seen again, each once, its copy notwithstanding', async () => {
    const stage = await shopperOf(12);
    await stage.learn([bought(0, 'm12'), viewed(0), signIn(0)]);

    expect(await methods(stage)).toEqual(upTo(13));
    expect(await ask(stage)).toEqual({ source: 'personalized', known: upTo(13) });
    expect(await shown(stage)).toMatchObject({ orders: { count: 13 }, browse: { views: { '2026-01': 13 } } });
  });

  test('counts nothing twice when an absorbed device itself asks', async () => {
    const stage = await shopperOf(12);
    const asked = { userId: 'ann', anonymousId: 'device 0', explain: true };
    const { body } = await stage.decide({ ...asked, checkout: { payment: METHODS } });
    const { options } = (
      body as { slots: { payment: { options: readonly { explain: { uses: number } }[] } } }
    ).slots.payment;

    expect(options.map(({ explain }) => explain.uses).filter((uses) => uses > 0)).toEqual(Array(12).fill(1));
  });

  test('gets nothing personal while a device cannot be read that may have refused since it was copied', async () => {
    const stage = await shopperOf(12);
    await stage.learn([signIn(0)]);
    const { query } = stage.store;
    stage.store.query = (key, options) => {
      if (key === keyOf('a:device 0')) stage.store.failNext('before');
      return query(key, options);
    };

    expect(await ask(stage)).toEqual({ source: 'default', known: [] });
  });
});

describe('a device that becomes shared after it was absorbed', () => {
  test('speaks for nobody from then on, by its copy as little as by itself', async () => {
    const stage = await shopperOf(12);
    await stage.learn([signIn(0, 'bob'), signIn(11, 'bob')]);

    expect(await methods(stage)).toEqual(numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect((await ask(stage)).known).toEqual(await methods(stage));
    expect((await ask(stage, { userId: 'ann', anonymousId: 'device 0' })).known).toEqual(
      await methods(stage),
    );
    expect(await methods(stage, 'u:bob')).toEqual([]);
    // What could not be found from the device any more is gone with the word that it is shared.
    const left = copies(stage).filter(({ item }) => item === `device#${keyOf('a:device 0')}`);
    expect(left.map((item) => decodeCopy(item).facts.exists)).toEqual([false]);

    stage.clock.advance(3 * DAY);
    await stage.learn([unlink(0), signIn(0), signIn(12)]);
    expect(await methods(stage)).toEqual(numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  });

  test('is not absorbed, also if its user has not been told yet', async () => {
    const stage = await collectorOf(6);
    failWrites(
      stage,
      ({ item, key }) => item === `link#${keyOf('a:device 0')}` && key === keyOf('u:ann') && 'before',
    );
    await stage.collect('batch', { batch: [signIn(0, 'bob')] });
    expect(await stage.deliver('critical')).not.toBeNull();
    // Ann's next link comes through another shard.
    await stage.collect('batch', { batch: [signIn(5)] });
    expect(await stage.foldRecords('critical', stage.eventLog.records('critical').slice(-1))).toBeNull();

    expect(copied(stage)).toEqual(keysOf(1));
  });
});

describe('absorbing', () => {
  test('takes a few at a time, the rest with the next links, and the answer is partial until then', async () => {
    const stage = await collectorOf(12);
    expect((await ask(stage)).source).toBe('partial');
    expect(await shown(stage)).toMatchObject({ partial: true, orders: { count: 4 } });

    await stage.learn([signIn(11)]);
    expect([copies(stage).length, (await ask(stage)).source]).toEqual([4, 'partial']);
    stage.clock.advance(DAY);
    await stage.learn([signIn(11)]);
    expect(copies(stage)).toHaveLength(8);
    expect(await ask(stage)).toEqual({ source: 'personalized', known: upTo(12) });
    expect(await shown(stage)).toMatchObject({ partial: false, orders: { count: 12 } });
  });

  test('costs no read where nothing is linked anew, where devices are few, and where they are only claimed', async () => {
    const stage = await collectorOf(4);
    const queries = countQueries(stage);
    await stage.learn([signIn(3)]);
    await stage.learn(
      Array.from({ length: 40 }, (_, index) => signIn(100 + index, 'eve')),
      AS_BROWSER,
    );
    await stage.learn(
      Array.from({ length: 40 }, (_, index) => signIn(100, `user ${index}`)),
      AS_BROWSER,
    );
    expect(queries()).toBe(0);

    await stage.learn([signIn(4)]);
    const first = queries();
    expect(first).toBeGreaterThan(0);
    // The same day, on the same device; and what names no device at all.
    await stage.learn([signIn(4), event({ userId: 'ann' }, 'Cart Viewed'), viewed(4), unlink(4)]);
    expect(queries()).toBe(first);
  });

  test('leaves alone what was used within the retention of the streams, with or without its user', async () => {
    const stage = await collectorOf(7);
    // Device 0 is used again, signed out; device 1 only looks around (the other lane).
    await stage.learn([bought(0), viewed(1)]);
    // That ann is on device 7 becomes known only now: the event was late.
    await stage.learn([{ ...signIn(7), timestamp: new Date(NOW - 5 * DAY).toISOString() }]);
    stage.clock.advance(DAY);
    await stage.learn([signIn(6)]);
    expect(copied(stage)).toEqual(keysOf(2));

    stage.clock.advance(DAY);
    await stage.learn([signIn(6)]);
    expect(copied(stage)).toEqual(keysOf(0, 1, 2, 7));
  });

  test('comes to every device in time, however many of them are in use without their user', async () => {
    const stage = await collectorOf(20);
    const inUse = Array.from({ length: 12 }, (_, index) => index + 4);
    for (let day = 0; day < 40 && copies(stage).length < 4; day++) {
      await stage.learn(inUse.map((device) => viewed(device)));
      await stage.learn([signIn(19)]);
      stage.clock.advance(DAY);
    }
    expect(copied(stage)).toEqual(keysOf(0, 1, 2, 3));
  });

  test('takes a copy anew after a month, since a device may speak again without its user', async () => {
    const stage = await shopperOf(6);
    await stage.learn([bought(0, 'm12')]);
    expect(await methods(stage)).toEqual(upTo(6));
    expect(copies(stage)).toMatchObject([{ v: 1 }, { v: 1 }]);

    stage.clock.advance(32 * DAY);
    await stage.learn([signIn(5)]);
    expect(await methods(stage)).toEqual([...upTo(6), 'm12'].sort());
    const renewed = copies(stage);
    expect(renewed).toMatchObject([{ v: 2 }, { v: 2 }]);
    expect(decodeCopy(renewed.find(({ item }) => item === `device#${keyOf('a:device 0')}`)!)).toMatchObject({
      takenAt: stage.clock.now(),
      versions: { checkout: 2, orders: 2, browse: 1 },
    });
    stage.clock.advance(DAY);
    await stage.learn([signIn(5)]);
    expect(copies(stage).every(({ v }) => v === 2)).toBe(true);
  });

  test('is done within the time that Lambda gives, or not at all, and the batch is taken all the same', async () => {
    for (const [remainingMs, expected] of [
      [[60_000, 1], 0],
      [[60_000, 60_000, 60_000, 1], 0],
      [[60_000], 4],
    ] as const) {
      const stage = await collectorOf(12);
      await stage.collect('batch', { batch: [signIn(11)] });
      expect(await stage.deliver('critical', { remainingMs })).toBeNull();
      expect(copies(stage)).toHaveLength(expected);
      expect(stage.meter.unflushed).toEqual([]);
    }
  });

  test('looks after so many users in a batch and no more', async () => {
    const stage = memoryStage();
    const users = Array.from({ length: 30 }, (_, index) => `user ${index}`);
    for (let device = 0; device < 5; device++)
      await stage.learn(users.map((userId) => signIn(device, userId)).map((one) => own(one)));
    stage.clock.advance(2 * DAY);
    const queries = countQueries(stage);
    await stage.learn(users.map((userId) => own(signIn(0, userId))));

    expect(queries()).toBe(24 + 24);
  });

  test('keeps a shard waiting for no more than a second where the store does not answer', async () => {
    const stage = await collectorOf(12);
    await stage.collect('batch', { batch: [signIn(11)] });
    const { query } = stage.store;
    stage.store.query = (key, options) => {
      stage.store.failNext('stall');
      return query(key, options);
    };
    const startedAt = performance.now();
    expect(await stage.deliver('critical')).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('asks for what is surely stored', async () => {
    const stage = await collectorOf(12);
    const asked: unknown[] = [];
    const { query } = stage.store;
    stage.store.query = (key, options) => {
      asked.push(options?.consistent);
      return query(key, options);
    };
    await stage.learn([signIn(11)]);
    expect(asked).toEqual([true, true, true, true, true]);
  });

  test('that fails never fails the batch, is logged, and is made up for', async () => {
    for (const failing of [
      'query of the user',
      'query of a device',
      'write',
      'lost write',
      'unreadable',
    ] as const) {
      const stage = await collectorOf(12);
      const { query } = stage.store;
      if (failing.startsWith('query'))
        stage.store.query = (key, options) => {
          if ((key === keyOf('u:ann')) === (failing === 'query of the user')) stage.store.failNext('before');
          return query(key, options);
        };
      if (failing === 'unreadable')
        stage.store.query = async (key, options) => {
          const items = await query(key, options);
          return key === keyOf('u:ann') ? items : items.map((item) => ({ ...item, state: '{' }));
        };
      let isFailing = failing.endsWith('write');
      failWrites(
        stage,
        ({ item }) => isFailing && item.startsWith('device#') && (failing === 'write' ? 'before' : 'lost'),
      );
      await stage.collect('batch', { batch: [signIn(11)] });
      expect([failing, await stage.deliver('critical')]).toEqual([failing, null]);
      expect(stage.log.lines.filter(({ level }) => level !== 'info')).toMatchObject([
        { level: 'warn', message: 'devices of a user are not absorbed', fields: { subject: keyOf('u:ann') } },
      ]);
      expect(stage.meter.sum('DevicesAbsorbed')).toBe(0);

      isFailing = false;
      stage.store.query = query;
      for (let day = 0; day < 2; day++) {
        stage.clock.advance(DAY);
        await stage.learn([signIn(11)]);
      }
      expect([failing, await ask(stage)]).toEqual([failing, { source: 'personalized', known: upTo(12) }]);
    }
  });

  test('that meets another which was quicker leaves that one’s copy', async () => {
    const stage = await collectorOf(6);
    const { write } = stage.store;
    stage.store.write = async (item) => {
      if (item.item.startsWith('device#')) await write(item);
      return write(item);
    };
    await stage.learn([signIn(5)]);

    expect(copies(stage)).toMatchObject([{ v: 1 }, { v: 1 }]);
    expect(stage.meter.sum('DevicesAbsorbed')).toBe(0);
    expect(await methods(stage)).toEqual(upTo(6));
  });
});

test('what only a copy knows is shown to servers alone, and under its user', async () => {
  const stage = await shopperOf(12);
  const { body } = await stage.decide(
    { userId: 'ann', anonymousId: 'stranger', checkout: { payment: METHODS } },
    AS_BROWSER,
  );
  const stranger = await stage.decide(
    { anonymousId: 'stranger', checkout: { payment: METHODS } },
    AS_BROWSER,
  );
  const { decisionId: _one, ...claimed } = body as Record<string, unknown>;
  const { decisionId: _other, ...unknown } = stranger.body as Record<string, unknown>;
  expect(claimed).toEqual(unknown);
  expect(withoutTimes(await stage.profile('u:ann', AS_SERVER))).toMatchObject({ exists: true });
});
