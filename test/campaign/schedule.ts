import type { Announcing } from '../../functions/fold-profiles/announce-memberships.ts';
import {
  memoryProfileStore,
  type MemoryProfileStore,
} from '../../shared/adapters/memory/memory-profile-store.ts';
import { manualClock, type ManualClock } from '../../shared/adapters/memory/manual-clock.ts';
import { memoryAnnouncements } from '../../shared/adapters/memory/memory-announcements.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import type { ErasePorts } from '../../shared/adapters/erase-subject.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import type { Suppressions } from '../../shared/ports/suppressions.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { compareSequences } from '../../shared/domain/watermark.ts';
import { type Random, seededRandom } from '../bench/ranking/seeded-random.ts';
import { NOW } from '../memory-stage.ts';
import type { BatchPolicy } from '../../local/batch-rules.ts';
import { arrivalsInOrder } from './arrivals.ts';
import { deliverStream } from './event-source.ts';
import { differences, facetStates, inAnyOrder, modelFacets, statesOf, type States } from './model-fold.ts';
import { startInvocation } from './invocation.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import type { LogRecord } from '../../shared/ports/event-log.ts';
import { type ShopOptions, type ShopRecords, someRecords } from './shop-events.ts';
import { streamModel, type StreamModel } from './stream-model.ts';
import { type FoldUnderTest, SHIPPED, troubledAnnouncements, troubledPorts } from './subject-under-test.ts';
import { seededTurns } from './turns.ts';
import { type Odds, seededWeather } from './weather.ts';

export interface ScheduleOptions {
  readonly fold?: FoldUnderTest;
  /** What it should come to, in fair weather and one record after the other. Default: the fold that ships. */
  readonly expected?: FoldUnderTest;
  readonly odds?: Odds;
  /** Up to so many calls to a store are in danger, then it is fair. Default 400. */
  readonly storms?: number;
  readonly shop?: ShopOptions;
  /** In the place of records drawn from a shop. */
  readonly records?: ShopRecords;
  /** Where it is folded into. Default: a new one. */
  readonly store?: MemoryProfileStore;
  /** Where it is put down who was erased. Default: a new one. */
  readonly suppressions?: Suppressions;
  /** Whom memberships are announced to. Default: nobody. */
  readonly announcing?: Announcing;
  /** Streams that are made anew on the way: the next begins when the one before is drained, anywhere. */
  readonly lives?: number;
  /**
   * The second life begins while the first is delivered, and both are delivered again. An order between two lives cannot be kept:
   * only facts are compared, which are the same in any order, and no message is sent twice, since how far apart it comes is chance.
   */
  readonly isOverlapping?: boolean;
  /** Splits and merges in each life. */
  readonly reshards?: number;
  /**
   * Whether facets must also be what an independent model makes of the records, which notices what the fold loses however quiet
   * it is. Default: unless somebody is erased, or it is folded into a store with something in it.
   */
  readonly isModelled?: boolean;
  /** What goes on beside the folds: of each list one after the other. */
  readonly errands?: readonly (readonly Errand[])[];
  /** Time that moves on, so that each record is handed over when it has come. Default: it stands still, and all are there. */
  readonly passing?: {
    readonly clock: ManualClock;
    /** While so many invocations go on it stands still. */
    readonly crowd: number;
  };
  /** ms; what came from then on is handed over when all errands are done. Default: nothing waits. */
  readonly heldBackFrom?: number;
  /** What is compared with a quiet pass. Default: all but memberships. */
  readonly compared?: (items: readonly StoredItem[]) => States;
  /** The most records in a batch. */
  readonly batchSize?: number;
}

/** A call of a function, which is begun anew when it fails or its invocation ends: somebody is erased. */
export interface Errand {
  /** ms; when it is called */
  readonly at: number;
  run(ports: ErasePorts): Promise<unknown>;
}

export interface ScheduleResult {
  readonly records: number;
  readonly invocations: number;
  readonly crashes: number;
  /** What must not be and is; empty: all is well. */
  readonly violations: readonly string[];
}

const ODDS: Odds = {
  before: 0.06,
  lost: 0.1,
  'crash before': 0.04,
  'crash after': 0.05,
  late: 0.03,
  'crash late': 0.02,
};
/** How often each reader of two lives that overlap begins anew. */
const REWINDS = 3;
/** How many steps of others the first of them is ahead at most. */
const MOST_AHEAD = 30;
/** Tries after which an errand counts as one that never ends: all storms are over then. */
const PATIENCE = 500;
export const LANES: readonly Lane[] = ['critical', 'bulk'];
/** As shipped, in a world in which nothing grows old. */
export const KEEP_TRYING: BatchPolicy = {
  bisect: true,
  maxAgeSeconds: -1,
  maxRetries: -1,
  partialResponses: true,
};

/**
 * One schedule: some shoppers' events in streams, handed to the fold in batches of chance, on several shards and lanes at
 * once, while stores fail and invocations end at any call. In the end every item must be what one quiet pass over the
 * same records makes of it, and nothing may have gone backwards on the way.
 *
 * @param seed the same seed is the same schedule, to the last call
 */
export async function runSchedule(seed: number, options: ScheduleOptions = {}): Promise<ScheduleResult> {
  const random = seededRandom(seed);
  const { fold = SHIPPED, expected = SHIPPED, odds = ODDS, storms = 400 } = options;
  const { lives = 1, reshards = 0, batchSize = 120, announcing, errands = [] } = options;
  const { isOverlapping = false, heldBackFrom = Number.POSITIVE_INFINITY } = options;
  const { compared = isOverlapping ? factsInAnyOrder : facts } = options;
  const drawn = options.records ?? (await someRecords(seed, random, options.shop ?? { events: 40 }));
  const records = isOverlapping ? withoutRepetitions(drawn) : drawn;
  const streams = filledStreams(records, random, lives, reshards);

  const store = options.store ?? memoryProfileStore();
  const quarantine = memoryQuarantine();
  const violations = watchOrder(store);
  const turns = seededTurns(random);
  const weather = seededWeather(random, odds, 10 + Math.floor(random() * storms));
  const later: Promise<unknown>[] = [];
  let invocations = 0;
  let crashes = 0;
  const { suppressions = memorySuppressions(), passing } = options;
  const clock = passing?.clock ?? manualClock(NOW);
  let running = 0;
  const arrivals = passing && arrivalsInOrder(clock, turns, () => running >= passing.crowd);

  const deliver = (name: Lane, stream: StreamModel): Promise<void> =>
    deliverStream({
      stream,
      batchSize: 1 + Math.floor(random() * batchSize),
      parallelization: 1 + Math.floor(random() * 3),
      ...(isOverlapping && { rewinds: REWINDS }),
      policy: KEEP_TRYING,
      random,
      now: clock.now,
      onDiscard: () => undefined,
      async invoke(batch, shard) {
        const last = Math.max(...batch.map(({ arrivedAt }) => arrivedAt));
        if (last >= heldBackFrom) await besides;
        await arrivals?.until(last);
        invocations += 1;
        const invocation = startInvocation(turns, weather, later);
        const ports = troubledPorts(store, quarantine, invocation, suppressions);
        const folding = fold({
          lane: name,
          stream: stream.name,
          shard,
          // As if they came just now: to watch the fold of old ones takes longer than the fold.
          records: batch.map((record) => ({ ...record, arrivedAt: clock.now() })),
          now: clock.now,
          ...ports,
          ...(announcing && {
            announcing: {
              ...announcing,
              announcements: troubledAnnouncements(announcing.announcements, invocation),
            },
          }),
        });
        running += 1;
        const failed = await invocation.outcome(folding).finally(() => (running -= 1));
        if (failed === undefined) crashes += 1;
        return failed;
      },
    });
  const lane = async (name: Lane): Promise<void> => {
    const [first, second, ...others] = streams[name];
    if (isOverlapping && first && second) {
      const wait = Math.floor(random() * MOST_AHEAD);
      const begun = async (): Promise<void> => {
        for (let left = wait; left > 0; left--) await turns.take();
        await deliver(name, second);
      };
      await Promise.all([deliver(name, first), begun()]);
      for (const stream of others) await deliver(name, stream);
    } else for (const stream of streams[name]) await deliver(name, stream);
  };
  const errand = async ({ at, run }: Errand): Promise<void> => {
    await arrivals?.until(at);
    let isDone: boolean | undefined = false;
    for (let tries = 1; !isDone; tries++) {
      if (tries > PATIENCE) throw new Error('an errand does not come to its end');
      const invocation = startInvocation(turns, weather, later);
      const ports = troubledPorts(store, quarantine, invocation, suppressions);
      isDone = await invocation.outcome(
        run({ ...ports, clock }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof StoreUnavailable) return false;
            throw error;
          },
        ),
      );
    }
  };
  const besides = Promise.all(
    errands.map(async (list) => {
      for (const one of list) await errand(one);
    }),
  );
  try {
    await turns.giveUntil([...LANES.map(lane), besides]);
    arrivals?.end();
    await turns.giveUntil(later);
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error));
  }

  const quiet = await quietPass(streams, expected, { announcing, before: tombstonesOf(store.items()) });
  violations.push(...differences(compared(quiet.store.items()), compared(store.items())));
  // Of two lives at once the model knows one order of many.
  const { isModelled = options.errands === undefined && options.store === undefined && !isOverlapping } =
    options;
  if (isModelled) violations.push(...differences(modelFacets(records), facetStates(store.items())));
  const poison = (of: typeof quarantine): string =>
    of
      .entries()
      .map(({ bytes }) => bytes)
      .sort()
      .join();
  if (poison(quiet.quarantine) !== poison(quarantine)) violations.push('quarantine holds something else');
  return { records: records.critical.length + records.bulk.length, invocations, crashes, violations };
}

type Streams = Readonly<Record<Lane, readonly StreamModel[]>>;

/** Each record goes into one life of its lane's stream; shards are split and merged between records. */
export function filledStreams(
  records: ShopRecords,
  random: Random,
  lives: number,
  reshards: number,
): Streams {
  const fill = (lane: Lane): readonly StreamModel[] => {
    const streams = Array.from({ length: lives }, (_, life) =>
      streamModel(`${lane}-${life}`, random, 1 + Math.floor(random() * 3)),
    );
    const all = records[lane];
    for (const [index, { partitionKey, data, arrivedAt = NOW }] of all.entries()) {
      const stream = streams[Math.floor((index * lives) / all.length)];
      if (random() < (reshards * lives) / Math.max(1, all.length)) stream?.reshard();
      stream?.put(partitionKey, Buffer.from(data), arrivedAt);
    }
    return streams;
  };
  return { critical: fill('critical'), bulk: fill('bulk') };
}

const recordsOf = (stream: StreamModel) =>
  stream.shards
    .flatMap((shard) => shard.records.map((record) => ({ record, shard })))
    .sort((one, other) => compareSequences(one.record.sequence, other.record.sequence));

/** What a facet has of it that its subject was erased, and nothing else. */
function tombstonesOf(items: readonly StoredItem[]): readonly StoredItem[] {
  return items
    .filter(({ item, erasedAt }) => erasedAt !== undefined && !/^(orders|device)#/.test(item))
    .map(({ key, item, erasedAt }) => ({ key, item, v: 1, state: '{}', erasedAt }));
}

/** The same records one by one, in fair weather. */
export async function quietPass(
  streams: Streams,
  fold: FoldUnderTest,
  {
    announcing,
    before = [],
  }: {
    readonly announcing?: Announcing;
    /** What stands there before the first of them. */
    readonly before?: readonly StoredItem[];
  } = {},
) {
  const store = memoryProfileStore();
  before.forEach(store.tamper);
  const quarantine = memoryQuarantine();
  for (const lane of LANES) {
    for (const stream of streams[lane]) {
      for (const { record, shard } of recordsOf(stream)) {
        const ports = {
          store,
          quarantine,
          now: () => NOW,
          ...(announcing && { announcing: { ...announcing, announcements: memoryAnnouncements() } }),
        };
        const failed = await fold({ lane, stream: stream.name, shard, records: [record], ...ports });
        if (failed !== null) throw new Error('a quiet pass cannot fail');
      }
    }
  }
  return { store, quarantine };
}

/** What is not there for the sake of announcements. */
function facts(items: readonly StoredItem[]): ReturnType<typeof statesOf> {
  return statesOf(items.filter(({ item }) => item !== 'membership'));
}

/** When a link was last seen is known to the day, of which any visit may be the first to come. */
function factsInAnyOrder(items: readonly StoredItem[]): ReturnType<typeof statesOf> {
  return inAnyOrder(facetStates(items));
}

/** Each message of a subject once. */
function withoutRepetitions(records: ShopRecords): ShopRecords {
  const distinct = (all: readonly LogRecord[]): readonly LogRecord[] => {
    const seen = new Set<string>();
    return all.filter(({ partitionKey, data }) => {
      const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
      if (!parsed.ok) return true;
      const name = `${partitionKey} ${parsed.value.subject.kind} ${parsed.value.message.messageId}`;
      return !seen.has(name) && seen.add(name);
    });
  };
  return { critical: distinct(records.critical), bulk: distinct(records.bulk) };
}

/** A facet never goes back to an earlier record of the same stream. */
function watchOrder(store: ReturnType<typeof memoryProfileStore>): string[] {
  const inversions: string[] = [];
  const { write } = store;
  const highest = new Map<string, string>();
  store.write = async (item) => {
    const outcome = await write(item);
    if (outcome !== 'written') return outcome;
    for (const position of [item.watermark, item.formerWatermark]) {
      if (position === undefined) continue;
      const place = `${item.key} ${item.item} ${position.incarnation}`;
      const before = highest.get(place);
      if (before !== undefined && compareSequences(position.sequence, before) < 0)
        inversions.push(`${item.item} goes back to an earlier record`);
      highest.set(place, position.sequence);
    }
    return outcome;
  };
  return inversions;
}
