import { eraseSubject } from '../../shared/adapters/erase-subject.ts';
import { foldSubject } from '../../shared/domain/fold.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { isClaimPlace } from '../../shared/domain/links.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import { withoutLateLinks, type ErasingUnderTest } from './rows/erasing.ts';
import { SHIPPED } from './subject-under-test.ts';

const erasingWith =
  (change: (store: ProfileStore) => ProfileStore): ErasingUnderTest['erase'] =>
  (suppression, ports) =>
    eraseSubject(suppression, { ...ports, store: change(ports.store) });

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
];
