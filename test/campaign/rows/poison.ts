import { foldProfiles } from '../../../functions/fold-profiles/handler.ts';
import { memoryLog } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../../shared/adapters/memory/memory-suppressions.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { foldSubject } from '../../../shared/domain/fold.ts';
import type { StreamEvent } from '../../../shared/domain/stream-event.ts';
import { seededRandom, shuffled, type Random } from '../../bench/ranking/seeded-random.ts';
import { kinesisEvent, NOW, STREAM_RETENTION_MS } from '../../memory-stage.ts';
import { SEGMENTS } from '../../segments.ts';
import { differences, facetStates, modelFold, type Kept } from '../model-fold.ts';
import { BATCH_SIZE, deliverQuietly } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { KEEP_TRYING } from '../schedule.ts';
import { recordsOf, shopEvents } from '../shop-events.ts';
import { streamModel, type StreamRecord } from '../stream-model.ts';
import type { FoldUnderTest } from '../subject-under-test.ts';

const EVENTS_A_RUN = 10_000;
const USERS = Array.from({ length: 300 }, (_, index) => `user ${index}`);
const DEVICES = Array.from({ length: 300 }, (_, index) => `device ${index}`);
/** Each kind of poison: how it is made from a good record, and the code it should be quarantined with. */
interface Poison {
  readonly code: string;
  /** As Lambda hands it over; not always base64 of anything. */
  encode(good: StreamEvent): string;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const withProperties = (event: StreamEvent, name: string, properties: object): string =>
  base64(JSON.stringify({ ...event, message: { ...event.message, type: 'track', event: name, properties } }));

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
    encode: (event) =>
      withProperties(event, 'Order Completed', { order_id: 'o', currency: 'EUR', total: 'much' }),
  },
  'of somebody else': {
    code: 'wrong_partition',
    encode: (event) =>
      base64(JSON.stringify({ ...event, subject: { ...event.subject, key: 'x'.repeat(22) } })),
  },
};
/** infra/fold-lane.ts */
const TIMEOUT_MS = 60_000;
/** What a reducer never comes back from. */
const HANG = 'Hang';
const hangs = (event: StreamEvent): boolean => event.message.event === HANG;

/** With a record in it on which the fold hangs, a batch times out. */
const foldThatHangs: typeof foldSubject = (key, records, items, context) => {
  if (records.some(({ event }) => hangs(event))) for (;;);
  return foldSubject(key, records, items, context);
};

export const poisonRow: Row = pureRow({
  name: 'poison',
  input: `in 10k events one of each: ${Object.keys(POISONS).join(', ')}; and one on which the fold never ends`,
  holds:
    'all good ones land, all poison is in quarantine under its code; invocations more than without: 0, for the hang ≤ log₂(batch) + 1',
  runs: { short: 1, long: 50 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const events = shopEvents(random, { events: EVENTS_A_RUN, users: USERS, devices: DEVICES });
    const { critical } = await recordsOf(random, events);
    const good = critical.filter(({ data }) => !data.includes('"no":'));
    const { stream, poison, hang } = poisonedStream(good, random);

    const store = memoryProfileStore();
    const quarantine = memoryQuarantine();
    const policy = { ...KEEP_TRYING, maxRetries: 0 };
    const batches = { begun: 0, timedOut: 0 };
    let now = NOW;
    const discarded: StreamRecord[] = [];
    await deliverQuietly({
      lane: 'critical',
      stream,
      store,
      quarantine,
      random,
      policy,
      now: () => now,
      fold: asLambda(poison),
      onDiscard: (records) => void discarded.push(...records),
      before(records) {
        batches.begun += 1;
        if (records.length === 1 || !records.some(({ sequence }) => sequence === hang)) return true;
        batches.timedOut += 1;
        now += TIMEOUT_MS;
        return false;
      },
    });

    const codes = quarantine.entries().map(({ code }) => code);
    const wanted = ['fold_timed_out', ...Object.values(POISONS).map(({ code }) => code)];
    const violations = [...differences(modelFold('critical', good), facetStates(store.items()))];
    if (codes.sort().join() !== wanted.sort().join()) violations.push(`in quarantine: ${codes.join()}`);
    if (discarded.length > 0) violations.push(`${discarded.length} records were given up`);
    if (batches.timedOut > Math.ceil(Math.log2(BATCH_SIZE.critical)))
      violations.push(`${batches.timedOut} invocations timed out`);
    return {
      counts: {
        events: good.length,
        invocations: batches.begun,
        'poison records': codes.length,
        'invocations timed out': batches.timedOut,
      },
      violations,
    };
  },
});

/** Good records with poison made of some of them between, where chance puts it. */
function poisonedStream(good: readonly Kept[], random: Random) {
  const stream = streamModel('critical', random, 2);
  const makers = [...Object.values(POISONS).map(({ encode }) => encode), hangOf];
  // Of a claim no money is booked, so none of it is poison.
  const proven = [...good.keys()].filter((index) => eventIn(good[index]!).subject.kind !== 'claims');
  const chosen = shuffled(proven, random).slice(0, makers.length);
  const places = new Map(chosen.map((index, at) => [index, makers[at]!]));
  const poison = new Map<string, string>();
  let hang = '';
  for (const [index, { partitionKey, data }] of good.entries()) {
    stream.put(partitionKey, Buffer.from(data), NOW);
    const make = places.get(index);
    if (make === undefined) continue;
    const sequence = stream.put(partitionKey, new Uint8Array(), NOW);
    poison.set(sequence, make(eventIn({ data })));
    if (make === hangOf) hang = sequence;
  }
  return { stream, poison, hang };
}

const eventIn = ({ data }: Pick<Kept, 'data'>): StreamEvent => JSON.parse(String(data)) as StreamEvent;

function hangOf(good: StreamEvent): string {
  return withProperties({ ...good, message: { ...good.message, messageId: HANG } }, HANG, {});
}

/** The fold behind its handler, as Lambda calls it. @param encoded data of records, by sequence, that are not just bytes */
function asLambda(encoded: ReadonlyMap<string, string>): FoldUnderTest {
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
        fold: foldThatHangs,
      },
    );
    return batchItemFailures[0]?.itemIdentifier ?? null;
  };
}
