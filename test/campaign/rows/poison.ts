import { foldProfiles } from '../../../functions/fold-profiles/handler.ts';
import { memoryLog } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../../shared/adapters/memory/memory-suppressions.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { foldSubject } from '../../../shared/domain/fold.ts';
import type { Lane, StreamEvent } from '../../../shared/domain/stream-event.ts';
import { seededRandom, shuffled, type Random } from '../../bench/ranking/seeded-random.ts';
import { keyOf, kinesisEvent, NOW, STREAM_RETENTION_MS } from '../../memory-stage.ts';
import { SEGMENTS } from '../../segments.ts';
import { differences, facetStates, modelFold, type Kept } from '../model-fold.ts';
import { BATCH_SIZE, deliverQuietly } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { KEEP_TRYING, LANES } from '../schedule.ts';
import { recordsOf, shopEvents } from '../shop-events.ts';
import { streamModel, type StreamModel } from '../stream-model.ts';
import type { FoldUnderTest } from '../subject-under-test.ts';

const EVENTS_A_RUN = 10_000;
const USERS = Array.from({ length: 300 }, (_, index) => `user ${index}`);
const DEVICES = Array.from({ length: 300 }, (_, index) => `device ${index}`);
/** Each kind of poison: how it is made from a good record, and the code it should be quarantined with. */
interface Poison {
  readonly code: string;
  /** Default: both. */
  readonly lane?: Lane;
  /** Whose it is. Default: that of the good record. */
  readonly key?: string;
  /** As Lambda hands it over; not always base64 of anything. */
  encode(good: StreamEvent): string;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const withProperties = (event: StreamEvent, name: string, properties: object): string =>
  base64(JSON.stringify({ ...event, message: { ...event.message, type: 'track', event: name, properties } }));
/** A good event under an id of its own, which the fold is made to trip over. */
const named =
  (messageId: string) =>
  (good: StreamEvent): string =>
    withProperties({ ...good, message: { ...good.message, messageId } }, 'Product Viewed', {});

/** What a reducer never comes back from. */
const HANG = 'Hang';
/** What a reducer throws at, and only a reducer. */
const THROW = 'Throw';
/** Whom the fold cannot take at all: one of whom there is nothing else. */
const UNFOLDABLE = keyOf('u:unfoldable');

const POISONS: Readonly<Record<string, Poison>> = {
  'no base64': { code: 'invalid_json', encode: () => '%%% no base64 %%%' },
  'no JSON': { code: 'invalid_json', encode: () => base64('{"schema":1,') },
  'nests 5,000 deep': {
    code: 'too_deep',
    // Written as text: what nests so deep cannot be turned into any.
    encode: (event) =>
      base64(
        JSON.stringify({ ...event, deep: 'here' }).replace(
          '"here"',
          `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
        ),
      ),
  },
  'of another schema': {
    code: 'invalid',
    encode: (event) => base64(JSON.stringify({ ...event, schema: 2 })),
  },
  'money that cannot be booked': {
    code: 'invalid_amount',
    lane: 'critical',
    encode: (event) =>
      withProperties(event, 'Order Completed', { order_id: 'o', currency: 'EUR', total: 'much' }),
  },
  'of somebody else': {
    code: 'wrong_partition',
    encode: (event) =>
      base64(JSON.stringify({ ...event, subject: { ...event.subject, key: 'x'.repeat(22) } })),
  },
  'a reducer throws': { code: 'fold_failed', encode: named(THROW) },
  'the fold throws': {
    code: 'fold_failed',
    key: UNFOLDABLE,
    encode: (event) =>
      base64(
        JSON.stringify({
          ...event,
          subject: { kind: 'user', key: UNFOLDABLE },
          keys: { user: UNFOLDABLE },
        }),
      ),
  },
  'the fold never ends': { code: 'fold_timed_out', encode: named(HANG) },
};
const HANGING = POISONS['the fold never ends'];
/** infra/fold-lane.ts */
const TIMEOUT_MS = 60_000;

const isNamed = ({ message }: StreamEvent, messageId: string): boolean => message.messageId === messageId;

/** The fold that ships, with events in its way that no reducer gets over: a batch that has the hanging one times out. */
const foldThatTrips: typeof foldSubject = (key, records, items, context) => {
  if (key === UNFOLDABLE) throw new Error('this subject cannot be folded');
  if (records.some(({ event }) => isNamed(event, HANG))) for (;;);
  const trapped = records.map((record) =>
    isNamed(record.event, THROW) ? { ...record, event: thrownAt(record.event) } : record,
  );
  return foldSubject(key, trapped, items, context);
};

/** Every reducer looks at what an event was of or where, and only reducers do. */
function thrownAt(event: StreamEvent): StreamEvent {
  const trap = {
    get: (): never => {
      throw new TypeError('told to throw');
    },
  };
  const message = Object.defineProperties({ ...event.message }, { context: trap, properties: trap });
  return { ...event, message };
}

export const poisonRow: Row = pureRow({
  name: 'poison',
  input: `in 10k events, in each lane one of each: ${Object.keys(POISONS).join(', ')}`,
  holds:
    'all good ones land, all poison is in quarantine under its code; invocations more than with good records in its place: 0, for the one that never ends 2 log₂(batch), of which half time out',
  aim: { atLeast: 10_000, of: 'events' },
  runs: { short: 1, long: 50 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const events = shopEvents(random, { events: EVENTS_A_RUN, users: USERS, devices: DEVICES });
    const records = await recordsOf(random, events);
    const counts = { events: 0, invocations: 0, 'poison records': 0, 'invocations timed out': 0 };
    const violations: string[] = [];
    for (const lane of LANES) {
      const good = records[lane].filter(({ data }) => !data.includes('"no":'));
      const tried = await tryLane(lane, good, random);
      counts.events += good.length;
      counts.invocations += tried.invocations;
      counts['poison records'] += tried.poison;
      counts['invocations timed out'] += tried.timedOut;
      violations.push(...tried.violations.map((what) => `${lane}: ${what}`));
    }
    return { counts, violations };
  },
});

async function tryLane(lane: Lane, good: readonly Kept[], random: Random) {
  const { stream, poison, harmless, hang } = poisonedStream(lane, good, random);
  // The same batches with and without, so that their numbers can be compared.
  const size = random();
  const poisoned = await foldLane(lane, stream, { encoded: poison, hang, size, fold: foldThatTrips });
  const clean = await foldLane(lane, stream, { encoded: harmless, hang: '', size, fold: foldSubject });

  const codes = poisoned.codes.sort();
  const wanted = poisonsOf(lane).map(({ code }) => code);
  const violations = [...differences(modelFold(lane, good), facetStates(poisoned.items))];
  if (codes.join() !== wanted.sort().join()) violations.push(`in quarantine: ${codes.join()}`);
  if (clean.codes.length > 0) violations.push(`without poison, in quarantine: ${clean.codes.join()}`);
  if (poisoned.discarded > 0) violations.push(`${poisoned.discarded} records were given up`);
  if (poisoned.timedOut > Math.ceil(Math.log2(BATCH_SIZE[lane])))
    violations.push(`${poisoned.timedOut} invocations timed out`);
  // Each that times out comes again in two halves.
  const more = poisoned.invocations - clean.invocations - 2 * poisoned.timedOut;
  if (more !== 0) violations.push(`${more} invocations more than without poison`);
  return { ...poisoned, poison: codes.length, violations };
}

interface LaneOptions {
  /** Data of records, by sequence, that are not just bytes. */
  readonly encoded: ReadonlyMap<string, string>;
  /** The record on which the fold hangs. */
  readonly hang: string;
  readonly fold: typeof foldSubject;
  /** How full batches are. */
  readonly size: number;
}

async function foldLane(lane: Lane, stream: StreamModel, { encoded, hang, size, fold }: LaneOptions) {
  const store = memoryProfileStore();
  const quarantine = memoryQuarantine();
  const batches = { begun: 0, timedOut: 0 };
  let now = NOW;
  let discarded = 0;
  await deliverQuietly({
    lane,
    stream,
    store,
    quarantine,
    random: () => size,
    policy: { ...KEEP_TRYING, maxRetries: 0 },
    now: () => now,
    fold: asLambda(encoded, fold),
    onDiscard: (records) => void (discarded += records.length),
    before(records) {
      batches.begun += 1;
      if (records.length === 1 || !records.some(({ sequence }) => sequence === hang)) return true;
      batches.timedOut += 1;
      now += TIMEOUT_MS;
      return false;
    },
  });
  const items = store.items().filter(({ key }) => key !== UNFOLDABLE);
  const codes = quarantine.entries().map(({ code }) => code);
  return { invocations: batches.begun, timedOut: batches.timedOut, discarded, items, codes };
}

const poisonsOf = (of: Lane): readonly Poison[] =>
  Object.values(POISONS).filter(({ lane = of }) => lane === of);

/** Good records with poison made of some of them between, where chance puts it; `harmless`: good ones in its place. */
function poisonedStream(lane: Lane, good: readonly Kept[], random: Random) {
  const stream = streamModel(lane, random, 2);
  const poisons = poisonsOf(lane);
  // Of a claim no money is booked, so none of it is poison.
  const proven = [...good.keys()].filter((index) => eventIn(good[index]!).subject.kind !== 'claims');
  const chosen = shuffled(proven, random).slice(0, poisons.length);
  const places = new Map(chosen.map((index, at) => [index, poisons[at]!]));
  const poison = new Map<string, string>();
  const harmless = new Map<string, string>();
  let hang = '';
  for (const [index, { partitionKey, data }] of good.entries()) {
    stream.put(partitionKey, Buffer.from(data), NOW);
    const kind = places.get(index);
    if (kind === undefined) continue;
    const sequence = stream.put(kind.key ?? partitionKey, new Uint8Array(), NOW);
    const encoded = kind.encode(eventIn({ data }));
    poison.set(sequence, encoded);
    // The good one again, or else what is poison only to the fold that trips over it.
    harmless.set(sequence, kind.key === undefined ? base64(String(data)) : encoded);
    if (kind === HANGING) hang = sequence;
  }
  return { stream, poison, harmless, hang };
}

const eventIn = ({ data }: Pick<Kept, 'data'>): StreamEvent => JSON.parse(String(data)) as StreamEvent;

/** The fold behind its handler, as Lambda calls it. */
function asLambda(encoded: ReadonlyMap<string, string>, fold: typeof foldSubject): FoldUnderTest {
  return async ({ lane, stream, shard, records, store, quarantine, now }) => {
    const event = kinesisEvent(
      records.map((record) => ({ ...record, encoded: encoded.get(record.sequence) })),
      stream,
      shard.id,
    );
    const { batchItemFailures } = await foldProfiles(
      event,
      { getRemainingTimeInMillis: () => 60_000 },
      {
        lane,
        store,
        quarantine,
        suppressions: memorySuppressions(),
        clock: { now },
        meter: memoryMeter(),
        log: memoryLog(),
        windows: SEGMENTS.windows,
        streamRetentionMs: STREAM_RETENTION_MS,
        fold,
      },
    );
    return batchItemFailures[0]?.itemIdentifier ?? null;
  };
}
