import { SHIPPED, type FoldUnderTest } from './subject-under-test.ts';

/** From so many records of one subject in a batch on, it counts as hot. */
const HOT = 20;

function crowdOf(records: Parameters<FoldUnderTest>[0]['records']): string | undefined {
  const counts = new Map<string, number>();
  for (const { partitionKey } of records) counts.set(partitionKey, (counts.get(partitionKey) ?? 0) + 1);
  return [...counts].find(([, count]) => count >= HOT)?.[0];
}

/** Each write in two: the effect, and once more as if to be sure. */
const writesTwice: FoldUnderTest = (batch) =>
  SHIPPED({
    ...batch,
    store: {
      ...batch.store,
      async write(item) {
        const outcome = await batch.store.write(item);
        return outcome === 'written' ? batch.store.write({ ...item, v: item.v + 1 }) : outcome;
      },
    },
  });

/** Each event by itself. */
const writesEachEvent: FoldUnderTest = async (batch) => {
  for (const record of batch.records) {
    const failed = await SHIPPED({ ...batch, records: [record] });
    if (failed !== null) return failed;
  }
  return null;
};

/** Once it has taken what was before them, those that come beside a hot subject are left for the next batch. */
const othersWait: FoldUnderTest = async (batch) => {
  const hot = crowdOf(batch.records);
  const first = batch.records.findIndex(({ partitionKey }) => hot !== undefined && partitionKey !== hot);
  if (first <= 0) return await SHIPPED(batch);
  return (
    (await SHIPPED({ ...batch, records: batch.records.slice(0, first) })) ?? batch.records[first]!.sequence
  );
};

/** A batch has no time for those beside a hot subject. */
const othersAreDropped: FoldUnderTest = (batch) => {
  const hot = crowdOf(batch.records);
  const records = batch.records.filter(({ partitionKey }) => hot === undefined || partitionKey === hot);
  return SHIPPED({ ...batch, records });
};

export interface WrongBesideHot {
  readonly name: string;
  readonly fold: FoldUnderTest;
}

/** Folds that a hot subject goes wrong with: each must be found out. */
export const WRONG_BESIDE_HOT: readonly WrongBesideHot[] = [
  { name: 'writing everything twice', fold: writesTwice },
  { name: 'a write for each event', fold: writesEachEvent },
  { name: 'leaving those beside a hot subject for later', fold: othersWait },
  { name: 'dropping those beside a hot subject', fold: othersAreDropped },
];
