import type { StoredItem } from '../../shared/domain/item.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';

const SEQUENCE = '49665432109876543210987654321098765432109876543210987654';

function itemOf(changes: Partial<StoredItem> = {}): StoredItem {
  return {
    key: 'subject-1',
    item: 'checkout',
    v: 1,
    state: '{"methods":{"boleto":{"uses":1}},"name":"Zoë ☕"}',
    watermark: { incarnation: 'critical-1', sequence: SEQUENCE },
    first: 'aB3_-xyz',
    ring: Uint8Array.of(0, 1, 2, 253, 254, 255),
    newestReceivedAt: 1_700_000_000_123,
    writtenAt: 1_700_000_000_456,
    ...changes,
  };
}

/** What every {@link ProfileStore} does. `makeStore` gives an empty one. */
export function behavesLikeAProfileStore(makeStore: () => Promise<ProfileStore>): void {
  let store: ProfileStore;
  beforeEach(async () => {
    store = await makeStore();
  });

  test('an unknown subject has no items', async () => {
    expect(await store.query('nobody')).toEqual([]);
    expect(await store.read([{ key: 'nobody', item: 'checkout' }])).toEqual([]);
  });

  test('a first write is read back whole', async () => {
    const item = itemOf();

    expect(await store.write(item)).toBe('written');

    expect(await store.read([{ key: item.key, item: item.item }])).toEqual([item]);
    expect(await store.query(item.key, { consistent: true })).toEqual([item]);
    expect(await store.query(item.key)).toEqual([item]);
  });

  test('an item without watermark, ring and times is read back without them', async () => {
    const item: StoredItem = { key: 'subject-1', item: 'link#device-9', v: 1, state: '{}' };

    expect(await store.write(item)).toBe('written');

    const [stored] = await store.query('subject-1');
    expect(stored).toEqual(item);
    expect(Object.keys(stored ?? {}).sort()).toEqual(['item', 'key', 'state', 'v']);
  });

  test('an empty ring is a ring', async () => {
    const item = itemOf({ ring: new Uint8Array() });
    await store.write(item);
    expect(await store.query(item.key)).toEqual([item]);
  });

  test('the empty state and a state of 350 KB are read back', async () => {
    const empty = itemOf({ state: '' });
    const large = itemOf({ item: 'orders', state: 'x'.repeat(350 * 1024) });
    expect(await store.write(empty)).toBe('written');
    expect(await store.write(large)).toBe('written');
    expect(await store.query('subject-1')).toEqual([empty, large]);
  });

  test('a position survives with all its digits', async () => {
    const positions = Array.from({ length: 60 }, (_, index) => SEQUENCE.repeat(2).slice(0, index + 1));
    for (const [index, sequence] of positions.entries()) {
      const item = itemOf({ key: `subject-${index}`, watermark: { incarnation: 'a1B2c3D4', sequence } });
      await store.write(item);
      expect(await store.query(item.key)).toEqual([item]);
    }
  });

  test('a position in the former life of a stream survives beside the one in the last, and is not kept where there is none', async () => {
    const both = itemOf({ formerWatermark: { incarnation: 'critical-0', sequence: `${SEQUENCE}9` } });
    await store.write(both);
    expect(await store.query(both.key)).toEqual([both]);

    const one = itemOf({ v: 2 });
    await store.write(one);
    expect(Object.keys((await store.query(one.key))[0] ?? {})).not.toContain('formerWatermark');
  });

  test('a version that follows the stored one replaces it', async () => {
    await store.write(itemOf());
    const second = itemOf({ v: 2, state: '{"second":true}' });

    expect(await store.write(second)).toBe('written');
    expect(await store.query('subject-1')).toEqual([second]);
  });

  test.each([
    ['the same version again', 2],
    ['an older version', 1],
    ['a version ahead of its time', 4],
  ])('%s is a conflict and changes nothing', async (_, v) => {
    await store.write(itemOf());
    const second = itemOf({ v: 2, state: '{"second":true}' });
    await store.write(second);

    expect(await store.write(itemOf({ v, state: '{"late":true}' }))).toBe('conflict');
    expect(await store.query('subject-1')).toEqual([second]);
  });

  test('a second version of what is not there is a conflict', async () => {
    expect(await store.write(itemOf({ v: 2 }))).toBe('conflict');
    expect(await store.query('subject-1')).toEqual([]);
  });

  test('of many writers of one version exactly one wins', async () => {
    await store.write(itemOf());
    const writers = Array.from({ length: 20 }, (_, writer) =>
      itemOf({ v: 2, state: `{"writer":${writer}}` }),
    );

    const outcomes = await Promise.all(writers.map((item) => store.write(item)));

    const winners = writers.filter((_, index) => outcomes[index] === 'written');
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(19);
    expect(await store.query('subject-1', { consistent: true })).toEqual(winners);
  });

  test('a query gives the facets, links and copies of its subject, by name, no page of orders, and of no other', async () => {
    const names = [
      'orders#a',
      'checkout',
      'orders',
      'link#b',
      'browse',
      'orders#0',
      'link#a',
      'claims',
      'device#a',
    ] as const;
    for (const item of names) await store.write(itemOf({ item }));
    await store.write(itemOf({ key: 'subject-10' }));

    const found = await store.query('subject-1');

    expect(found.map(({ item }) => item)).toEqual([
      'browse',
      'checkout',
      'claims',
      'device#a',
      'link#a',
      'link#b',
      'orders',
    ]);
  });

  test('a query of more than one page gives everything', async () => {
    const devices = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, '0'));
    for (const device of devices) {
      await store.write(itemOf({ item: `link#${device}`, state: 'x'.repeat(100 * 1024) }));
    }

    const found = await store.query('subject-1');

    expect(found.map(({ item }) => item)).toEqual(devices.map((device) => `link#${device}`));
  });

  test('a read of many refs, some repeated and some of nothing, gives each stored item once', async () => {
    const keys = Array.from({ length: 250 }, (_, index) => `subject-${index}`);
    await Promise.all(keys.filter((_, index) => index % 2 === 0).map((key) => store.write(itemOf({ key }))));

    const found = await store.read([...keys, ...keys].map((key) => ({ key, item: 'checkout' })));

    expect(found.map(({ key }) => key).sort()).toEqual(keys.filter((_, index) => index % 2 === 0).sort());
  });

  test('a read of no refs gives nothing', async () => {
    expect(await store.read([])).toEqual([]);
  });

  test.each([
    ['too large', itemOf({ state: 'x'.repeat(401 * 1024) })],
    ['without a key', itemOf({ key: '' })],
    ['with a key too long', itemOf({ key: 'k'.repeat(2049) })],
    ['with a version that is none', itemOf({ v: 0 })],
    ['with a position that is none', itemOf({ watermark: { incarnation: 'critical-1', sequence: '0x1f' } })],
    ['with one in a former life', itemOf({ formerWatermark: { incarnation: 'critical-0', sequence: '-1' } })],
  ])('an item %s is refused and leaves no trace', async (_, item) => {
    expect(await store.write(item)).toBe('refused');
    expect(await store.query('subject-1')).toEqual([]);
  });

  test('what a caller does to an item afterwards does not change the stored one', async () => {
    const ring = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const written = store.write(itemOf({ ring }));
    await written;
    ring.fill(9);
    const [first] = await store.query('subject-1');
    first?.ring?.fill(7);

    const [again] = await store.query('subject-1');
    expect(again?.ring).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  test('a query whose time is up is unavailable', async () => {
    await store.write(itemOf());
    await expect(store.query('subject-1', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'StoreUnavailable',
      code: 'store_unavailable',
    });
  });

  test('a query with time left answers', async () => {
    await store.write(itemOf());
    expect(await store.query('subject-1', { signal: AbortSignal.timeout(10_000) })).toEqual([itemOf()]);
  });
}
