import { isDeepStrictEqual } from 'node:util';
import { manualClock } from '../../../shared/adapters/memory/manual-clock.ts';
import {
  memoryProfileStore,
  type MemoryProfileStore,
} from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { isDeviceCopy } from '../../../shared/domain/device-copy.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import { decodeEntries } from '../../../shared/domain/ledger-codec.ts';
import type { LogRecord } from '../../../shared/ports/event-log.ts';
import { seededRandom, type Random } from '../../bench/ranking/seeded-random.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, NOW } from '../../memory-stage.ts';
import { hotEvents } from '../hot-events.ts';
import { differences, facetStates, modelFold } from '../model-fold.ts';
import { BATCH_SIZE } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { LANES } from '../schedule.ts';
import { shopEvents } from '../shop-events.ts';
import { streamModel, type StreamModel } from '../stream-model.ts';
import { SHIPPED, type FoldUnderTest } from '../subject-under-test.ts';
import { deliverInTime } from '../timed-delivery.ts';

const MINUTE_MS = 60_000;
const OTHER_EVENTS = 1_000;
const OTHERS = Array.from({ length: 200 }, (_, index) => `other ${index}`);
const EVENTS_A_REQUEST = 20;
const FROM_SERVERS = 0.6;
/** Shorter than from one poll to the next: as long as no batch is full, a shard keeps up whatever is in it. */
const INVOCATION_MS = 500;
const PARALLELIZATION = 2;
/** What each item that decisions read may have, bytes, of a subject whose lists are all full of names as shops give them. */
const MAX_BYTES = {
  checkout: 12_500,
  orders: 7_000,
  claims: 5_000,
  browse: 3_200,
  'claims-browse': 3_200,
  link: 100,
} as const;
/** Of devices: proven ones, and claims. */
const MAX_LINKS = 100 + 8;
/** Of pages of old orders, which nobody reads but to book in them. */
const MAX_ENTRY_BYTES = 60;
/** The first of 64 characters that an order's hash may begin with says which page it is in; of some pages there are five. */
const LARGEST_PAGE = 5 / 64;

/** Every tenth run is four times as hot, and what a decision reads may be no larger for that. */
const hotEventsOf = (seed: number): number => (seed % 10 === 0 ? 40_000 : 10_000);

export const hotSubject: Row = pureRow({
  name: 'hot subject',
  input:
    'one subject gets 10k events in a minute (in every tenth run 40k), nearly each of another product, name, method, order or device, among 1k of 200 others; batches of what has come, each second',
  holds: `the others are as without it: every item to the byte and the ms, each event in as many invocations; of the hot subject what decisions read is bounded, however many events: ${limits()}; pages of old orders ≤ ${MAX_ENTRY_BYTES} bytes an order, each with no more than ${LARGEST_PAGE * 64} in 64 of them; ≤ 1 write an item and invocation; facets = model fold`,
  aim: { atLeast: 10_000, of: 'events' },
  runs: { short: 1, long: 20 },
  run: (seed) => tryHotSubject(seed),
});

/** @param fold the one that is tried. Default: the one that ships */
export async function tryHotSubject(
  seed: number,
  {
    fold = SHIPPED,
    hotEvents: count = hotEventsOf(seed),
  }: { readonly fold?: FoldUnderTest; readonly hotEvents?: number } = {},
): Promise<Trial> {
  const random = seededRandom(seed);
  const who = `hot ${seed}`;
  const hotKeys = new Set([keyOf(`u:${who}`), keyOf(`a:${who}`)]);
  const otherKeys = new Set(OTHERS.flatMap((other) => [keyOf(`u:${other}`), keyOf(`a:${other}`)]));
  const records = await minuteOf(random, who, count);
  const streams = LANES.map((lane) => filled(streamModel(lane, random, 2), records[lane]));
  const crowded = await delivered(streams, fold);
  const alone = await delivered(
    streams.map((stream) => only(stream, otherKeys)),
    fold,
  );

  const { store } = crowded;
  const violations = [...crowded.violations, ...alone.violations];
  const wanted = LANES.flatMap((lane) => [...modelFold(lane, records[lane])]);
  violations.push(...differences(new Map(wanted), facetStates(store.items())));
  violations.push(...unlike(alone, crowded, otherKeys));
  const sizes = await sizesOf(store, hotKeys);
  violations.push(...sizes.violations);
  return {
    counts: {
      events: records.critical.length + records.bulk.length,
      invocations: crowded.invocations,
      'writes of the hot subject': [...hotKeys].reduce((sum, key) => sum + (crowded.writes.get(key) ?? 0), 0),
    },
    most: sizes.most,
    violations,
  };
}

/** What comes through the collector in a minute, in the order of coming. */
async function minuteOf(
  random: Random,
  who: string,
  hot: number,
): Promise<Readonly<Record<(typeof LANES)[number], readonly LogRecord[]>>> {
  const clock = manualClock(NOW);
  const stage = memoryStage({ clock });
  const spread = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => NOW + Math.floor((MINUTE_MS * index) / count));
  const times = spread(OTHER_EVENTS);
  const ofOthers = timed(shopEvents(random, { events: OTHER_EVENTS, users: OTHERS, devices: OTHERS }), times);
  const sent = [
    ...requests(hotEvents(random, who, spread(hot)), spread(hot)),
    ...requests(ofOthers, times),
  ].sort((one, other) => one.at - other.at);
  for (const { at, batch } of sent) {
    clock.advance(at - clock.now());
    const isServer = random() < FROM_SERVERS;
    const { status } = await stage.collect('batch', { batch }, isServer ? AS_SERVER : AS_BROWSER);
    if (status !== 200) throw new Error(`the collector answers ${status}`);
  }
  return { critical: stage.eventLog.records('critical'), bulk: stage.eventLog.records('bulk') };
}

/** Each at its time; what is sent again says the same as before. */
function timed(events: readonly object[], times: readonly number[]): readonly object[] {
  const made = new Map<object, object>();
  return events.map((event, index) => {
    const known = made.get(event);
    if (known !== undefined) return known;
    const { messageId } = event as { readonly messageId: string };
    const one = {
      ...event,
      messageId: `other ${messageId}`,
      timestamp: new Date(times[index]!).toISOString(),
    };
    made.set(event, one);
    return one;
  });
}

/** Sent when the last of its events has happened. */
function requests(events: readonly object[], at: readonly number[]) {
  return Array.from({ length: Math.ceil(events.length / EVENTS_A_REQUEST) }, (_, index) => {
    const end = Math.min(events.length, (index + 1) * EVENTS_A_REQUEST);
    return { at: at[end - 1]!, batch: events.slice(index * EVENTS_A_REQUEST, end) };
  });
}

function limits(): string {
  const bytes = Object.entries(MAX_BYTES).map(([item, most]) => `${item} ≤ ${most.toLocaleString('en')}`);
  return `${bytes.join(', ')} bytes, ≤ ${MAX_LINKS} links`;
}

function filled(stream: StreamModel, records: readonly LogRecord[]): StreamModel {
  for (const { partitionKey, data, arrivedAt = NOW } of records)
    stream.put(partitionKey, Buffer.from(data), arrivedAt);
  return stream;
}

/** The same stream, sequences and all, as if nobody else had been there. */
function only(stream: StreamModel, keys: ReadonlySet<string>): StreamModel {
  return {
    ...stream,
    shards: stream.shards.map((shard) => ({
      ...shard,
      records: shard.records.filter(({ partitionKey }) => keys.has(partitionKey)),
    })),
  };
}

interface Delivered {
  readonly store: MemoryProfileStore;
  readonly invocations: number;
  /** By lane and sequence: when each invocation that had the record began. */
  readonly begun: ReadonlyMap<string, readonly number[]>;
  /** By key. */
  readonly writes: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
}

async function delivered(streams: readonly StreamModel[], fold: FoldUnderTest): Promise<Delivered> {
  const store = memoryProfileStore();
  const quarantine = memoryQuarantine();
  const begun = new Map<string, number[]>();
  const writes = new Map<string, number>();
  const violations: string[] = [];
  let invocations = 0;
  for (const [index, stream] of streams.entries()) {
    const lane = LANES[index]!;
    await deliverInTime({
      stream,
      batchSize: BATCH_SIZE[lane],
      parallelization: PARALLELIZATION,
      invocationMs: INVOCATION_MS,
      async invoke({ shard, records, begunAt }) {
        invocations += 1;
        for (const { sequence } of records) {
          const name = `${lane} ${sequence}`;
          begun.set(name, [...(begun.get(name) ?? []), begunAt]);
        }
        const written = new Map<string, number>();
        const failed = await fold({
          lane,
          stream: stream.name,
          shard,
          records,
          store: {
            ...store,
            write(item) {
              writes.set(item.key, (writes.get(item.key) ?? 0) + 1);
              const name = `${item.key} ${item.item}`;
              if (!isOfLink(item)) written.set(name, (written.get(name) ?? 0) + 1);
              return store.write(item);
            },
          },
          quarantine,
          now: () => begunAt,
        });
        for (const [name, times] of written)
          if (times > 1) violations.push(`${name.split(' ')[1]} is written ${times} times in one invocation`);
        return failed;
      },
    });
  }
  if (quarantine.entries().length > 0) violations.push('a good event is in quarantine');
  return { store, invocations, begun, writes, violations };
}

/** What the others have of it that somebody else is there. */
function unlike(alone: Delivered, crowded: Delivered, others: ReadonlySet<string>): readonly string[] {
  const itemsOf = ({ store }: Delivered): ReadonlyMap<string, StoredItem> =>
    new Map(
      store
        .items()
        .filter(({ key }) => others.has(key))
        .map((item) => [`${item.key} ${item.item}`, item]),
    );
  const [wanted, found] = [itemsOf(alone), itemsOf(crowded)];
  const items = [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => !isDeepStrictEqual(wanted.get(name), found.get(name)))
    .map((name) => `beside the hot subject another’s ${name.split(' ')[1]} is not as without it`);
  const late = [...alone.begun].filter(([name, at]) => !isDeepStrictEqual(crowded.begun.get(name), at));
  if (late.length > 0) items.push(`${late.length} events of others are in other invocations than without it`);
  const costlier = [...others].filter((key) => alone.writes.get(key) !== crowded.writes.get(key));
  if (costlier.length > 0) items.push(`${costlier.length} others are not written as often as without it`);
  return items;
}

async function sizesOf(store: MemoryProfileStore, keys: ReadonlySet<string>) {
  const violations: string[] = [];
  const most = { 'bytes that a decision reads': 0, 'bytes of an item of it': 0, 'bytes an old order': 0 };
  const measure = (name: keyof typeof most, size: number): void => {
    most[name] = Math.max(most[name], size);
  };
  for (const key of keys) {
    const read = await store.query(key);
    measure(
      'bytes that a decision reads',
      read.map(bytesOf).reduce((sum, bytes) => sum + bytes, 0),
    );
    for (const item of read) {
      const bytes = bytesOf(item);
      measure('bytes of an item of it', bytes);
      const limit = MAX_BYTES[item.item.split('#')[0] as keyof typeof MAX_BYTES] ?? 0;
      if (bytes > limit) violations.push(`${item.item} of the hot subject has ${bytes} bytes`);
    }
    const links = read.filter(({ item }) => item.startsWith('link#')).length;
    if (links > MAX_LINKS) violations.push(`the hot subject has ${links} links`);

    const pages = store.items().filter((item) => item.key === key && item.item.startsWith('orders#'));
    const orders = pages.map(({ state }) => decodeEntries(JSON.parse(state)).length);
    const all = orders.reduce((sum, count) => sum + count, 0);
    const share = all * LARGEST_PAGE;
    for (const [index, page] of pages.entries()) {
      const each = Math.ceil(bytesOf(page) / orders[index]!);
      measure('bytes an old order', each);
      if (each > MAX_ENTRY_BYTES) violations.push(`${page.item} has ${each} bytes an order`);
      // Six standard deviations more than their share.
      if (orders[index]! > share + 6 * Math.sqrt(share))
        violations.push(`${page.item} has ${orders[index]} of ${all} old orders`);
    }
  }
  return { most, violations };
}

/** What a link writes at its two ends comes from each of them, perhaps at once; a device that turns out to be shared has no copy. */
function isOfLink({ item }: StoredItem): boolean {
  return item.startsWith('link') || isDeviceCopy(item);
}

function bytesOf({ state, ring }: StoredItem): number {
  return Buffer.byteLength(state) + (ring?.byteLength ?? 0);
}
