import {
  entomb,
  erasingTime,
  facetsToErase,
  isErased,
  isTombstone,
  lateLinksOf,
  restToErase,
} from '../../shared/domain/erasure.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { eraseLink, joinLink, linkedDeviceOf, type Link, type LinkPlace } from '../../shared/domain/links.ts';
import { profileOf } from '../../shared/domain/profile.ts';
import { streamEvent, type EventSketch } from '../events.ts';
import { keyOf } from '../memory-stage.ts';

const KEY = keyOf('u:ann');
const PHONE = keyOf('a:phone');
const Z = 5_000;
const NOW = 9_000;

const facet: StoredItem = {
  key: KEY,
  item: 'checkout',
  v: 7,
  state: '{"p":["pix","x"]}',
  watermark: { incarnation: 'life', sequence: '42' },
  first: 'abcdefgh',
  ring: new Uint8Array(6),
  newestReceivedAt: 4_000,
  writtenAt: 4_100,
};
const at = (item: StoredItem['item']): LinkPlace => ({ key: KEY, item });

describe('a tombstone', () => {
  test('keeps version, watermark and first record of a facet, and nothing else', () => {
    expect(entomb(at('checkout'), facet, Z, NOW)).toStrictEqual({
      key: KEY,
      item: 'checkout',
      v: 8,
      state: '{}',
      watermark: { incarnation: 'life', sequence: '42' },
      first: 'abcdefgh',
      erasedAt: Z,
      writtenAt: NOW,
    });
  });

  test('keeps how far its facet has come in the former life of its stream, too', () => {
    const formerWatermark = { incarnation: 'former', sequence: '99' };
    expect(entomb(at('checkout'), { ...facet, formerWatermark }, Z, NOW)).toMatchObject({
      watermark: { incarnation: 'life', sequence: '42' },
      formerWatermark,
    });
  });

  test('stands where nothing was, too', () => {
    expect(entomb(at('claims'), undefined, Z, NOW)).toStrictEqual({
      key: KEY,
      item: 'claims',
      v: 1,
      state: '{}',
      erasedAt: Z,
      writtenAt: NOW,
    });
  });

  test('is of no earlier time than anything that the facet took: that came in meanwhile', () => {
    expect(entomb(at('checkout'), { ...facet, newestReceivedAt: 6_000 }, Z, NOW)?.erasedAt).toBe(6_000);
    expect(entomb(at('checkout'), { ...facet, newestReceivedAt: Z }, Z, NOW)?.erasedAt).toBe(Z);
  });

  test.each([
    [Z - 1, true],
    [Z, false],
    [Z + 1, false],
  ])('of %i is written anew as of 5000: %j', (erasedAt, isWritten) => {
    for (const item of ['checkout', 'orders#3'] as const)
      expect(entomb(at(item), { ...facet, item, erasedAt }, Z, NOW) !== null).toBe(isWritten);
  });

  test('of a page holds no order, and of a copy no time: it is older than any word of its device', () => {
    expect(entomb(at('orders#3'), { ...facet, item: 'orders#3', state: '[["o1"]]' }, Z, NOW)).toStrictEqual({
      key: KEY,
      item: 'orders#3',
      v: 8,
      state: '[]',
      erasedAt: Z,
      writtenAt: NOW,
    });
    const copy: StoredItem = {
      key: KEY,
      item: `device#${PHONE}`,
      v: 2,
      state: '{"v":[1,0,0]}',
      writtenAt: 1,
    };
    const erased = entomb(at(copy.item), copy, Z, NOW);
    expect(erased).toStrictEqual({ key: KEY, item: copy.item, v: 3, state: '{}', erasedAt: Z });
    expect(entomb(at(copy.item), erased ?? undefined, Z + 1, NOW)).toBeNull();
    expect(profileOf(erased ? [erased] : []).copies).toMatchObject([
      { takenAt: 0, facts: { exists: false } },
    ]);
  });
});

test('what is erased is what happened up to then, whatever was there', () => {
  expect([undefined, {}, { erasedAt: Z }].map((stored) => isErased(stored, Z))).toEqual([false, false, true]);
  expect([Z - 1, Z + 1].map((time) => isErased({ erasedAt: Z }, time))).toEqual([true, false]);
  expect(isErased({ erasedAt: 0 }, 0)).toBe(true);
});

test('every facet of a user and of a device is erased, all pages, and all places of claims', () => {
  expect(facetsToErase('device')).toEqual(['checkout', 'orders', 'browse']);
  expect(facetsToErase('user')).toEqual(['checkout', 'orders', 'browse', 'claims', 'claims-browse']);
  const pages = Array.from('0123456789abcdef').map((digit) => `orders#${digit}`);
  expect(restToErase('device')).toEqual([...pages, 'membership']);
  expect(restToErase('user')).toEqual([
    ...pages,
    'membership',
    ...Array.from('01234567').map((slot) => `link#~${slot}`),
  ]);
});

describe('an item is a tombstone', () => {
  test.each<[string, Partial<StoredItem>, boolean]>([
    ['a facet of somebody who was never erased', { newestReceivedAt: 1 }, false],
    ['a facet into which nothing ever got but poison', { newestReceivedAt: undefined! }, false],
    ['a facet that was erased', { state: '{}', erasedAt: Z }, true],
    ['a facet that was erased, and what is yet to arrive', { erasedAt: Z }, false],
    [
      'a facet that took what changed nothing since',
      { state: '{}', erasedAt: Z, newestReceivedAt: Z + 1 },
      false,
    ],
    [
      'a checkout that knows only of a device that was erased since',
      { state: '{"x":[[5,"abc"]]}', erasedAt: Z },
      true,
    ],
    [
      'a checkout that took a parting since',
      { state: '{"x":[[5,"abc"]]}', erasedAt: Z, newestReceivedAt: Z + 1 },
      false,
    ],
    ['a checkout that says more', { state: '{"x":[[5,"abc"]],"d":[]}', erasedAt: Z }, false],
    ['views since', { item: 'browse', state: '{"x":[[5,"abc"]]}', erasedAt: Z }, false],
    ['standings that were erased', { item: 'membership', state: '{}', erasedAt: Z }, true],
    ['standings since', { item: 'membership', state: '{"s":[]}', erasedAt: Z }, false],
    ['a facet that took something since', { erasedAt: Z, newestReceivedAt: Z + 1 }, false],
    ['an empty page', { item: 'orders#1', state: '[]', erasedAt: Z }, true],
    ['a page with orders', { item: 'orders#1', state: '[["o1",1]]', erasedAt: Z }, false],
    ['a page of somebody who was never erased', { item: 'orders#1', state: '[]' }, false],
    ['a copy that was erased', { item: 'device#x', erasedAt: Z, writtenAt: undefined! }, true],
    ['a copy', { item: 'device#x', writtenAt: 1 }, false],
    ['a copy that was made anew since', { item: 'device#x', erasedAt: Z, writtenAt: 1 }, false],
    ...(
      [
        ['a link that was erased', { f: 0, l: 0, x: 5, z: 5 }, true],
        ['a link that came again', { f: 6, l: 6, x: 5, z: 5 }, false],
        ['a parting before any visit', { f: 0, l: 0, x: 5 }, false],
        ['a parting after it was erased', { f: 0, l: 0, x: 6, z: 5 }, false],
      ] as const
    ).map(([name, said, expected]): [string, Partial<StoredItem>, boolean] => {
      const state = JSON.stringify({ d: 'x', p: 'none', ...said });
      return [name, { item: 'link#x', state }, expected];
    }),
    ['a mark before its link', { item: 'link#x', state: '{"d":"x","p":"none","f":0,"l":0,"s":1}' }, false],
    ["a device's side", { item: 'link', state: '{"u":"x"}' }, false],
  ])('%s: %#', (_name, change, expected) => {
    const { newestReceivedAt: _newest, ...rest } = facet;
    expect(isTombstone({ ...rest, ...change })).toBe(expected);
  });
});

test('somebody is erased no earlier than anything that is known of them came in', () => {
  expect(erasingTime([], NOW)).toBe(NOW);
  expect(erasingTime([facet, { ...facet, newestReceivedAt: NOW + 3 }, facet], NOW)).toBe(NOW + 3);
  expect(
    erasingTime(
      [at('link#~1')].map((place) => ({ ...place, v: 1, state: '{}' })),
      NOW,
    ),
  ).toBe(NOW);
});

describe('an erased link', () => {
  const place = at(`link#${PHONE}`);
  const link = (time: number, change: Partial<Link> = {}): Link => ({
    user: KEY,
    device: PHONE,
    proof: 'server',
    at: time,
    ...change,
  });
  const after = (...steps: readonly (Link | number)[]): StoredItem | undefined =>
    steps.reduce<StoredItem | undefined>(
      (stored, step) =>
        (typeof step === 'number'
          ? eraseLink(stored, place, step, NOW)
          : joinLink(stored, place, step, NOW)) ?? stored,
      undefined,
    );
  const deviceAfter = (...steps: readonly (Link | number)[]) => {
    const item = after(...steps);
    return item && linkedDeviceOf(item);
  };

  test('says nothing but that it was, whatever it said', () => {
    const nothing = { d: PHONE, p: 'none', f: 0, l: 0, x: Z, z: Z };
    for (const steps of [[link(1), link(2)], [link(3, { isUnlinking: true })], []])
      expect(JSON.parse(after(...steps, Z)?.state ?? '')).toStrictEqual(nothing);
  });

  test('is not made again by a word from before, and is by one from since', () => {
    expect(deviceAfter(link(1), Z, link(Z))).toBeUndefined();
    expect(deviceAfter(link(1), Z, link(2), link(Z + 1))).toMatchObject({
      proof: 'server',
      firstAt: expect.any(Number) as number,
      lastAt: Z + 1,
    });
  });

  test('keeps what was said since, and began no earlier than that', () => {
    expect(JSON.parse(after(link(1), link(Z + 2), Z)?.state ?? '')).toStrictEqual({
      d: PHONE,
      p: 'server',
      f: Z + 1,
      l: Z + 2,
      x: Z,
      z: Z,
    });
    expect(deviceAfter(link(Z + 1), link(Z + 2), Z)).toMatchObject({ firstAt: Z + 1, lastAt: Z + 2 });
    expect(deviceAfter(link(Z + 2), link(Z + 3), Z)).toMatchObject({ firstAt: Z + 2, lastAt: Z + 3 });
    expect(deviceAfter(link(Z), link(Z + 2), Z)).toMatchObject({ firstAt: Z + 1, lastAt: Z + 2 });
  });

  test('says nothing of what was at that very time', () => {
    expect(JSON.parse(after(link(Z), Z)?.state ?? '')).toMatchObject({ p: 'none', f: 0, l: 0 });
  });

  test('keeps a visit since that is known elsewhere, and none from before', () => {
    const seen = (seenAt: number, ...steps: readonly (Link | number)[]) => {
      const item = eraseLink(after(...steps), place, Z, NOW, seenAt);
      return item && linkedDeviceOf(item);
    };
    expect(seen(Z + 5, link(1))).toMatchObject({ proof: 'server', firstAt: Z + 1, lastAt: Z + 5 });
    expect(seen(Z + 5, link(Z + 9))).toMatchObject({ lastAt: Z + 9 });
    expect(seen(Z, link(1))).toBeUndefined();
    expect(seen(Z + 5, link(1), link(Z + 7, { isUnlinking: true }))).toBeUndefined();
    expect(seen(Z + 5)).toBeUndefined();
  });

  test('that was erased as of later keeps nothing from before that', () => {
    const item = eraseLink(after(link(1), Z + 9, link(3)), place, Z, NOW, Z + 5);
    expect(JSON.parse(item?.state ?? '')).toMatchObject({ f: 0, l: 0, x: Z + 9, z: Z + 9 });
  });

  test('into which a fold that was under way brings a time from before loses it when it is erased again', () => {
    expect(deviceAfter(link(1), Z, link(Z + 2), link(3))).toMatchObject({ firstAt: 3 });
    expect(deviceAfter(link(1), Z, link(Z + 2), link(3), Z)).toMatchObject({ firstAt: Z + 1, lastAt: Z + 2 });
  });

  test('erased as of then already, or later, is not written anew', () => {
    for (const steps of [[Z], [Z + 1], [Z, link(Z + 1)]])
      expect(eraseLink(after(...steps), place, Z, NOW)).toBeNull();
    expect(eraseLink(after(Z, link(Z)), place, Z, NOW)).not.toBeNull();
    expect(eraseLink(after(Z), place, Z + 1, NOW)).not.toBeNull();
  });

  test('that is taken away later than that stays so', () => {
    expect(deviceAfter(link(1), link(Z + 9, { isUnlinking: true }), Z, link(Z + 5))).toBeUndefined();
  });

  test('of a shared device stays marked', () => {
    expect(JSON.parse(after(link(1, { isShared: true }), Z)?.state ?? '')).toMatchObject({ s: 1 });
  });

  test('that was only claimed names no device any more, and none that claimed it before', () => {
    const slot = at('link#~3');
    const claim = (time: number): Link => link(time, { proof: 'none' });
    const claimed = joinLink(undefined, slot, claim(1), NOW) ?? undefined;
    const erased = eraseLink(claimed, slot, Z, NOW) ?? undefined;

    expect(JSON.parse(erased?.state ?? '')).toStrictEqual({ d: '', p: 'none', f: 0, l: 0, x: Z, z: Z });
    expect(joinLink(erased, slot, claim(Z), NOW)).toBeNull();
    const again = joinLink(erased, slot, claim(Z + 1), NOW) ?? undefined;
    expect(again && linkedDeviceOf(again)).toMatchObject({ device: PHONE, lastAt: Z + 1 });
    expect(eraseLink(again, slot, Z, NOW)).toBeNull();
    const later = joinLink(undefined, slot, claim(Z + 1), NOW) ?? undefined;
    expect(JSON.parse(eraseLink(later, slot, Z, NOW)?.state ?? '')).toMatchObject({
      d: PHONE,
      l: Z + 1,
      x: Z,
    });
  });
});

describe('what landed in a partition after it was erased', () => {
  const tombstone = (erasedAt: number): StoredItem => ({
    key: KEY,
    item: 'checkout',
    v: 1,
    state: '{}',
    erasedAt,
  });
  const landed = (time: number): readonly StoredItem[] => [
    { key: KEY, item: `link#${PHONE}`, v: 1, state: `{"d":"${PHONE}","p":"server","f":1,"l":${time}}` },
    { key: KEY, item: `device#${PHONE}`, v: 1, state: '{"v":[1,0,0]}', writtenAt: time },
  ];

  test('counts only if it is from since', () => {
    expect(profileOf([tombstone(Z), ...landed(Z)])).toMatchObject({
      devices: [],
      copies: [],
      isErased: true,
    });
    const { devices, copies } = profileOf([tombstone(Z), ...landed(Z + 1)]);
    expect([devices.length, copies.length]).toEqual([1, 1]);
  });

  test('does not make anybody erased who has come since', () => {
    const since = { ...tombstone(Z), item: 'browse' as const, newestReceivedAt: Z + 1 };
    expect(profileOf([since, tombstone(Z)])).not.toHaveProperty('isErased');
  });
});

describe('a late link', () => {
  const visit = (time: number, device: string, more: EventSketch = {}) => ({
    ...streamEvent({ type: 'identify', keys: { user: KEY, device: keyOf(`a:${device}`) }, ...more }),
    at: time,
  });

  test('is the last of each device that a suppressed event proves', () => {
    const links = lateLinksOf(
      [visit(1, 'phone'), visit(3, 'laptop'), visit(2, 'phone'), visit(1, 'phone')],
      Z,
    );
    expect(links.map(({ link, erasedAt }) => [link.device, link.at, erasedAt])).toEqual([
      [keyOf('a:phone'), 2, Z],
      [keyOf('a:laptop'), 3, Z],
    ]);
  });

  test('is a parting where no visit to that device is told of', () => {
    const parting = (minute: number, device: string) =>
      visit(minute, device, { type: 'track', event: 'Device Unlinked' });
    const links = lateLinksOf(
      [
        parting(9, 'phone'),
        visit(1, 'phone'),
        parting(8, 'phone'),
        parting(2, 'laptop'),
        parting(3, 'laptop'),
      ],
      Z,
    );
    expect(links.map(({ link }) => [link.device, link.at, link.isUnlinking ?? false])).toEqual([
      [keyOf('a:phone'), 1, false],
      [keyOf('a:laptop'), 3, true],
    ]);
  });

  test('is none without proof, and none where nobody is erased', () => {
    expect(lateLinksOf([visit(1, 'phone')], undefined)).toEqual([]);
    expect(lateLinksOf([{ ...visit(1, 'phone'), subject: { kind: 'device', key: PHONE } }], Z)).toEqual([]);
  });
});
