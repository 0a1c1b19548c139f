import type { StoredItem } from '../../shared/domain/item.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import { LONGER_THAN_A_RING } from './rows/any-schedule.ts';
import type { ScheduleOptions } from './schedule.ts';
import { LOOKING } from './shop-events.ts';
import { SHIPPED, type Batch, type FoldUnderTest } from './subject-under-test.ts';

const withStore =
  (change: (store: ProfileStore) => ProfileStore): FoldUnderTest =>
  (batch) =>
    SHIPPED({ ...batch, store: change(batch.store) });

/** What the facet last took is not kept. */
const withoutWatermark = withStore((store) => ({
  ...store,
  write: ({ watermark: _watermark, ...item }) => store.write(item),
}));

/** "Done" is written first, and what was done after it. */
const marksBeforeItWrites = withStore((store) => ({
  ...store,
  async write(item) {
    if (item.watermark === undefined) return store.write(item);
    const [stored] = await store.read([item]);
    const marked: StoredItem = { ...item, state: stored?.state ?? '{}', v: item.v };
    const outcome = await store.write(marked);
    return outcome === 'written' ? store.write({ ...item, v: item.v + 1 }) : outcome;
  },
}));

/** A failure is logged, and the batch goes on behind it. */
const skipsPastAFailure: FoldUnderTest = async (batch) => {
  await SHIPPED(batch);
  return null;
};

/** What there was no time for is not told of. */
const skipsWhatItHadNoTimeFor: FoldUnderTest = async (batch) => {
  let isOutOfTime = false;
  const hasTime = (): boolean => {
    const has = batch.hasTime?.() ?? true;
    isOutOfTime ||= !has;
    return has;
  };
  const failed = await SHIPPED({ ...batch, hasTime });
  return isOutOfTime ? null : failed;
};

/** Sequence numbers are kept as numbers, which have 53 bits for 56 digits. */
const comparesAsNumbers = withStore((store) => ({
  ...store,
  write: (item) =>
    store.write(
      item.watermark === undefined
        ? item
        : {
            ...item,
            watermark: { ...item.watermark, sequence: BigInt(Number(item.watermark.sequence)).toString() },
          },
    ),
}));

/** A stream that was made anew is taken for the one before. */
const forgetsTheIncarnation: FoldUnderTest = (batch) => SHIPPED({ ...batch, stream: 'one-and-the-same' });

/** Of two lives of a stream, what came last is remembered alone. */
const remembersOneLife = withStore((store) => ({
  ...store,
  write: ({ formerWatermark: _formerWatermark, ...item }) => store.write(item),
}));

/** Each event adds to what is stored, whatever is stored: `ADD uses 1`, tried again when the answer is lost. */
const bareAdd: FoldUnderTest = async (batch) => {
  const failed = await SHIPPED(batch);
  for (const { partitionKey, sequence } of batch.records) {
    try {
      await add(batch, partitionKey);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return failed ?? sequence;
    }
  }
  return failed;
};

/** An item beside the facets, as a counter would be kept: no condition but the store's own. */
async function add({ store }: Batch, key: string): Promise<void> {
  const [stored] = await store.read([{ key, item: 'claims-browse' }]);
  const count = Number(stored?.state ?? 0) + 1;
  const outcome = await store.write({
    key,
    item: 'claims-browse',
    v: (stored?.v ?? 0) + 1,
    state: String(count),
  });
  if (outcome === 'conflict') await add({ store } as Batch, key);
}

export interface WrongFold {
  readonly name: string;
  readonly fold: FoldUnderTest;
  /** What it comes to when nothing goes wrong; default: what the fold that ships comes to. */
  readonly expected?: FoldUnderTest;
  /** What it takes to find it out. */
  readonly schedule?: ScheduleOptions;
}

/** Folds that are wrong as folds are in practice: each must be found out. */
export const WRONG_FOLDS: readonly WrongFold[] = [
  {
    name: 'a fold without a watermark',
    fold: withoutWatermark,
    // The ring knows a redelivery of less than it holds: only a batch of more of one visitor's events tells.
    schedule: {
      shop: { events: 500, mix: LOOKING, users: ['ann'], devices: ['phone'] },
      batchSize: 800,
    },
  },
  { name: 'a mark that is made before the write', fold: marksBeforeItWrites },
  { name: 'going on past a failure', fold: skipsPastAFailure },
  // Nothing fails: time alone is short.
  { name: 'skipping what there was no time for', fold: skipsWhatItHadNoTimeFor, schedule: { odds: {} } },
  { name: 'a bare ADD', fold: bareAdd, expected: bareAdd, schedule: { isModelled: false } },
  { name: 'sequence numbers compared as numbers', fold: comparesAsNumbers },
  { name: 'an incarnation that is forgotten', fold: forgetsTheIncarnation, schedule: { lives: 2 } },
  {
    name: 'one life of a stream remembered, when two overlap',
    fold: remembersOneLife,
    schedule: { ...LONGER_THAN_A_RING, lives: 2, isOverlapping: true },
  },
  {
    name: 'losing the same events in a quiet pass',
    fold: forgetsTheIncarnation,
    expected: forgetsTheIncarnation,
    schedule: { lives: 2, odds: {} },
  },
];
