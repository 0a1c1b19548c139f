import { redrive } from '../../../local/cli/redrive.ts';
import { discardedEntries } from '../../../shared/adapters/s3/discarded-batch.ts';
import { StoreUnavailable } from '../../../shared/ports/profile-store.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import type { Lane } from '../../../shared/domain/stream-event.ts';
import type { ListedEntry } from '../../../shared/ports/quarantine.ts';
import type { BatchPolicy } from '../../../local/batch-rules.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { discardedBatch } from '../../contract/discarded-batch.ts';
import { keyOf, memoryStage, NOW, type MemoryStage } from '../../memory-stage.ts';
import { differences, facetStates, inAnyOrder, modelFold, type Kept, type States } from '../model-fold.ts';
import { deliverQuietly } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { recordsOf, shopEvents, type ShopRecords } from '../shop-events.ts';
import { streamModel, type StreamRecord } from '../stream-model.ts';

const EVENTS_A_RUN = 400;
const USERS = Array.from({ length: 40 }, (_, index) => `user ${index}`);
const DEVICES = Array.from({ length: 40 }, (_, index) => `device ${index}`);
const MAX_AGE_SECONDS = 3_600;
const POLICY: BatchPolicy = {
  bisect: true,
  maxAgeSeconds: MAX_AGE_SECONDS,
  maxRetries: -1,
  partialResponses: true,
};
const OUTAGE_MS = 1.5 * MAX_AGE_SECONDS * 1000;
/** Records come in for so long, from an hour before the outage on. */
const SPREAD_MS = 2 * MAX_AGE_SECONDS * 1000;
/** An invocation that cannot reach its store gives up after some of its time. */
const FAILURE_MS = 20_000;
const LANES: readonly Lane[] = ['critical', 'bulk'];

export const outage: Row = pureRow({
  name: 'outage',
  input: 'a store out of reach for longer than records are retried',
  holds:
    'every record given up is kept by Lambda’s failure destination and can be redriven; nothing is silently skipped',
  runs: { short: 3, long: 500 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const events = shopEvents(random, { events: EVENTS_A_RUN, users: USERS, devices: DEVICES });
    const records = withoutPoison(await recordsOf(random, events));
    const stage = memoryStage();
    const outageBegins = NOW + SPREAD_MS / 2;
    const counts = { events: 0, 'given up': 0, redriven: 0 };
    const violations: string[] = [];
    const { read } = stage.store;
    let now = NOW;
    stage.store.read = (refs) => {
      if (now < outageBegins || now > outageBegins + OUTAGE_MS) return read(refs);
      now += FAILURE_MS;
      return Promise.reject(new StoreUnavailable('told to fail'));
    };
    for (const lane of LANES) {
      now = NOW;
      counts.events += records[lane].length;
      const stream = streamModel(FIRST_LIFE[lane], random, 1);
      const sequences = records[lane].map(({ partitionKey, data }, index) =>
        stream.put(partitionKey, Buffer.from(data), NOW + (SPREAD_MS * index) / records[lane].length),
      );
      const givenUp: StreamRecord[] = [];
      await deliverQuietly({
        lane,
        stream,
        store: stage.store,
        quarantine: stage.quarantine,
        random,
        policy: POLICY,
        parallelization: 1,
        now: () => now,
        before(batch) {
          // A batch is handed over when its newest record is there.
          now = Math.max(now, ...batch.map(({ arrivedAt }) => arrivedAt));
          return true;
        },
        onDiscard(batch) {
          givenUp.push(...batch);
          const { body } = discardedBatch({
            stream: FIRST_LIFE[lane],
            condition: 'RecordAgeExceeded',
            discardedAt: now,
            records: batch,
          });
          stage.quarantine.discard(discardedEntries(body, FIRST_LIFE));
        },
      });
      counts['given up'] += givenUp.length;
      const lost = new Set(givenUp.map(({ sequence }) => sequence));
      const kept = records[lane].filter((_, index) => !lost.has(sequences[index]!));
      const [wanted, found] = [modelFold(lane, kept), facetsOfLane(stage.store.items(), lane)];
      violations.push(...differences(wanted, found).map((what) => `before redriving: ${what}`));
    }
    now = outageBegins + 2 * OUTAGE_MS;
    stage.clock.advance(now - NOW);
    counts.redriven = await redriveAll(stage, violations);
    for (const lane of LANES) {
      const [wanted, found] = [modelFold(lane, records[lane]), facetsOfLane(stage.store.items(), lane)];
      violations.push(
        ...differences(inAnyOrder(wanted), inAnyOrder(found)).map((what) => `after redriving: ${what}`),
      );
    }
    if (counts['given up'] === 0) violations.push('nothing was given up: the outage was too short');
    return { counts, violations };
  },
});

const FIRST_LIFE: Readonly<Record<Lane, string>> = { critical: 'critical-1', bulk: 'bulk-1' };
/** What the redriven records come back in: positions of the first life say nothing there. */
const SECOND_LIFE: Readonly<Record<Lane, string>> = { critical: 'critical-2', bulk: 'bulk-2' };

/** As an operator does it: everything that is open, then what it put into the streams is folded. */
async function redriveAll(stage: MemoryStage, violations: string[]): Promise<number> {
  const open: ListedEntry[] = [];
  for await (const entry of stage.quarantine.list(0)) open.push(entry);
  const { store, eventLog: log, quarantine: marks } = stage;
  const dependencies = { store, log, marks, subjectKeys: () => Promise.resolve({ keyOf }) };
  let redriven = 0;
  for await (const { outcome } of redrive(open, { isDryRun: false }, dependencies)) {
    if (outcome === 'redriven' || outcome === 'already-applied') redriven += 1;
    else violations.push(`a record that was given up is ${outcome}`);
  }
  for (const lane of LANES) {
    if ((await stage.deliver(lane, { stream: SECOND_LIFE[lane] })) !== null)
      violations.push(`the ${lane} lane does not take what was redriven`);
  }
  return redriven;
}

const withoutPoison = ({ critical, bulk }: ShopRecords): Readonly<Record<Lane, readonly Kept[]>> => ({
  critical: critical.filter(({ data }) => !data.includes('"no":')),
  bulk,
});

function facetsOfLane(items: readonly StoredItem[], lane: Lane): States {
  return facetStates(items.filter(({ item }) => item.includes('browse') === (lane === 'bulk')));
}
