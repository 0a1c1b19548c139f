import * as v from 'valibot';
import { erasedResponseSchema, exportResponseSchema } from '../../shared/protocol/responses.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import {
  AS_BROWSER,
  AS_SERVER,
  basic,
  failWrites,
  itemOf,
  keyOf,
  memoryStage,
  NOW,
  tokenFor,
  usesOf,
  type MemoryStage,
} from '../memory-stage.ts';

const DAY_MS = 86_400_000;
const isoTime = (ms: number) => new Date(ms).toISOString();
const BEFORE = isoTime(NOW - DAY_MS);

const by = (ids: object, event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  event,
  ...ids,
  properties,
  timestamp: BEFORE,
  ...more,
});
const bought = (ids: object, order: string, method = 'pix', more: object = {}) =>
  by(ids, 'Order Completed', { order_id: order, total: 10, currency: 'EUR', payment_method: method }, more);
const viewed = (ids: object, product: string, more: object = {}) =>
  by(ids, 'Product Viewed', { product_id: product, category: 'c' }, more);
const visit = (userId: string, anonymousId: string, more: object = {}) => ({
  type: 'identify',
  userId,
  anonymousId,
  traits: { address: { country: 'BR' } },
  timestamp: BEFORE,
  ...more,
});

/** Ann with a phone of hers, and enough orders that most lie in pages. */
const ANNS = [
  visit('ann', 'phone'),
  bought({ anonymousId: 'phone' }, 'of-phone', 'boleto'),
  viewed({ userId: 'ann' }, 'p1'),
  viewed({ anonymousId: 'phone' }, 'p2'),
  ...Array.from({ length: 90 }, (_, index) => bought({ userId: 'ann' }, `o${index}`)),
  by({ userId: 'ann' }, 'Consent Preference Updated', { consent: { personalization: false } }),
];

async function annsStage(): Promise<MemoryStage> {
  const stage = memoryStage();
  await stage.learn(ANNS);
  await stage.learn([{ type: 'page', anonymousId: 'phone', name: 'Home', timestamp: BEFORE }], AS_BROWSER);
  return stage;
}

/** What anybody could read of them anywhere, by any way there is. */
async function shownOf(stage: MemoryStage, subject: string): Promise<unknown> {
  const profile = await stage.profile(subject);
  const everything = await stage.profile(`${subject}/export`);
  const [kind, id] = [subject.slice(0, 1), subject.slice(2)];
  const decision = await stage.decide({
    ...(kind === 'u' ? { userId: id } : { anonymousId: id }),
    checkout: { payment: [{ id: 'card' }, { id: 'pix' }, { id: 'boleto' }] },
  });
  const text = JSON.stringify([profile, everything, decision.body]);
  return text
    .replaceAll(subject, 'SUBJECT')
    .replaceAll(keyOf(subject), 'KEY')
    .replaceAll(/"decisionId":"[^"]*"/g, '');
}

/** Everything that is stored, as text. */
const storedText = ({ store }: MemoryStage) =>
  store
    .items()
    .map(({ state }) => state)
    .join('\n');

describe('who may erase', () => {
  test.each<[string, Record<string, string>]>([
    ['nobody without a key', {}],
    ['no browser', AS_BROWSER],
    ['nobody with a guess', { authorization: basic('sk_guess') }],
    ['no user, not even themselves', { authorization: `Bearer ${tokenFor('ann')}` }],
  ])('%s', async (_name, headers) => {
    const stage = await annsStage();
    const before = stage.store.items();

    expect(await stage.erase('u:ann', headers)).toMatchObject({
      status: 401,
      body: { error: { code: 'secret_key_needed' } },
    });
    expect(stage.store.items()).toEqual(before);
  });

  test.each(['', 'ann', 'u:', 'x:ann'])('%j is no subject', async (subject) => {
    expect(await memoryStage().erase(subject)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_subject', path: 'subject' } },
    });
  });
});

describe('an erased user', () => {
  test('reads as one that nobody ever heard of, byte for byte, and so do their devices', async () => {
    const stage = await annsStage();

    expect(await stage.erase('u:ann')).toMatchObject({
      status: 200,
      body: { subject: 'u:ann', erasedAt: isoTime(NOW), devices: 1, sharedDevices: 0 },
    });

    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
    expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
  });

  test('leaves nothing in the store that says anything of them: no order, method, product, time or address', async () => {
    const stage = await annsStage();
    expect(storedText(stage)).toMatch(/pix|boleto|BR|p1|p2/);

    await stage.erase('u:ann');

    expect(storedText(stage)).not.toMatch(/pix|boleto|BR|p1|p2|EUR|personalization|1768392/);
    for (const { ring, newestReceivedAt } of stage.store.items())
      expect([ring, newestReceivedAt]).toEqual([undefined, undefined]);
  });

  test('keeps version and watermark of each facet, so that the fold goes on where it was', async () => {
    const stage = await annsStage();
    const before = itemOf(stage, 'u:ann');

    await stage.erase('u:ann');

    expect(itemOf(stage, 'u:ann')).toMatchObject({
      v: (before?.v ?? 0) + 1,
      watermark: before?.watermark,
      first: before?.first,
      erasedAt: NOW,
      state: '{}',
    });
  });

  test('is told of, and exported before and after, in the words of the API', async () => {
    const stage = await annsStage();
    const exported = async () => (await stage.profile('u:ann/export')).body;
    expect(v.safeParse(exportResponseSchema, await exported()).issues).toBeUndefined();

    const { body } = await stage.erase('u:ann');

    expect(v.safeParse(erasedResponseSchema, body).issues).toBeUndefined();
    expect(v.safeParse(exportResponseSchema, await exported()).issues).toBeUndefined();
    expect(await exported()).toMatchObject({ records: [{ items: [], orders: [] }] });
  });

  test('is told of by how much was there, and erased anew there is nothing', async () => {
    const stage = await annsStage();
    const counts = async () => {
      const { body } = await stage.erase('u:ann');
      const { items, devices, sharedDevices } = body as Record<string, number>;
      return { items, devices, sharedDevices };
    };

    const first = await counts();
    stage.clock.advance(1_000);

    expect(first.items).toBeGreaterThan(10);
    expect(await counts()).toEqual({ items: expect.any(Number) as number, devices: 0, sharedDevices: 0 });
    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
  });

  test('is somebody new with what happens afterwards, and a device that comes again is new too', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    stage.clock.advance(1_000);
    const later = { timestamp: isoTime(NOW + 1) };

    await stage.learn([
      bought({ userId: 'ann' }, 'o1', 'card', later),
      visit('ann', 'phone', later),
      bought({ anonymousId: 'phone' }, 'of-phone', 'wallet', later),
    ]);

    expect(await usesOf(stage, 'ann')).toEqual({ card: 1, wallet: 1 });
    const { body } = await stage.profile('u:ann');
    expect(body).toMatchObject({
      exists: true,
      orders: { count: 2, totals: { EUR: 2_000 } },
      links: [{ key: keyOf('a:phone'), firstAt: later.timestamp }],
      consent: {},
    });
  });

  test('does not come back with a replay of all that was ever sent of them', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const accepted = ANNS.length;
    stage.clock.advance(60_000);

    await stage.learn(ANNS);

    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
    expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
    expect([stage.meter.sum('EventsSuppressed'), stage.meter.sum('EventsApplied')]).toEqual([
      accepted,
      accepted + 1,
    ]);
  });

  test('does not come back with what the streams deliver once more, from their very beginning', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const before = stage.store.items();

    for (const lane of ['critical', 'bulk'] as const)
      expect(await stage.foldRecords(lane, stage.eventLog.records(lane))).toBeNull();

    expect(stage.store.items()).toEqual(before);
  });

  test('does not come back with events that come along with a request', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const ask = async (userId: string, events: readonly object[]) => {
      const { body } = await stage.decide({
        userId,
        anonymousId: 'phone',
        events,
        checkout: { payment: [{ id: 'card' }, { id: 'pix' }] },
      });
      const { decisionId: _decisionId, ...rest } = body as { decisionId: string };
      return rest;
    };

    expect(await ask('ann', [bought({ userId: 'ann' }, 'o1')])).toEqual(await ask('nobody', []));
  });

  test('keeps out what happened before in facets that they never had', async () => {
    const stage = memoryStage();
    await stage.learn([viewed({ userId: 'ann' }, 'p1')]);
    await stage.erase('u:ann');

    await stage.learn([bought({ userId: 'ann' }, 'o1')]);
    await stage.learn([by({ userId: 'ann' }, 'Checkout Started', {})], AS_BROWSER);

    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
  });

  test('is not known by those that claim to be theirs without proof, now or later', async () => {
    const stage = memoryStage();
    const claim = {
      ...by({ userId: 'ann', anonymousId: 'cafe' }, 'Payment Info Entered', { payment_method: 'pix' }),
    };
    await stage.learn([bought({ userId: 'ann' }, 'o1')]);
    await stage.learn([claim], AS_BROWSER);
    await stage.erase('u:ann');

    await stage.learn([{ ...claim, anonymousId: 'cafe 2', messageId: 'other' }], AS_BROWSER);

    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
    expect(await usesOf(stage, 'ann')).toEqual({});
    // The device itself was never proven theirs: it stays what it is.
    expect((await stage.profile('a:cafe')).body).toMatchObject({ exists: true });
  });

  test('stays a tombstone word for word, whatever is suppressed, and moves its watermarks on', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const facets = () =>
      (['checkout', 'orders', 'browse'] as const).map((item) => itemOf(stage, 'u:ann', item));
    const before = facets();

    await stage.learn(ANNS);

    expect(facets().map((facet) => facet?.state)).toEqual(['{}', '{}', '{}']);
    for (const [index, facet] of facets().entries()) {
      expect(facet?.erasedAt).toBe(NOW);
      expect(facet?.watermark).not.toEqual(before[index]?.watermark);
    }
  });

  test('loses items of kinds that are not known here, too', async () => {
    const stage = await annsStage();
    const other = { key: keyOf('u:ann'), item: 'another' as StoredItem['item'], v: 3, state: '{"secret":1}' };
    stage.store.tamper(other);

    await stage.erase('u:ann');

    expect(itemOf(stage, 'u:ann', other.item)).toMatchObject({ v: 4, state: '{}' });
  });

  test('counts an event as suppressed as soon as one of its facets is erased', async () => {
    const stage = memoryStage();
    const place = { key: keyOf('u:ann'), item: 'checkout' } as const;
    stage.store.tamper({ ...place, v: 1, state: '{}', erasedAt: NOW });

    await stage.learn([bought({ userId: 'ann' }, 'o1')]);

    expect([stage.meter.sum('EventsSuppressed'), stage.meter.sum('EventsApplied')]).toEqual([1, 0]);
  });

  test('takes poison along to quarantine as everybody does: it is suppressed once it can be read', async () => {
    const stage = memoryStage();
    await stage.erase('u:ann');

    await stage.learn([by({ userId: 'ann' }, 'Order Completed', { total: 5 })]);

    expect(stage.quarantine.entries()).toHaveLength(1);
    expect(stage.meter.sum('EventsSuppressed')).toBe(0);
  });
});

describe("an erased user's devices", () => {
  test('that others use too stay, speak for nobody, and no longer name the user', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'kiosk'), visit('bob', 'kiosk'), viewed({ anonymousId: 'kiosk' }, 'p1')]);

    expect(await stage.erase('u:ann')).toMatchObject({ body: { devices: 0, sharedDevices: 1 } });

    expect((await stage.profile('a:kiosk')).body).toMatchObject({ exists: true, shared: true });
    expect(storedText(stage)).not.toContain(keyOf('u:ann'));
  });

  test('that were given back stay, and no longer name the user', async () => {
    const stage = memoryStage();
    await stage.learn([
      visit('ann', 'kiosk'),
      viewed({ anonymousId: 'kiosk' }, 'p1'),
      by({ userId: 'ann', anonymousId: 'kiosk' }, 'Device Unlinked', {}, { timestamp: isoTime(NOW - 1_000) }),
    ]);

    expect(await stage.erase('u:ann')).toMatchObject({ body: { devices: 0, sharedDevices: 0 } });

    expect((await stage.profile('a:kiosk')).body).toMatchObject({ exists: true });
    expect(storedText(stage)).not.toContain(keyOf('u:ann'));
  });

  test('of which only a late event tells are erased with it then, and what they did since', async () => {
    const stage = memoryStage();
    await stage.learn([viewed({ anonymousId: 'phone' }, 'p1'), bought({ anonymousId: 'phone' }, 'o1')]);
    await stage.erase('u:ann');
    expect((await stage.profile('a:phone')).body).toMatchObject({ exists: true });

    await stage.learn([visit('ann', 'phone')]);

    expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
    expect((await suppressions(stage)).map(({ key }) => key)).toEqual([keyOf('u:ann'), keyOf('a:phone')]);
  });

  test('that a late event tells of again keep what they learned since the erasing', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    stage.clock.advance(1_000);
    await stage.learn([
      visit('ann', 'phone', { timestamp: isoTime(NOW + 1) }),
      bought({ anonymousId: 'phone' }, 'new', 'wallet', { timestamp: isoTime(NOW + 1) }),
    ]);

    await stage.learn(ANNS);

    expect(await usesOf(stage, 'ann')).toEqual({ wallet: 1 });
  });

  test('that were erased with a user whose own facets were erased a little later keep what they learned since', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    const tombstone = itemOf(stage, 'u:ann')!;
    stage.store.tamper({ ...tombstone, v: tombstone.v + 1, erasedAt: NOW + 1_000 });
    stage.clock.advance(500);
    await stage.learn([bought({ anonymousId: 'phone' }, 'new', 'wallet', { timestamp: isoTime(NOW + 400) })]);

    await stage.learn([visit('ann', 'phone')]);

    expect((await stage.profile('a:phone')).body).toMatchObject({ exists: true, orders: { count: 1 } });
  });

  test("that are somebody else's are shared once a late event tells of them, as if it had come in time", async () => {
    const stage = memoryStage();
    await stage.learn([visit('bob', 'phone'), bought({ anonymousId: 'phone' }, 'o1')]);
    await stage.erase('u:ann');

    await stage.learn([visit('ann', 'phone')]);

    expect((await stage.profile('a:phone')).body).toMatchObject({ exists: true, shared: true });
    expect(await usesOf(stage, 'bob')).toEqual({});
    expect(storedText(stage)).not.toContain(keyOf('u:ann'));
  });

  test('are shared by whoever else was proven on them, before or after, as they always were', async () => {
    const stage = await annsStage();
    await stage.erase('u:ann');
    stage.clock.advance(1_000);
    await stage.learn([bought({ anonymousId: 'phone' }, 'new', 'wallet', { timestamp: isoTime(NOW + 1) })]);

    await stage.learn([visit('bob', 'phone')]);

    expect(await usesOf(stage, 'bob')).toEqual({});
    expect((await stage.profile('a:phone')).body).toMatchObject({ shared: true });
  });
});

describe('an erased device', () => {
  test('is gone, from its user too, who stays', async () => {
    const stage = await annsStage();

    expect(await stage.erase('a:phone')).toMatchObject({
      status: 200,
      body: { subject: 'a:phone', devices: 0 },
    });

    expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
    expect((await stage.profile('u:ann')).body).toMatchObject({ orders: { count: 90 } });
    expect((await stage.profile('u:ann')).body).toMatchObject({ links: [] });
  });

  test('that was shared goes on speaking for nobody, and does not tell whoever asks that it was', async () => {
    const stage = memoryStage();
    await stage.learn([visit('ann', 'kiosk'), visit('bob', 'kiosk'), viewed({ anonymousId: 'kiosk' }, 'p1')]);

    await stage.erase('a:kiosk');

    expect(await shownOf(stage, 'a:kiosk')).toBe(await shownOf(stage, 'a:nothing'));
    stage.clock.advance(2 * DAY_MS);
    await stage.learn([
      visit('bob', 'kiosk', { timestamp: isoTime(NOW + DAY_MS) }),
      bought({ anonymousId: 'kiosk' }, 'o1', 'wallet', { timestamp: isoTime(NOW + DAY_MS) }),
    ]);
    expect(await usesOf(stage, 'bob')).toEqual({});
  });
});

describe('while the store is unwell', () => {
  test('nothing is claimed, and another call completes it, wherever the first one ended', async () => {
    const writes = await writesOfErasing();
    expect(writes).toBeGreaterThan(40);
    for (let at = 1; at <= writes; at++) {
      for (const failure of ['before', 'lost'] as const) {
        const stage = await smallStage();
        failWrites(stage, (_item, call) => call === at && failure);
        stage.clock.advance(1);
        const first = await stage.erase('u:ann');
        expect([first.status, first.headers]).toEqual([503, { 'retry-after': '1' }]);
        stage.clock.advance(1);
        await stage.learn(SMALL);

        expect((await stage.erase('u:ann')).status).toBe(200);

        expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
        expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
        expect(storedText(stage)).not.toMatch(/pix|boleto|BR|p1|p2|EUR/);
      }
    }
  });

  test('nothing is written before it is put down that somebody is erased', async () => {
    const stage = await annsStage();
    const before = stage.store.items();
    stage.suppressions.failNext('before', 1);

    expect((await stage.erase('u:ann')).status).toBe(503);
    expect(stage.store.items()).toEqual(before);
  });

  test('a store that cannot be read is no reason to say that nobody is there', async () => {
    const stage = await annsStage();
    stage.store.failNext('before', 1);

    expect((await stage.erase('u:ann')).status).toBe(503);
  });

  test('an error that is not of the store is not taken for one', async () => {
    const stage = await annsStage();
    stage.store.query = () => Promise.reject(new TypeError('a bug'));

    await expect(stage.erase('u:ann')).rejects.toThrow('a bug');
  });

  test('a tombstone that the store refuses is said, not skipped', async () => {
    const stage = await annsStage();
    failWrites(stage, () => 'refused');

    expect((await stage.erase('u:ann')).status).toBe(503);
  });

  test('an item that somebody keeps writing is given up, and said', async () => {
    const stage = await annsStage();
    stage.store.write = () => Promise.resolve('conflict');

    expect((await stage.erase('u:ann')).status).toBe(503);
  });

  test('a late event stays in its stream until its device is erased', async () => {
    const stage = memoryStage();
    await stage.learn([viewed({ anonymousId: 'phone' }, 'p1')]);
    await stage.erase('u:ann');
    await stage.collect('batch', { batch: [visit('ann', 'phone')] }, AS_SERVER);
    stage.suppressions.failNext('before', 1);

    expect(await stage.deliver('critical')).not.toBeNull();
    expect(await stage.deliver('critical')).toBeNull();

    expect(await shownOf(stage, 'a:phone')).toBe(await shownOf(stage, 'a:nothing'));
  });
});

describe('a fold at the same time', () => {
  test('that read before the erasing and writes after it finds the tombstone', async () => {
    const stage = await annsStage();
    const { write } = stage.store;
    let isErased = false;
    stage.store.write = async (item) => {
      if (!isErased && item.key === keyOf('u:ann')) {
        isErased = true;
        stage.store.write = write;
        await stage.erase('u:ann');
      }
      return write(item);
    };

    await stage.learn([bought({ userId: 'ann' }, 'late'), ...ANNS.slice(0, 40)]);

    expect(isErased).toBe(true);
    expect(await shownOf(stage, 'u:ann')).toBe(await shownOf(stage, 'u:nobody'));
    expect(storedText(stage)).not.toMatch(/pix|EUR/);
  });

  test('a page of orders that is not erased yet is not taken up by what happens afterwards', async () => {
    const stage = await annsStage();
    const { write } = stage.store;
    // The facets are tombstones, the pages still hold what they held.
    failWrites(stage, (item) => item.item.startsWith('orders#') && 'before');
    expect((await stage.erase('u:ann')).status).toBe(503);
    stage.store.write = write;
    stage.clock.advance(1_000);

    await stage.learn(
      Array.from({ length: 80 }, (_, index) =>
        bought({ userId: 'ann' }, `n${index}`, 'card', { timestamp: isoTime(NOW + 1) }),
      ),
    );

    expect((await stage.profile('u:ann')).body).toMatchObject({
      orders: { count: 80, totals: { EUR: 80_000 } },
    });
  });
});

const SMALL = [
  visit('ann', 'phone'),
  bought({ anonymousId: 'phone' }, 'of-phone', 'boleto'),
  viewed({ userId: 'ann' }, 'p1'),
  viewed({ anonymousId: 'phone' }, 'p2'),
  bought({ userId: 'ann' }, 'o1'),
];

async function smallStage(): Promise<MemoryStage> {
  const stage = memoryStage();
  await stage.learn(SMALL);
  return stage;
}

async function writesOfErasing(): Promise<number> {
  const stage = await smallStage();
  let writes = 0;
  failWrites(stage, (_item, call) => {
    writes = call;
    return false;
  });
  stage.clock.advance(1);
  await stage.erase('u:ann');
  return writes;
}

async function suppressions(stage: MemoryStage) {
  const all = [];
  for await (const one of stage.suppressions.all()) all.push(one);
  return all;
}
