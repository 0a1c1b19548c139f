import { eraseSubject, eraseTie } from '../../shared/adapters/erase-subject.ts';
import { memoryAnnouncements } from '../../shared/adapters/memory/memory-announcements.ts';
import { isTombstone, type Suppression } from '../../shared/domain/erasure.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';
import { store as config } from '../../store.config.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const agoMs = (ms: number) => ({ timestamp: new Date(NOW - ms).toISOString() });
const BEFORE = agoMs(DAY_MS);

let messages = 0;
const by = (ids: object, event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  messageId: `message-${++messages}`,
  event,
  ...ids,
  properties,
  ...more,
});
const bought = (ids: object, order: string, more: object = {}) =>
  by(ids, 'Order Completed', { order_id: order, total: 10, currency: 'EUR', payment_method: 'pix' }, more);
const visit = (userId: string, anonymousId: string, more: object = {}) => ({
  type: 'identify',
  messageId: `message-${++messages}`,
  userId,
  anonymousId,
  traits: { address: { country: 'BR' } },
  ...more,
});

interface Shown {
  readonly exists: boolean;
  readonly shared: boolean;
  readonly links: readonly { readonly key: string; readonly firstAt: string }[];
  readonly orders: { readonly count: number };
  readonly checkout: { readonly payment: Readonly<Record<string, { readonly uses: number }>> };
}
const shown = async (stage: MemoryStage, subject = 'u:ann') => (await stage.profile(subject)).body as Shown;
const itemsOf = (stage: MemoryStage, subject: string) =>
  stage.store.items().filter(({ key }) => key === keyOf(subject));
const speaking = (stage: MemoryStage, subject: string) =>
  itemsOf(stage, subject)
    .filter((item) => item.item !== 'link' && !isTombstone(item))
    .map(({ item }) => item);

/** Something else happens just before the first write of its kind, and is done when that goes on. */
function beforeWrite(
  stage: MemoryStage,
  isMeant: (item: StoredItem) => boolean,
  deed: (item: StoredItem) => Promise<unknown>,
): void {
  const { write } = stage.store;
  stage.store.write = async (item) => {
    if (isMeant(item)) {
      stage.store.write = write;
      await deed(item);
    }
    return write(item);
  };
}
/** From now on such writes fail, until what is returned is called. */
function failingWrites(stage: MemoryStage, isMeant: (item: StoredItem) => boolean): () => void {
  const { write } = stage.store;
  stage.store.write = async (item) => {
    if (isMeant(item)) throw new StoreUnavailable('ended here');
    return write(item);
  };
  return () => {
    stage.store.write = write;
  };
}
/** As after a restore of the profiles that restored nothing. */
async function reapplyAll(stage: MemoryStage): Promise<void> {
  const all: Suppression[] = [];
  for await (const one of stage.suppressions.all()) all.push(one);
  for (const one of all) await eraseSubject(one, stage);
}
/** Whoever waits until it is passed goes on once it is open. */
function gate(): { open(): void; readonly passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}
const isSideOf = (subject: string) => (item: StoredItem) =>
  item.key === keyOf(subject) && /^link#[^~]/.test(item.item);

describe('a device of somebody who was erased and comes back', () => {
  const comeBack = async (stage: MemoryStage) => {
    stage.clock.advance(HOUR_MS);
    await stage.learn([
      visit('ann', 'phone'),
      visit('ann', 'laptop'),
      bought({ anonymousId: 'phone' }, 'o1'),
      bought({ anonymousId: 'laptop' }, 'o2'),
    ]);
    return [(await shown(stage)).orders.count, (await shown(stage, 'a:phone')).shared];
  };
  const annsStage = async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone'), visit('ann', 'laptop')]);
    return stage;
  };

  test.each([1, 2, 3])('is theirs, however often they were erased: %i', async (times) => {
    const stage = await annsStage();
    for (let time = 1; time <= times; time++) {
      expect((await stage.erase('u:ann')).status).toBe(200);
      stage.clock.advance(1_000);
    }
    expect(await comeBack(stage)).toEqual([2, false]);
  });

  test('is theirs when the erasing was cut off and asked for again', async () => {
    const stage = await annsStage();
    let sides = 0;
    const mend = failingWrites(stage, (item) => isSideOf('u:ann')(item) && ++sides === 2);
    expect((await stage.erase('u:ann')).status).toBe(503);
    mend();
    expect((await stage.erase('u:ann')).status).toBe(200);
    expect(await comeBack(stage)).toEqual([2, false]);
  });

  test('is theirs when the erasing is applied again after a restore that restored nothing', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const before = stage.store.items();
    await eraseSubject({ key: keyOf('u:ann'), kind: 'user', erasedAt: NOW }, stage);
    expect(stage.store.items()).toEqual(before);
    expect(await comeBack(stage)).toEqual([2, false]);
  });
});

test('a fold that reads pages of old orders after their ledger was erased writes nothing from before into them', async () => {
  const stage = memoryStage();
  const orders = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => bought({ userId: 'ann' }, `o${from + index}`, BEFORE));
  await stage.learn(orders(0, 60));
  await stage.collect('batch', { batch: orders(60, 69) }, AS_SERVER);
  const { read } = stage.store;
  let isErased = false;
  stage.store.read = async (refs) => {
    if (!isErased && refs.some(({ item }) => item.startsWith('orders#'))) {
      isErased = true;
      expect((await stage.erase('u:ann')).status).toBe(200);
    }
    return read(refs);
  };

  expect(await stage.deliver('critical')).toBeNull();
  expect(isErased).toBe(true);
  expect(speaking(stage, 'u:ann')).toEqual([]);
});

describe('a late link whose erasing ends', () => {
  const stageWith = async () => {
    const stage = memoryStage();
    const orders = Array.from({ length: 90 }, (_, index) =>
      bought({ anonymousId: 'phone' }, `o${index}`, BEFORE),
    );
    await stage.learn(orders);
    await stage.erase('u:ann');
    await stage.collect('batch', { batch: [visit('ann', 'phone', BEFORE)] }, AS_SERVER);
    return stage;
  };

  test.each<[string, (item: StoredItem) => boolean]>([
    ['before the pages of the device', ({ item }) => item.startsWith('orders#')],
    ['before the last facet', ({ item }) => item === 'browse'],
    ['before its standings', ({ item }) => item === 'membership'],
    ['before the link at the user', isSideOf('u:ann')],
  ])('%s is done by the redelivery', async (_when, isMeant) => {
    const stage = await stageWith();
    const mend = failingWrites(stage, isMeant);
    expect(await stage.deliver('critical')).not.toBeNull();
    mend();
    expect(await stage.deliver('critical')).toBeNull();
    expect([...speaking(stage, 'a:phone'), ...speaking(stage, 'u:ann')]).toEqual([]);
  });
});

describe('what one erasing leaves of a device to another is done by that', () => {
  const isOf = (subject: string, name: string) => (item: StoredItem) =>
    item.key === keyOf(subject) && item.item === name;
  const facetsAndPages = (stage: MemoryStage, subject: string) =>
    itemsOf(stage, subject).filter(({ item }) => item !== 'link');

  test('also when it is not tied to its user any more', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone')]);
    const mend = failingWrites(stage, isOf('a:phone', 'orders#3'));
    expect((await stage.erase('u:ann')).status).toBe(503);
    mend();
    await eraseTie(keyOf('u:ann'), keyOf('a:phone'), NOW, stage);

    expect((await stage.erase('u:ann')).status).toBe(200);
    const asOf = facetsAndPages(stage, 'a:phone').map(({ erasedAt }) => erasedAt);
    expect(asOf).toEqual(Array.from({ length: 3 + 16 + 1 }, () => NOW));
  });

  test('by late word, as of the time that was put down: there is nothing to do once more', async () => {
    const stage = memoryStage();
    await stage.learn([bought({ anonymousId: 'phone' }, 'o1', BEFORE)]);
    await stage.erase('u:ann');
    const asked: Suppression = { key: keyOf('a:phone'), kind: 'device', erasedAt: NOW + 7 };
    await stage.suppressions.record(asked);
    await stage.learn([visit('ann', 'phone', BEFORE)]);
    stage.clock.advance(HOUR_MS);
    await stage.learn([bought({ anonymousId: 'phone' }, 'o2')]);

    await eraseSubject(asked, stage);
    expect((await shown(stage, 'a:phone')).orders.count).toBe(1);
  });

  test('though late word from before the first erasing comes in the middle of the second', async () => {
    const stage = memoryStage();
    await stage.erase('u:ann');
    await stage.learn([visit('ann', 'phone', BEFORE)]);
    stage.clock.advance(HOUR_MS);
    await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    stage.clock.advance(HOUR_MS);
    beforeWrite(stage, isOf('u:ann', 'membership'), () => stage.learn([visit('ann', 'phone', BEFORE)]));
    expect((await stage.erase('u:ann')).status).toBe(200);

    expect(speaking(stage, 'a:phone')).toEqual([]);
  });

  test('when it turns out to be shared between being put down and being begun', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    const mend = failingWrites(stage, ({ key }) => key === keyOf('a:phone'));
    expect((await stage.erase('u:ann')).status).toBe(503);
    mend();
    await stage.learn([visit('bob', 'phone')]);

    expect((await stage.erase('u:ann')).status).toBe(200);
    expect(speaking(stage, 'a:phone')).toEqual([]);
  });
});

describe('a device of somebody who came back after an erasing, of whom word from before comes late', () => {
  const PHONE = keyOf('a:phone');
  const linksOf = async (stage: MemoryStage) => (await shown(stage)).links.map(({ key }) => key);
  /** What she did on the phone since goes with the first late word: a facet cannot be cut in two. */
  const back = async () => {
    const stage = memoryStage();
    await stage.erase('u:ann');
    stage.clock.advance(HOUR_MS);
    await stage.learn([visit('ann', 'phone')]);
    stage.clock.advance(1_000);
    await stage.learn([bought({ anonymousId: 'phone' }, 'o1')]);
    stage.clock.advance(1_000);
    await stage.learn([visit('ann', 'phone', BEFORE)]);
    return stage;
  };
  const THEN: readonly (readonly [string, (stage: MemoryStage) => Promise<unknown>])[] = [
    ['once', () => Promise.resolve()],
    ['twice', (stage) => stage.learn([visit('ann', 'phone', agoMs(2 * DAY_MS))])],
    [
      'and again, from another life of the stream',
      (stage) =>
        stage.foldRecords('critical', stage.eventLog.records('critical').slice(-1), { stream: 'critical-2' }),
    ],
    ['and all erasings are applied again', reapplyAll],
  ];

  test.each(THEN)('stays theirs: %s', async (_how, then) => {
    const stage = await back();
    await then(stage);
    expect(await linksOf(stage)).toEqual([PHONE]);
  });

  test.each(THEN)('goes with them when they are erased again: %s', async (_how, then) => {
    const stage = await back();
    await then(stage);
    stage.clock.advance(1_000);
    await stage.learn([bought({ anonymousId: 'phone' }, 'o2')]);
    stage.clock.advance(HOUR_MS);
    expect((await stage.erase('u:ann')).status).toBe(200);
    expect((await shown(stage, 'a:phone')).orders.count).toBe(0);
  });

  test('keeps what it learned since, if it was erased before and the user was there after that', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone', BEFORE)]);
    await stage.erase('u:ann');
    stage.clock.advance(HOUR_MS);
    await stage.erase('u:ann');
    stage.clock.advance(HOUR_MS);
    await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    await stage.learn([visit('ann', 'phone', BEFORE)]);
    expect((await shown(stage)).orders.count).toBe(1);
  });
});

describe('of somebody erased nothing is known', () => {
  const known = async (stage: MemoryStage) => [(await shown(stage)).exists, speaking(stage, 'u:ann')];
  const NOTHING = [false, []];
  const erasedBefore = async (options?: Parameters<typeof memoryStage>[0]) => {
    const stage = memoryStage(options);
    await stage.learn([visit('ann', 'phone'), bought({ userId: 'ann' }, 'o1')]);
    await stage.erase('u:ann');
    stage.clock.advance(HOUR_MS);
    return stage;
  };

  test('when a device of theirs is erased alone after that', async () => {
    const stage = await erasedBefore();
    await stage.erase('a:phone');
    expect(await known(stage)).toEqual(NOTHING);
  });

  test('when all is applied again after late word of a device', async () => {
    const stage = memoryStage();
    await stage.erase('u:ann');
    stage.clock.advance(HOUR_MS);
    await stage.learn([bought({ anonymousId: 'phone' }, 'o1'), visit('ann', 'phone', BEFORE)]);
    await reapplyAll(stage);
    expect(await known(stage)).toEqual(NOTHING);
  });

  test('when their device took something while it was erased with them, and all is applied again', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone')]);
    const isPhones = ({ key, item }: StoredItem) => key === keyOf('a:phone') && item === 'checkout';
    beforeWrite(stage, isPhones, async () => {
      stage.clock.advance(10);
      await stage.learn([bought({ anonymousId: 'phone' }, 'o1')]);
    });
    await stage.erase('u:ann');
    await reapplyAll(stage);
    expect(await known(stage)).toEqual(NOTHING);
  });

  test('by a decision, which is that for nobody', async () => {
    const ask = async (stage: MemoryStage) => {
      const checkout = { payment: [{ id: 'card' }, { id: 'pix' }] };
      const { body } = await stage.decide({ userId: 'ann', checkout });
      const { decisionId: _, ...rest } = body as Record<string, unknown>;
      return rest;
    };
    const stage = await erasedBefore();
    await stage.erase('a:phone');
    const nobodys = memoryStage();
    nobodys.clock.advance(HOUR_MS);
    expect(await ask(stage)).toEqual(await ask(nobodys));
  });

  test('by whoever is told of segments, when late word comes', async () => {
    const announcements = memoryAnnouncements();
    const segments = segmentsOfConfig({
      ...config.segments,
      named: {
        'no-order': { description: 'Has bought nothing.', when: { 'orders.count': 0 }, announce: true },
      },
    });
    const stage = await erasedBefore({ announcing: { announcements, segments } });
    await stage.erase('a:phone');
    const before = announcements.told().length;
    await stage.learn([visit('ann', 'laptop', BEFORE)]);
    expect(announcements.told().slice(before)).toEqual([]);
  });
});

describe('a parting that is folded while its user is erased leaves no time from before', () => {
  const unlinked = (more: object) => by({ userId: 'ann', anonymousId: 'phone' }, 'Device Unlinked', {}, more);

  test.each<[string, readonly object[]]>([
    ['of a device that was never linked', []],
    ['that comes late, so that a later visit is put back', [visit('ann', 'phone', agoMs(2_000))]],
  ])('%s', async (_which, known) => {
    const stage = memoryStage();
    await stage.learn([by({ userId: 'ann' }, 'Cart Viewed', { products: [] }), ...known]);
    await stage.collect('batch', { batch: [unlinked(agoMs(3_000))] }, AS_SERVER);
    beforeWrite(stage, isSideOf('u:ann'), async () => {
      expect((await stage.erase('u:ann')).status).toBe(200);
    });
    expect(await stage.deliver('critical')).toBeNull();

    const sides = itemsOf(stage, 'u:ann').filter(isSideOf('u:ann'));
    expect(sides.map(({ state }) => JSON.parse(state) as unknown)).toEqual([
      expect.objectContaining({ p: 'none', f: 0, l: 0, x: NOW, z: NOW }),
    ]);
  });
});

test('two erasings of one user at once, who is back in between, leave nothing of their device', async () => {
  const stage = memoryStage();
  await stage.learn([visit('ann', 'phone')]);
  const isHeld = gate();
  const goOn = gate();
  beforeWrite(stage, isSideOf('u:ann'), async () => {
    isHeld.open();
    await goOn.passed;
  });
  const first = stage.erase('u:ann');
  await isHeld.passed;
  stage.clock.advance(1_000);
  await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
  stage.clock.advance(1_000);
  const isHers = ({ key, item }: StoredItem) => key === keyOf('u:ann') && item === 'membership';
  beforeWrite(stage, isHers, async () => {
    stage.clock.advance(1_000);
    await stage.learn([visit('ann', 'phone')]);
    goOn.open();
    await first;
  });
  expect((await stage.erase('u:ann')).status).toBe(200);
  expect((await shown(stage, 'a:phone')).orders.count).toBe(0);
});

test('the answer says as of when, with what came in meanwhile', async () => {
  const stage = memoryStage();
  await stage.learn([visit('ann', 'phone')]);
  const isHers = ({ key, item }: StoredItem) => key === keyOf('u:ann') && item === 'checkout';
  beforeWrite(stage, isHers, async () => {
    stage.clock.advance(5_000);
    await stage.learn([visit('ann', 'phone')]);
  });
  expect((await stage.erase('u:ann')).body).toMatchObject({ erasedAt: new Date(NOW + 5_000).toISOString() });
});

describe('a link that is made while its user is erased', () => {
  const linkedWhileErased = async (known: readonly object[]) => {
    const stage = memoryStage();
    if (known.length > 0) await stage.learn(known);
    await stage.collect('batch', { batch: [visit('ann', 'kiosk', agoMs(1_000))] }, AS_SERVER);
    beforeWrite(stage, isSideOf('u:ann'), async () => {
      expect((await stage.erase('u:ann')).status).toBe(200);
    });
    expect(await stage.deliver('critical')).toBeNull();
    return stage;
  };

  test.each<[string, readonly object[]]>([
    ['first seen', []],
    ['seen before', [visit('ann', 'kiosk', agoMs(2 * DAY_MS))]],
    ['somebody else’s', [visit('bob', 'kiosk', BEFORE)]],
  ])(
    'to a device that was %s says nothing from before, now or when they come back',
    async (_which, known) => {
      const stage = await linkedWhileErased(known);
      expect(speaking(stage, 'u:ann')).toEqual([]);

      stage.clock.advance(HOUR_MS);
      await stage.learn([visit('ann', 'kiosk')]);
      const [link] = (await shown(stage)).links;
      expect(Date.parse(link?.firstAt ?? '')).toBeGreaterThan(NOW);
    },
  );
});

describe('a device that is erased alone, whose user comes back on the same day', () => {
  const story = async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'phone')]);
    stage.clock.advance(HOUR_MS);
    await stage.erase('a:phone');
    stage.clock.advance(HOUR_MS);
    await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    return stage;
  };

  test('is theirs again', async () => {
    expect(await shown(await story())).toMatchObject({
      orders: { count: 1 },
      links: [{ key: keyOf('a:phone') }],
    });
  });

  test('is erased with them', async () => {
    const stage = await story();
    stage.clock.advance(HOUR_MS);
    await stage.erase('u:ann');
    expect((await shown(stage, 'a:phone')).orders.count).toBe(0);
  });

  const whileErased = async (stage: MemoryStage, deed: () => Promise<unknown>) => {
    const isPhones = ({ key, item }: StoredItem) => key === keyOf('a:phone') && item === 'membership';
    beforeWrite(stage, isPhones, async () => {
      stage.clock.advance(10);
      await deed();
    });
    expect((await stage.erase('a:phone')).status).toBe(200);
  };

  test.each<[string, (stage: MemoryStage) => Promise<unknown>]>([
    [
      'while it is erased',
      async (stage) => {
        await stage.learn([visit('ann', 'phone')]);
        stage.clock.advance(HOUR_MS);
        await whileErased(stage, () => stage.learn([visit('ann', 'phone')]));
      },
    ],
    [
      'for the first time while it is erased, before their checkout is written',
      async (stage) => {
        await stage.collect('batch', { batch: [visit('ann', 'phone')] }, AS_SERVER);
        const isHers = ({ key, item }: StoredItem) => key === keyOf('u:ann') && item === 'checkout';
        beforeWrite(stage, isHers, () => stage.erase('a:phone'));
        expect(await stage.deliver('critical')).toBeNull();
      },
    ],
    [
      'when late word of them has come, and all is applied again',
      async (stage) => {
        await stage.erase('a:phone');
        await stage.learn([visit('ann', 'phone', agoMs(HOUR_MS))]);
        stage.clock.advance(HOUR_MS);
        await stage.learn([visit('ann', 'phone')]);
        await reapplyAll(stage);
      },
    ],
  ])('%s, is theirs and goes with them', async (_when, live) => {
    const stage = memoryStage();
    await live(stage);
    stage.clock.advance(HOUR_MS);
    await stage.learn([visit('ann', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    const counted = (await shown(stage)).orders.count;
    stage.clock.advance(HOUR_MS);
    await stage.erase('u:ann');
    expect([counted, (await shown(stage, 'a:phone')).orders.count]).toEqual([1, 0]);
  });
});

describe('what comes in while somebody is erased is kept whole or not at all', () => {
  const isTombstoneOf = (facet: string) => (item: StoredItem) =>
    item.item === facet && item.erasedAt !== undefined;

  test.each(['checkout', 'orders', 'browse'])('an order before %s is erased', async (facet) => {
    const stage = memoryStage();
    beforeWrite(stage, isTombstoneOf(facet), async () => {
      stage.clock.advance(10);
      await stage.learn([bought({ userId: 'ann' }, 'o1')]);
    });
    await stage.erase('u:ann');

    const { orders, checkout } = await shown(stage);
    expect([0, 1]).toContain(orders.count);
    expect(checkout.payment.pix?.uses ?? 0).toBe(orders.count);
  });

  test('an order of a time at which one facet was erased and another not', async () => {
    const stage = memoryStage();
    beforeWrite(stage, isTombstoneOf('checkout'), async () => {
      stage.clock.advance(500);
      await stage.learn([visit('ann', 'phone')]);
    });
    await stage.erase('u:ann');
    stage.clock.advance(500);
    await stage.learn([bought({ userId: 'ann' }, 'o1', agoMs(-200))]);

    const { orders, checkout } = await shown(stage);
    expect([orders.count, checkout.payment.pix?.uses ?? 0]).toEqual([0, 0]);
    const times = itemsOf(stage, 'u:ann').filter(({ item }) =>
      ['checkout', 'orders', 'browse'].includes(item),
    );
    expect(new Set(times.map(({ erasedAt }) => erasedAt))).toEqual(new Set([NOW + 500]));
  });
});

test('a copy that lands after its device was found to be shared goes with the device', async () => {
  const stage = memoryStage();
  const names = Array.from({ length: 6 }, (_, index) => `d${index}`);
  for (const [index, name] of names.entries()) {
    await stage.learn([bought({ anonymousId: name }, `o${index}`), visit('ann', name)]);
    stage.clock.advance(1_000);
  }
  stage.clock.advance(3 * DAY_MS);
  let device = '';
  const isCopy = ({ item }: StoredItem) => item.startsWith('device#');
  beforeWrite(stage, isCopy, async ({ item }) => {
    device = names.find((name) => item === `device#${keyOf(`a:${name}`)}`) ?? '';
    // Another shard, between the reading of the device and the writing of its copy.
    await stage.collect('batch', { batch: [visit('bob', device)] }, AS_SERVER);
    const bobs = stage.eventLog
      .records('critical')
      .filter(({ partitionKey }) => partitionKey === keyOf('u:bob'));
    expect(await stage.foldRecords('critical', bobs)).toBeNull();
  });
  await stage.learn([visit('ann', 'new')]);
  await stage.erase(`a:${device}`);

  expect(names).toContain(device);
  const copy = itemsOf(stage, 'u:ann').find(({ item }) => item === `device#${keyOf(`a:${device}`)}`);
  expect(copy && isTombstone(copy)).toBe(true);
});

test('events on their way of somebody who was erased count for a decision as those of anybody', async () => {
  const ask = async (isErased: boolean) => {
    const stage = memoryStage();
    if (isErased) {
      await stage.learn([bought({ userId: 'ann' }, 'o1')]);
      await stage.erase('u:ann');
    }
    stage.clock.advance(HOUR_MS);
    const paying = { checkout_id: 'c1', payment_method: 'pix' };
    const { body } = await stage.decide({
      userId: 'ann',
      checkout: { payment: [{ id: 'card' }, { id: 'pix' }] },
      events: [by({ userId: 'ann' }, 'Payment Info Entered', paying, { messageId: 'p1' })],
    });
    const { decisionId: _, ...rest } = body as Record<string, unknown>;
    return rest;
  };
  expect(await ask(true)).toEqual(await ask(false));
});

describe('whoever else is proven on a device makes it shared, by whatever event reaches the checkout facet', () => {
  test.each<[string, object]>([
    ['Order Completed', { order_id: 'o', total: 1, currency: 'EUR' }],
    ['Loyalty Tier Changed', { tier: 'gold' }],
    ['Product Added', { product_id: 'p' }],
  ])('%s', async (event, properties) => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'kiosk')]);
    await stage.learn([by({ userId: 'bob', anonymousId: 'kiosk' }, event, properties)]);
    await stage.learn([bought({ anonymousId: 'kiosk' }, 'bobs')], AS_BROWSER);

    expect((await shown(stage)).orders.count).toBe(0);
    expect((await shown(stage, 'a:kiosk')).shared).toBe(true);
  });
});

test('a visit after an unlinking links again, however many other devices were taken away in between', async () => {
  const stage = memoryStage();
  const unlink = (anonymousId: string) => by({ userId: 'ann', anonymousId }, 'Device Unlinked');
  await stage.learn([visit('ann', 'phone')]);
  for (const device of ['phone', ...Array.from({ length: 60 }, (_, index) => `other ${index}`)]) {
    stage.clock.advance(1_000);
    await stage.learn([unlink(device)]);
  }
  stage.clock.advance(1_000);
  await stage.learn([visit('ann', 'phone')]);

  expect((await shown(stage)).links.map(({ key }) => key)).toEqual([keyOf('a:phone')]);
});
