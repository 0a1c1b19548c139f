import fc from 'fast-check';
import {
  eraseLink,
  forgetFirstUser,
  isLinkSince,
  joinLink,
  joinShared,
  leadsNowhere,
  leadsToDevice,
  linkedDeviceOf,
  ownerOf,
  placesOf,
  type Link,
  type LinkPlace,
  wasLinkErased,
} from '../../shared/domain/links.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { failWrites, keyOf, memoryStage, tokenFor, AS_BROWSER } from '../memory-stage.ts';

const USER = keyOf('u:ann');
const DEVICE = keyOf('a:laptop');
const link = (change: Partial<Link> = {}): Link => ({
  user: USER,
  device: DEVICE,
  proof: 'server',
  at: 1_000,
  ...change,
});
const place = (item: LinkPlace['item'], key = USER): LinkPlace => ({ key, item });
/** The item after these links came one after the other. */
const joined = (where: LinkPlace, ...links: readonly Link[]): StoredItem | undefined =>
  links.reduce<StoredItem | undefined>(
    (stored, next) => joinLink(stored, where, next, 5_000) ?? stored,
    undefined,
  );

describe('the places of a link', () => {
  test('with proof are both sides', () => {
    for (const proof of ['server', 'token'] as const) {
      expect(placesOf(link({ proof }))).toEqual([
        { key: DEVICE, item: 'link' },
        { key: USER, item: `link#${DEVICE}` },
      ]);
    }
  });

  test('that is taken away are the side of the user alone: whom the device had does not change', () => {
    expect(placesOf(link({ isUnlinking: true }))).toEqual([{ key: USER, item: `link#${DEVICE}` }]);
  });

  test('without proof are one of eight on the side of the user, whatever devices there are', () => {
    const places = Array.from({ length: 1_000 }, (_, index) =>
      placesOf(link({ proof: 'none', device: keyOf(`a:${index}`) })),
    );
    expect(places.every((one) => one.length === 1 && one[0]?.key === USER)).toBe(true);
    expect(new Set(places.flat().map(({ item }) => item)).size).toBe(8);
  });
});

describe("a device's owner", () => {
  const where = place('link', DEVICE);
  const OTHER = keyOf('u:bob');
  const owner = (...users: readonly string[]) => {
    const item = joined(where, ...users.map((user) => link({ user })));
    return item && ownerOf(item);
  };

  test('is its first proven user', () => {
    expect(owner(USER)).toEqual({ isShared: false, user: USER });
    expect(owner(USER, USER)).toEqual({ isShared: false, user: USER });
  });

  test('is nobody from the second proven user on, and stays so; the first is named until told', () => {
    expect(owner(USER, OTHER)).toEqual({ isShared: true, untold: USER });
    expect(owner(USER, OTHER, USER, USER)).toEqual({ isShared: true, untold: USER });
    expect(owner(USER, OTHER, keyOf('u:cyd'))).toEqual({ isShared: true, untold: USER });
  });

  test('is named no more once told, whoever comes then', () => {
    const told = forgetFirstUser(joined(where, link(), link({ user: OTHER }))!, 6_000)!;
    expect(ownerOf(told)).toEqual({ isShared: true });
    expect(told.v).toBe(3);
    expect(forgetFirstUser(told, 7_000)).toBeNull();
    for (const user of [USER, OTHER, keyOf('u:cyd')])
      expect(joinLink(told, where, link({ user }), 7_000)).toBeNull();
  });

  test('is not written again for what it says already', () => {
    expect(joinLink(joined(where, link()), where, link({ at: 99_000_000 }), 9_000)).toBeNull();
  });
});

test('an item that names no user is a shared device, of which none is told', () => {
  const item = (state: string) => ({ key: DEVICE, item: 'link', v: 1, state }) as const;
  expect(ownerOf(item('{}'))).toStrictEqual({ isShared: true });
  expect(ownerOf(item('{"s":1}'))).toStrictEqual({ isShared: true });
  expect(ownerOf(item('{"u":"a","s":1}'))).toStrictEqual({ isShared: true, untold: 'a' });
  expect(ownerOf(item('{"u":"a"}'))).toStrictEqual({ isShared: false, user: 'a' });
});

describe("a user's device", () => {
  const where = place(`link#${DEVICE}`);
  const device = (...links: readonly Link[]) => {
    const item = joined(where, ...links);
    return item && linkedDeviceOf(item);
  };

  test('keeps its first and last time and its best proof, in whatever order they come', () => {
    const links = [
      link({ proof: 'token', at: 2_000 }),
      link({ proof: 'server', at: 3_000 }),
      link({ proof: 'token', at: 1_000 }),
    ];
    const expected = {
      device: DEVICE,
      proof: 'server',
      firstAt: 1_000,
      lastAt: 3_000,
      notedAt: 5_000,
      isShared: false,
    };
    expect(device(...links)).toEqual(expected);
    expect(device(...[...links].reverse())).toEqual(expected);
  });

  test('says nothing new for a time between first and last', () => {
    const stored = joined(where, link({ at: 1_000 }), link({ at: 3_000 }));
    expect(stored?.v).toBe(2);
    expect(joinLink(stored, where, link({ at: 2_000 }), 9_000)).toBeNull();
  });

  test('that is shared is marked so for good, whether the mark comes before or after links', () => {
    const marked = (stored: StoredItem | undefined) => joinShared(stored, where, DEVICE, 5_000) ?? undefined;
    const links = [link({ proof: 'token', at: 2_000 }), link({ proof: 'server', at: 3_000 })];
    const before = links.reduce<StoredItem | undefined>(
      (stored, next) => joinLink(stored, where, next, 5_000) ?? stored,
      marked(undefined),
    );
    expect(linkedDeviceOf(before!)).toMatchObject({ isShared: true, proof: 'server', lastAt: 3_000 });
    expect(before?.state).toBe(marked(joined(where, ...links))?.state);
    expect(joinShared(before, where, DEVICE, 9_000)).toBeNull();
    // The mark alone links nothing.
    expect(linkedDeviceOf(marked(undefined)!)).toBeUndefined();
  });

  test('that was taken away before it is known was never seen, and says no more than it must', () => {
    const parted = joined(where, link({ isUnlinking: true, at: 4_000 }));
    expect(parted?.state).toBe(JSON.stringify({ d: DEVICE, p: 'none', f: 0, l: 0, x: 4_000 }));
    expect(joined(where, link())?.state).toBe(JSON.stringify({ d: DEVICE, p: 'server', f: 1_000, l: 1_000 }));
  });

  test('is proven by whoever was seen on it, not by whoever took it away', () => {
    const seen = link({ proof: 'token', at: 5_000 });
    const item = joined(where, link({ isUnlinking: true, proof: 'server', at: 4_000 }), seen);
    expect(linkedDeviceOf(item!)).toMatchObject({ proof: 'token' });
  });

  test('that claims is written only where that is news', () => {
    const claim = link({ proof: 'none', at: 2_000 });
    const stored = joined(where, claim);
    expect(stored?.state).toBe(JSON.stringify({ d: DEVICE, p: 'none', f: 2_000, l: 2_000 }));
    expect(joinLink(stored, where, claim, 9_000)).toBeNull();
    expect(joinLink(stored, where, { ...claim, device: keyOf('a:phone'), at: 1_000 }, 9_000)).toBeNull();
  });

  test('that only claims gives way to a newer claim in its place', () => {
    const other = keyOf('a:phone');
    const claim = (change: Partial<Link>) => link({ proof: 'none', ...change });
    expect(device(claim({ at: 2 }), claim({ device: other, at: 1 }))?.device).toBe(DEVICE);
    expect(device(claim({ at: 2 }), claim({ device: other, at: 3 }))?.device).toBe(other);
  });
});

/** What readers take from an item: which of several users was the first on a shared device they do not see. */
const meaningOf = (item: StoredItem | undefined) =>
  item?.item === 'link' ? (ownerOf(item)?.isShared ? 'shared' : ownerOf(item)) : item?.state;

test('joining is idempotent and does not depend on order, as several shards and lanes do it at once', () => {
  const links = fc.array(
    fc.record({
      user: fc.constantFrom(USER, keyOf('u:bob')),
      device: fc.constantFrom(DEVICE, keyOf('a:phone'), keyOf('a:tv')),
      proof: fc.constantFrom('server' as const, 'token' as const),
      at: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const permuted = links.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(permuted, ([all, shuffled]) => {
      for (const where of new Map(
        all.flatMap(placesOf).map((one) => [`${one.key} ${one.item}`, one]),
      ).values()) {
        const here = (some: readonly Link[]) =>
          some.filter((one) =>
            placesOf(one).some(({ key, item }) => key === where.key && item === where.item),
          );
        const once = joined(where, ...here(all));
        expect(meaningOf(joined(where, ...here(shuffled), ...here(all)))).toEqual(meaningOf(once));
        expect(here(all).every((one) => joinLink(once, where, one, 9_000) === null)).toBe(true);
      }
    }),
  );
});

test('which of two claims stands does not depend on the order they come in', () => {
  const claims = fc.array(
    fc.record({
      user: fc.constant(USER),
      device: fc.constantFrom(DEVICE, keyOf('a:phone')),
      proof: fc.constant('none' as const),
      at: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 2, maxLength: 4 },
  );
  const permuted = claims.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(permuted, ([all, shuffled]) => {
      const standing = (some: readonly Link[]) => linkedDeviceOf(joined(place('link#~0'), ...some)!)?.device;
      expect(standing(shuffled)).toBe(standing(all));
    }),
  );
});

describe('through collector and fold', () => {
  const visit = (change: object) => ({
    type: 'track',
    event: 'Cart Viewed',
    properties: { products: [] },
    ...change,
  });
  const parting = (anonymousId: string) => ({
    type: 'track',
    event: 'Device Unlinked',
    userId: 'ann',
    anonymousId,
  });
  const itemsOf = (stage: ReturnType<typeof memoryStage>, key: string) =>
    stage.store
      .items()
      .filter((item) => item.key === key)
      .map(({ item }) => item);

  test('a proven user and a device are linked on both sides', async () => {
    const stage = memoryStage();
    await stage.learn([visit({ userId: 'ann', anonymousId: 'laptop' })]);

    expect(itemsOf(stage, USER)).toContain(`link#${DEVICE}`);
    const owner = stage.store.items().find(({ key, item }) => key === DEVICE && item === 'link');
    expect(owner && ownerOf(owner)).toEqual({ isShared: false, user: USER });
    expect((await stage.profile('u:ann')).body).toMatchObject({ links: [{ key: DEVICE, proof: 'server' }] });
  });

  test('an identity token links as a server does', async () => {
    const stage = memoryStage();
    const body = { batch: [visit({ userId: 'ann', anonymousId: 'laptop' })], token: tokenFor('ann') };
    await stage.collect('batch', body, AS_BROWSER);
    await stage.deliver('critical');

    expect((await stage.profile('u:ann')).body).toMatchObject({ links: [{ key: DEVICE, proof: 'token' }] });
  });

  test('a second proven user on a device makes it shared, in whatever order the two come', async () => {
    for (const users of [
      ['ann', 'bob'],
      ['bob', 'ann'],
    ]) {
      const stage = memoryStage();
      for (const userId of users) await stage.learn([visit({ userId, anonymousId: 'laptop' })]);
      expect((await stage.profile('a:laptop')).body).toMatchObject({ shared: true });
    }
  });

  test('two proven users in one batch make it shared too', async () => {
    const stage = memoryStage();
    await stage.learn(['ann', 'bob', 'eve'].map((userId) => visit({ userId, anonymousId: 'laptop' })));
    expect((await stage.profile('a:laptop')).body).toMatchObject({ shared: true });
  });

  test('its users are told that it is shared, and after that it names none of them', async () => {
    const stage = memoryStage();
    for (const userId of ['ann', 'bob', 'eve']) await stage.learn([visit({ userId, anonymousId: 'laptop' })]);

    const sides = stage.store.items().filter(({ item }) => item === `link#${DEVICE}`);
    expect(sides.map(({ key }) => key).sort()).toEqual(['u:ann', 'u:bob', 'u:eve'].map(keyOf).sort());
    expect(sides.map((item) => linkedDeviceOf(item)?.isShared)).toEqual([true, true, true]);
    const [owner] = stage.store.items().filter(({ item }) => item === 'link');
    expect(owner?.state).toBe('{"s":1}');
  });

  test('a crash before the first user is told is healed by the redelivery', async () => {
    for (const calls of [1, 2, 3, 4, 5]) {
      for (const failure of ['before', 'lost'] as const) {
        const stage = memoryStage();
        await stage.learn([visit({ userId: 'ann', anonymousId: 'laptop' })]);
        await stage.collect('batch', { batch: [visit({ userId: 'bob', anonymousId: 'laptop' })] });
        failWrites(stage, (_item, call) => call === calls && failure);
        expect(await stage.deliver('critical')).not.toBeNull();
        expect(await stage.deliver('critical')).toBeNull();

        const sides = stage.store.items().filter(({ item }) => item === `link#${DEVICE}`);
        expect(sides.map((item) => linkedDeviceOf(item)?.isShared)).toEqual([true, true]);
      }
    }
  });

  test('a hundred devices that claim a user take eight places, write nothing else of theirs and own nothing', async () => {
    const stage = memoryStage();
    const claims = Array.from({ length: 100 }, (_, index) =>
      visit({ userId: 'ann', anonymousId: `d${index}` }),
    );
    await stage.learn(claims, AS_BROWSER);

    expect(itemsOf(stage, USER).sort()).toEqual(Array.from({ length: 8 }, (_, index) => `link#~${index}`));
    expect(stage.store.items().filter(({ item }) => item === 'link')).toEqual([]);
  });

  test('an event without a device links nothing, nor does a placeholder in the place of one', async () => {
    const stage = memoryStage();
    await stage.learn([visit({ userId: 'ann' }), visit({ userId: 'ann', anonymousId: 'undefined' })]);
    expect(itemsOf(stage, USER)).toEqual(['checkout']);
  });

  test('a hundred proven devices are kept, no more', async () => {
    const stage = memoryStage();
    const visits = Array.from({ length: 120 }, (_, index) =>
      visit({ userId: 'ann', anonymousId: `d${index}` }),
    );
    await stage.learn(visits);
    expect(itemsOf(stage, USER).filter((item) => item.startsWith('link#'))).toHaveLength(100);
  });

  test('devices that are only taken away count among the hundred, and what was linked can still be taken away', async () => {
    const stage = memoryStage();
    const linked = Array.from({ length: 60 }, (_, index) =>
      visit({ userId: 'ann', anonymousId: `linked ${index}` }),
    );
    const partings = Array.from({ length: 120 }, (_, index) => parting(`never seen ${index}`));
    await stage.learn([...linked, ...partings, parting('linked 7')]);

    expect(itemsOf(stage, USER).filter((item) => item.startsWith('link#'))).toHaveLength(100);
    const { links } = (await stage.profile('u:ann')).body as { readonly links: readonly unknown[] };
    expect(links).toHaveLength(59);
  });
});

describe('a user’s side of a link that was erased', () => {
  const SIDE = place(`link#${DEVICE}`);
  const erasedAt = 2_000;
  const eraseAll = (stored: StoredItem | undefined) => eraseLink(stored, SIDE, erasedAt, 5_000) ?? stored!;
  const after = (...news: readonly Partial<Link>[]) =>
    news.reduce<StoredItem>(
      (stored, one) => joinLink(stored, SIDE, link(one), 5_000) ?? stored,
      eraseAll(joined(SIDE, link({ at: 1_500 }))),
    );

  test.each<[string, StoredItem, boolean]>([
    ['and of which nothing was said since', after(), true],
    ['and of which word from before came', after({ at: 1_000 }), true],
    ['and of which word of that very time came', after({ at: erasedAt }), true],
    ['and of which a parting from before came', after({ at: 1_900, isUnlinking: true }), true],
    ['and was seen since', after({ at: erasedAt + 1 }), false],
    ['and was taken away since', after({ at: erasedAt + 1, isUnlinking: true }), false],
    ['or rather was not', joined(SIDE, link())!, false],
    ['or rather is none, but was taken away', joined(SIDE, link({ isUnlinking: true }))!, false],
    ['or rather is only known to be shared', joinShared(undefined, SIDE, DEVICE, 5_000)!, false],
  ])('%s', (_which, item, expected) => {
    expect(wasLinkErased(item)).toBe(expected);
  });

  test.each<[string, readonly Link[], boolean]>([
    ['first seen before', [link({ at: 1_999 }), link({ at: 2_001 })], false],
    ['first seen at that time', [link({ at: 2_000 })], false],
    ['first seen after it', [link({ at: 2_001 })], true],
    ['taken away before, and never seen', [link({ at: 1_999, isUnlinking: true })], false],
    ['taken away at that time, and never seen', [link({ at: 2_000, isUnlinking: true })], false],
    ['taken away after it, and never seen', [link({ at: 2_001, isUnlinking: true })], true],
    [
      'seen before and taken away after it',
      [link({ at: 1_999 }), link({ at: 2_001, isUnlinking: true })],
      false,
    ],
    [
      'seen after it, and taken away before',
      [link({ at: 2_001 }), link({ at: 1_999, isUnlinking: true })],
      true,
    ],
  ])('is of since a time if it was %s: %#', (_which, links, expected) => {
    expect(isLinkSince(joined(SIDE, ...links)!, 2_000)).toBe(expected);
  });

  test.each<[string, StoredItem, boolean, boolean]>([
    ['that was seen before', joined(SIDE, link({ at: 1_999 }))!, true, false],
    ['that was seen at that time', joined(SIDE, link({ at: erasedAt }))!, true, false],
    ['that was seen before, and since', joined(SIDE, link({ at: 1 }), link({ at: 9_000 }))!, true, false],
    ['that was seen since', joined(SIDE, link({ at: erasedAt + 1 }))!, false, false],
    ['that was taken away', joined(SIDE, link({ at: 1 }), link({ at: 2, isUnlinking: true }))!, false, false],
    [
      'that was taken away then',
      joined(SIDE, link({ at: 2 }), link({ at: 2, isUnlinking: true }))!,
      false,
      false,
    ],
    ['that is erased, with word from before, and seen since', after({ at: 9 }, { at: 9_000 }), false, true],
    ['that was never seen', joined(SIDE, link({ at: 2, isUnlinking: true }))!, false, true],
    ['that is erased', after(), false, true],
    ['that is erased, with word from before', after({ at: 1_000 }), false, true],
    ['that is erased, and was seen since', after({ at: erasedAt + 1 }), false, true],
    ['that was erased earlier', eraseLink(joined(SIDE, link()), SIDE, erasedAt - 1, 5_000)!, false, true],
    [
      'that was erased earlier, and seen since',
      eraseLink(joined(SIDE, link({ at: erasedAt })), SIDE, erasedAt - 1, 5_000)!,
      true,
      false,
    ],
  ])('%s leads an erasing of its user to the device, or nowhere: %#', (_which, item, toDevice, nowhere) => {
    expect([leadsToDevice(item, erasedAt), leadsNowhere(item, erasedAt)]).toEqual([toDevice, nowhere]);
  });

  test('is of no time if it is only known to be shared', () => {
    expect(isLinkSince(joinShared(undefined, SIDE, DEVICE, 5_000)!, 0)).toBe(false);
  });
});

test('whose a device is and was does not depend on the order of links and unlinks', () => {
  const changes = fc.array(
    fc.record({
      user: fc.constantFrom('u:ann', 'u:bob', 'u:cyd').map(keyOf),
      device: fc.constant(keyOf('a:phone')),
      proof: fc.constantFrom('server' as const, 'token' as const),
      at: fc.integer({ min: 1, max: 9 }),
      isUnlinking: fc.boolean(),
    }),
    { minLength: 2, maxLength: 8, size: 'max' },
  );
  const permuted = changes.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(permuted, ([all, shuffled]) => {
      const standing = (some: readonly Link[], item: 'link' | `link#${string}`) =>
        meaningOf(
          joined(place(item), ...some.filter((one) => placesOf(one).some((where) => where.item === item))),
        );
      expect(standing(shuffled, 'link')).toEqual(standing(all, 'link'));
      expect(standing(shuffled, `link#${keyOf('a:phone')}`)).toBe(standing(all, `link#${keyOf('a:phone')}`));
    }),
  );
});

test('an unlink that comes late does not undo a visit after it, of the same day', async () => {
  const stage = memoryStage();
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 10, hour)).toISOString();
  const ids = { type: 'track', userId: 'ann', anonymousId: 'laptop' };
  for (const hour of [9, 15])
    await stage.learn([{ ...ids, event: 'Cart Viewed', messageId: `visit ${hour}`, timestamp: at(hour) }]);
  await stage.learn([{ ...ids, event: 'Device Unlinked', messageId: 'late', timestamp: at(12) }]);

  expect((await stage.profile('u:ann')).body).toMatchObject({ links: [{ key: DEVICE }] });
});

test('nor does it depend on the order in which visits and unlinks come through the stream', async () => {
  const changes = fc.uniqueArray(
    fc.record({
      userId: fc.constantFrom('ann', 'ann', 'ann', 'bob'),
      hour: fc.integer({ min: 15, max: 30 }),
      event: fc.constantFrom('Cart Viewed', 'Device Unlinked'),
    }),
    { minLength: 3, maxLength: 6, size: 'max', selector: ({ hour }) => hour },
  );
  const permuted = changes.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  await fc.assert(
    fc.asyncProperty(permuted, async (orders) => {
      const [clean, shuffled] = await Promise.all(
        orders.map(async (all) => {
          const stage = memoryStage();
          for (const { hour, ...change } of all) {
            const timestamp = new Date(Date.UTC(2026, 0, 10, hour)).toISOString();
            await stage.learn([
              { ...change, type: 'track', anonymousId: 'laptop', messageId: `m${hour}`, timestamp },
            ]);
          }
          const views = await Promise.all(
            ['u:ann', 'u:bob', 'a:laptop'].map((subject) => stage.profile(subject)),
          );
          return views.map(({ body }) => {
            const { links, shared } = body as { links: { key: string }[]; shared: boolean };
            return [links.map(({ key }) => key), shared];
          });
        }),
      );
      expect(shuffled).toEqual(clean);
    }),
    { numRuns: 300 },
  );
});
