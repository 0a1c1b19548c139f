import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { seededRandom, shuffled } from '../../bench/ranking/seeded-random.ts';
import { keyOf, NOW } from '../../memory-stage.ts';
import { differences, facetStates, modelFold } from '../model-fold.ts';
import { deliverQuietly } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { recordsOf, shopEvents } from '../shop-events.ts';
import { streamModel } from '../stream-model.ts';

const HOT_EVENTS = 10_000;
const OTHER_EVENTS = 1_000;
const OTHERS = Array.from({ length: 200 }, (_, index) => `other ${index}`);
/** An item of one subject may not outgrow it, whatever happens: eight write units. */
const MAX_ITEM_BYTES = 8 * 1024;

export const hotSubject: Row = pureRow({
  name: 'hot subject',
  input: 'one subject gets 10k events in a minute, among 1k of 200 others',
  holds: `the others are as without it; its items stay under ${MAX_ITEM_BYTES / 1024} KB; ≤ 1 write a facet and batch`,
  runs: { short: 1, long: 20 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const hot = shopEvents(random, {
      events: HOT_EVENTS,
      users: ['hot'],
      devices: ['hot'],
      orders: HOT_EVENTS,
    });
    const others = shopEvents(random, { events: OTHER_EVENTS, users: OTHERS, devices: OTHERS }).map(
      (event) => ({
        ...event,
        messageId: `other ${(event as { readonly messageId: string }).messageId}`,
      }),
    );
    const ofOthers = await recordsOf(random, others);
    const ofHot = await recordsOf(random, hot);
    const store = memoryProfileStore();
    const quarantine = memoryQuarantine();
    const counts = { events: 0, invocations: 0, 'writes of the hot subject': 0 };
    let largest = 0;
    const hotKeys = new Set([keyOf('u:hot'), keyOf('a:hot')]);
    const facetWrites = new Map<string, number>();
    const { write } = store;
    store.write = (item) => {
      if (hotKeys.has(item.key)) {
        counts['writes of the hot subject'] += 1;
        const name = `${item.key} ${item.item}`;
        facetWrites.set(name, (facetWrites.get(name) ?? 0) + 1);
      }
      return write(item);
    };
    for (const lane of ['critical', 'bulk'] as const) {
      const stream = streamModel(lane, random, 2);
      for (const { partitionKey, data } of interleaved(ofHot[lane], ofOthers[lane], random))
        stream.put(partitionKey, Buffer.from(data), NOW);
      counts.events += ofHot[lane].length + ofOthers[lane].length;
      counts.invocations += await deliverQuietly({ lane, stream, store, quarantine, random });
    }
    const isHot = (name: string): boolean => hotKeys.has(name.split(' ')[0]!);
    const wanted = new Map([
      ...modelFold('critical', ofOthers.critical),
      ...modelFold('bulk', ofOthers.bulk),
    ]);
    const found = new Map([...facetStates(store.items())].filter(([name]) => !isHot(name)));
    const violations = [...differences(wanted, found)];
    for (const { key, item, state, ring } of store.items()) {
      const bytes = Buffer.byteLength(state) + (ring?.byteLength ?? 0);
      if (!hotKeys.has(key)) continue;
      largest = Math.max(largest, bytes);
      if (bytes > MAX_ITEM_BYTES) violations.push(`${item} of the hot subject has ${bytes} bytes`);
    }
    for (const [name, writes] of facetWrites)
      if (!name.includes('link') && writes > counts.invocations)
        violations.push(
          `${name.split(' ')[1]} is written ${writes} times in ${counts.invocations} invocations`,
        );
    return { counts, most: { 'bytes of its largest item': largest }, violations };
  },
});

function interleaved<Value>(
  many: readonly Value[],
  few: readonly Value[],
  random: () => number,
): readonly Value[] {
  const places = shuffled([...many.map(() => true), ...few.map(() => false)], random);
  const [fromMany, fromFew] = [many.values(), few.values()];
  return places.map((isMany) => (isMany ? fromMany : fromFew).next().value!);
}
