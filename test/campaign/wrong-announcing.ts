import type { ScheduleOptions } from './schedule.ts';
import {
  announceMemberships,
  type AnnounceDependencies,
} from '../../functions/fold-profiles/announce-memberships.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { decodeStandings, encodeStandings } from '../../shared/domain/segments/standing.ts';
import { AnnouncementsUnavailable } from '../../shared/ports/announcements.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import { SHIPPED, type Batch, type FoldUnderTest } from './subject-under-test.ts';

/** The fold alone, and telling as `announce` does it once its records are taken; `keys`: those that it wrote for. */
const telling =
  (
    announce: (keys: readonly string[], dependencies: AnnounceDependencies) => Promise<void>,
    when: 'before' | 'after' = 'after',
  ): FoldUnderTest =>
  async (batch) => {
    const { announcing, ...rest } = batch;
    if (announcing === undefined) return await SHIPPED(batch);
    const keys = new Set<string>();
    const store: ProfileStore = {
      ...batch.store,
      async write(item) {
        keys.add(item.key);
        return await batch.store.write(item);
      },
    };
    const dependencies = { ...announcing, store: batch.store, clock: { now: batch.now } };
    const all = [...new Set(batch.records.map(({ partitionKey }) => partitionKey))];
    try {
      if (when === 'before') await announce(all, dependencies);
      const failed = await SHIPPED({ ...rest, store, windows: announcing.segments.windows });
      if (when === 'after') await announce([...keys], dependencies);
      return failed;
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof AnnouncementsUnavailable)
        return batch.records[0]?.sequence ?? null;
      throw error;
    }
  };

const withStore =
  (change: (batch: Batch) => ProfileStore): FoldUnderTest =>
  (batch) =>
    SHIPPED({ ...batch, store: change(batch) });

/** Each of a partition's reads in a Query shows what was there before the last write, as the other replica does. */
function stale(): FoldUnderTest {
  const before = new Map<string, readonly StoredItem[]>();
  return withStore(({ store }) => ({
    ...store,
    async write(item) {
      const seen = await store.query(item.key, { consistent: true });
      const outcome = await store.write(item);
      if (outcome === 'written') before.set(item.key, seen);
      return outcome;
    },
    async query(key, options) {
      const items = await store.query(key, options);
      const old = before.get(key);
      before.delete(key);
      return old ?? items;
    },
  }));
}

/** Whoever writes what was found takes it that nothing has come in the meantime. */
const doesNotLookAgain = withStore(({ store }) => {
  const seen = new Map<string, readonly StoredItem[]>();
  const repeat = new Map<string, readonly StoredItem[]>();
  return {
    ...store,
    async query(key, options) {
      const known = repeat.get(key);
      repeat.delete(key);
      const items = known ?? (await store.query(key, options));
      seen.set(key, items);
      return items;
    },
    async write(item) {
      const outcome = await store.write(item);
      if (outcome === 'written' && item.item === 'membership')
        repeat.set(item.key, [
          ...(seen.get(item.key) ?? []).filter((one) => one.item !== 'membership'),
          item,
        ]);
      return outcome;
    },
  };
});

/** What an earlier try has found and not told is not told. */
const tellsItsOwnAlone = withStore(({ store }) => {
  const own = new Set<string>();
  return {
    ...store,
    async query(key, options) {
      const items = await store.query(key, options);
      return items.map((item) =>
        item.item !== 'membership' || own.has(`${key} ${item.v}`)
          ? item
          : { ...item, state: encodeStandings({ ...decodeStandings(item), untold: [] }) },
      );
    },
    async write(item) {
      const outcome = await store.write(item);
      if (item.item === 'membership') own.add(`${item.key} ${item.v}`);
      return outcome;
    },
  };
});

/** What is to be told is not kept with what was found. */
const forgetsWhatItMustTell = withStore(({ store }) => ({
  ...store,
  async write(item) {
    if (item.item !== 'membership') return store.write(item);
    const outcome = await store.write({
      ...item,
      state: encodeStandings({ ...decodeStandings(item), untold: [] }),
    });
    return outcome;
  },
}));

export interface WrongAnnouncing {
  readonly name: string;
  readonly fold: () => FoldUnderTest;
  /** What it takes to find it out. */
  readonly schedule?: ScheduleOptions;
}

/** Ways to announce that are wrong as such ways are in practice: each must be found out. */
export const WRONG_ANNOUNCING: readonly WrongAnnouncing[] = [
  {
    name: 'judging before the write',
    fold: () => telling((keys, dependencies) => announceMemberships(keys, true, dependencies), 'before'),
  },
  {
    name: 'judging only whom this very batch has changed',
    fold: () => telling((keys, dependencies) => announceMemberships(keys, false, dependencies)),
  },
  { name: 'a Query that is not consistent', fold: stale },
  // Both lanes must write at once, which they do ten times as often when nothing keeps them.
  { name: 'no second look after the write', fold: () => doesNotLookAgain, schedule: { odds: {} } },
  { name: 'telling only what it has found itself', fold: () => tellsItsOwnAlone },
  { name: 'not keeping what is to be told', fold: () => forgetsWhatItMustTell },
];
