import type { RegionCell } from '../../shared/domain/region-cell.ts';
import type { RegionStore } from '../../shared/ports/region-store.ts';

const cellOf = (changes: Partial<RegionCell> = {}): RegionCell => ({
  place: 'BR#SP',
  part: '2026-01#0',
  v: 1,
  state: '{"payment":["boleto","AAAAA"]}',
  expiresAt: 1_800_000_000,
  ...changes,
});

/** What every {@link RegionStore} does. `makeStore` gives an empty one. */
export function behavesLikeARegionStore(makeStore: () => Promise<RegionStore>): void {
  let store: RegionStore;
  beforeEach(async () => {
    store = await makeStore();
  });

  test('an unknown place has no cells', async () => {
    expect(await store.read({ place: 'BR#XX', part: '2026-01#0' })).toBeUndefined();
    expect(await store.newest('BR#XX', 10)).toEqual([]);
  });

  test('a first write is read back whole', async () => {
    expect(await store.write(cellOf())).toBe('written');
    expect(await store.read(cellOf())).toEqual(cellOf());
    expect(await store.newest('BR#SP', 10)).toEqual([cellOf()]);
  });

  test('a version that follows the stored one replaces it, any other is a conflict and changes nothing', async () => {
    const second = cellOf({ v: 2, state: '{}' });
    expect(await store.write(second)).toBe('conflict');
    await store.write(cellOf());
    expect(await store.write(second)).toBe('written');
    for (const v of [1, 2, 4]) expect(await store.write(cellOf({ v }))).toBe('conflict');
    expect(await store.read(cellOf())).toEqual(second);
  });

  test('of many writers of one version exactly one wins', async () => {
    const writers = Array.from({ length: 20 }, (_, writer) => cellOf({ state: `{"w":${writer}}` }));
    const outcomes = await Promise.all(writers.map((cell) => store.write(cell)));
    const winners = writers.filter((_, index) => outcomes[index] === 'written');
    expect(winners).toHaveLength(1);
    expect(await store.read(cellOf())).toEqual(winners[0]);
  });

  test('the newest months of a place come first, so many as asked for, and of no other place', async () => {
    const parts = ['2025-12#3', '2026-02#0', '2026-01#1', '2026-02#3', '2025-11#0'];
    for (const part of parts) await store.write(cellOf({ part }));
    for (const place of ['BR#', 'BR#S', 'BR#SPX', 'BQ#SP'] as const) await store.write(cellOf({ place }));

    const partsOf = async (limit: number) => (await store.newest('BR#SP', limit)).map(({ part }) => part);
    expect(await partsOf(10)).toEqual(['2026-02#3', '2026-02#0', '2026-01#1', '2025-12#3', '2025-11#0']);
    expect(await partsOf(2)).toEqual(['2026-02#3', '2026-02#0']);
  });

  test('more cells than a page holds are read', async () => {
    const parts = Array.from({ length: 12 }, (_, index) => `2026-01#${String.fromCodePoint(97 + index)}`);
    for (const part of parts) await store.write(cellOf({ part, state: 'x'.repeat(200 * 1024) }));
    expect((await store.newest('BR#SP', 11)).map(({ part }) => part)).toEqual(parts.reverse().slice(0, 11));
  });

  test.each([
    ['too large', cellOf({ state: 'x'.repeat(401 * 1024) })],
    ['with a version that is none', cellOf({ v: 0 })],
  ])('a cell %s is refused and leaves no trace', async (_, cell) => {
    expect(await store.write(cell)).toBe('refused');
    expect(await store.newest('BR#SP', 10)).toEqual([]);
  });

  test('a read whose time is up is unavailable; one with time left answers', async () => {
    await store.write(cellOf());
    await expect(store.newest('BR#SP', 10, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'StoreUnavailable',
      code: 'store_unavailable',
    });
    expect(await store.newest('BR#SP', 10, { signal: AbortSignal.timeout(10_000) })).toEqual([cellOf()]);
  });
}
