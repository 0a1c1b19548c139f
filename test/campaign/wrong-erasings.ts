import { eraseSubject } from '../../shared/adapters/erase-subject.ts';
import { foldSubject } from '../../shared/domain/fold.ts';
import { isDeviceCopy } from '../../shared/domain/device-copy.ts';
import type { Suppression } from '../../shared/domain/erasure.ts';
import { FIRST_PAGE, type StoredItem } from '../../shared/domain/item.ts';
import { deviceIn, forgetFirstUser, isClaimPlace, isErasedLink } from '../../shared/domain/links.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import { withoutLateLinks, type ErasingUnderTest } from './rows/erasing.ts';
import { SHIPPED, type FoldUnderTest } from './subject-under-test.ts';

const erasingWith =
  (change: (store: ProfileStore) => ProfileStore): ErasingUnderTest['erase'] =>
  (suppression, ports) =>
    eraseSubject(suppression, { ...ports, store: change(ports.store) });

const foldingWith =
  (change: (store: ProfileStore) => ProfileStore): FoldUnderTest =>
  (batch) =>
    SHIPPED({ ...batch, store: change(batch.store) });

const withoutErasing = ({ erasedAt: _erasedAt, ...item }: StoredItem): StoredItem => item;

/** Erasings, and folds beside them, that are wrong as they are in practice: each must be found out. */
export const WRONG_ERASINGS: readonly ({ readonly name: string } & ErasingUnderTest)[] = [
  {
    name: 'a fold that ignores the tombstone',
    fold: (batch) =>
      SHIPPED({
        ...batch,
        foldSubject: (key, records, items, context) =>
          foldSubject(
            key,
            records,
            new Map([...items].map(([name, item]) => [name, item && withoutErasing(item)])),
            context,
          ),
      }),
  },
  {
    name: 'an erasing that forgets devices',
    erase: erasingWith((store) => ({
      ...store,
      query: async (key, options) =>
        (await store.query(key, options)).filter(
          ({ item }) => !item.startsWith('link#') || isClaimPlace(item),
        ),
    })),
  },
  {
    name: 'an erasing that forgets facets that are not there yet',
    erase: erasingWith((store) => ({
      ...store,
      write: (item) => (item.v === 1 ? Promise.resolve('written') : store.write(item)),
    })),
  },
  {
    name: 'an erasing that forgets the watermark',
    erase: erasingWith((store) => ({
      ...store,
      write: ({ watermark: _watermark, ...item }) => store.write(item),
    })),
  },
  {
    name: 'an erasing that writes over whatever is there',
    erase: erasingWith((store) => ({
      ...store,
      async write(item) {
        const [stored] = await store.read([item]);
        const { watermark, ...rest } = item;
        return store.write({ ...rest, ...(watermark && { watermark }), v: (stored?.v ?? 0) + 1 });
      },
    })),
  },
  { name: 'a fold that leaves devices alone of which it hears late', fold: withoutLateLinks },
  {
    name: 'a fold that erases no more than the facets of a device of which it hears late',
    fold: foldingWith((store) => ({
      ...store,
      write: (item) => (isRest(item) ? Promise.resolve('written') : store.write(item)),
    })),
  },
  {
    name: 'an erasing that takes for a parting what it has erased before',
    async erase(suppression, ports) {
      const { store, clock } = ports;
      const before = await store.query(suppression.key, { consistent: true });
      await eraseSubject(suppression, ports);
      for (const side of before.filter(({ item }) => item.startsWith('link#') && !isClaimPlace(item))) {
        const [owner] = isErasedLink(side)
          ? await store.read([{ key: deviceIn(side.item), item: 'link' }])
          : [];
        const forgotten = owner && forgetFirstUser(owner, clock.now());
        if (forgotten) await store.write(forgotten);
      }
    },
  },
  {
    name: 'an erasing that gives each facet a time of its own',
    async erase(suppression, ports) {
      const known = { ...suppression, erasedAt: await ports.suppressions.record(suppression) };
      await eraseSubject(known, { ...ports, store: withOwnTimes(ports.store, known) });
    },
  },
  {
    name: 'an erasing that puts down a device of its user as one that is erased alone',
    erase: (suppression, { suppressions, ...ports }) =>
      eraseSubject(suppression, {
        ...ports,
        suppressions: {
          ...suppressions,
          record: ({ kind, ...one }) =>
            suppressions.record({ ...one, kind: kind === 'owned' ? 'device' : kind }),
        },
      }),
  },
  {
    name: 'a fold that links as if the link had never been erased',
    fold: foldingWith((store) => ({
      ...store,
      read: async (refs) =>
        (await store.read(refs)).map((item) => (item.item.startsWith('link#') ? unparted(item) : item)),
    })),
  },
  {
    name: 'a device that is found to be shared and leaves its copy',
    fold: foldingWith((store) => ({
      ...store,
      write: (item) =>
        isDeviceCopy(item.item) && item.state === '{}' ? Promise.resolve('written') : store.write(item),
    })),
  },
];

/** What stands in an erased subject's partition beside its facets, and leads nowhere. */
function isRest({ item, state, erasedAt }: StoredItem): boolean {
  return erasedAt !== undefined && (item === 'membership' || (item.startsWith(FIRST_PAGE) && state === '[]'));
}

/** Each facet is erased as of the newest that it knows itself, and says so to nobody. */
function withOwnTimes(store: ProfileStore, { key: subject, erasedAt: asked }: Suppression): ProfileStore {
  const isFacet = ({ key, item }: Pick<StoredItem, 'key' | 'item'>): boolean =>
    key === subject && (item === 'orders' || item === 'checkout');
  return {
    ...store,
    read: async (refs) =>
      (await store.read(refs)).map((item) =>
        isFacet(item) && (item.erasedAt ?? 0) >= asked ? { ...item, erasedAt: asked } : item,
      ),
    async write(item) {
      if (!isFacet(item)) return store.write(item);
      const [stored] = await store.read([item]);
      return store.write({ ...item, erasedAt: Math.max(asked, stored?.newestReceivedAt ?? 0) });
    },
  };
}

function unparted(item: StoredItem): StoredItem {
  const { x: _erasedAt, ...state } = JSON.parse(item.state) as Readonly<Record<string, unknown>>;
  return { ...item, state: JSON.stringify(state) };
}
