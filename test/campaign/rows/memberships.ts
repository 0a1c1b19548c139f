import { memoryAnnouncements } from '../../../shared/adapters/memory/memory-announcements.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { readAccount } from '../../../shared/adapters/read-account.ts';
import { NO_FACTS } from '../../../shared/domain/facts.ts';
import { profileOf } from '../../../shared/domain/profile.ts';
import { segmentsOfConfig } from '../../../shared/domain/segments/compile-segments.ts';
import { holds } from '../../../shared/domain/segments/evaluate.ts';
import { evidenceOf } from '../../../shared/domain/segments/membership.ts';
import { crossingId, decodeStandings } from '../../../shared/domain/segments/standing.ts';
import type { ProfileStore } from '../../../shared/ports/profile-store.ts';
import type { Announcement } from '../../../shared/protocol/announcement.ts';
import { store as config } from '../../../store.config.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { NOW } from '../../memory-stage.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { runSchedule, type ScheduleOptions } from '../schedule.ts';
import { someRecords, type Mix } from '../shop-events.ts';

/** Each needs facts of both lanes, and can be left again through either. */
const ANNOUNCED = segmentsOfConfig({
  ...config.segments,
  named: {
    'looks-only': {
      description: 'Looks and has bought nothing.',
      when: { $count: { event: 'Product Viewed', is: { $gte: 1 } }, 'orders.count': 0 },
      announce: true,
    },
    'looked-and-bought': {
      description: 'Looked twice and bought.',
      when: { $count: { event: 'Product Viewed', is: { $gte: 2 } }, 'orders.count': { $gte: 1 } },
      announce: true,
    },
    'leaves-a-cart': {
      description: 'Has something in the cart and reads few pages.',
      when: { 'cart.lines': { $gte: 1 }, $count: { event: 'page', is: { $lt: 3 } } },
      announce: true,
    },
    'not-announced': { description: 'Bought.', when: { 'orders.count': { $gte: 1 } } },
  },
});
const CROSSING: Mix = new Map([
  ['view', 0.3],
  ['page', 0.15],
  ['order', 0.15],
  ['change', 0.1],
  ['cart', 0.15],
  ['visit', 0.1],
  ['unlink', 0.05],
]);

/** A schedule after which everybody must have been told of everything that happened to them. */
export async function tryMemberships(seed: number, options: ScheduleOptions = {}): Promise<Trial> {
  const records = await someRecords(seed, seededRandom(seed), {
    events: 2 + (seed % 40),
    mix: CROSSING,
    // One user, so that no device is shared: the first user of one that is hears of it with their next event.
    users: ['ann'],
    devices: ['phone', 'laptop', 'tablet'],
    orders: 12,
    isSteady: true,
  });
  const store = memoryProfileStore();
  const written = watchCrossings(store);
  const announcements = memoryAnnouncements();
  const { invocations, crashes, violations } = await runSchedule(seed, {
    records,
    store,
    storms: 60,
    announcing: { segments: ANNOUNCED, announcements },
    ...options,
  });
  const told = announcements.told();
  const ids = new Set(told.map(({ id }) => id));
  const wrong = [
    ...violations,
    ...[...written].filter(([id]) => !ids.has(id)).map(([, crossing]) => `not told: ${crossing}`),
    ...[...ids].filter((id) => !written.has(id)).map((id) => `told, and did not happen: ${id}`),
    ...(await everybodysFaults(store, told)),
  ];
  return {
    counts: {
      schedules: 1,
      crossings: ids.size,
      'told again': told.length - ids.size,
      invocations,
      crashes,
    },
    violations: wrong,
  };
}

export const membershipsRow: Row = pureRow({
  name: 'memberships',
  input:
    'people who enter and leave segments that need facts of both lanes, with the faults of “any schedule”, also in telling it',
  holds: 'no crossing missed, none told that did not happen, the last one told is how it is: violations 0',
  runs: { short: 300, long: 200_000 },
  run: (seed) => tryMemberships(seed),
});

/** Every crossing that stood in an item, by its id. */
function watchCrossings(store: ProfileStore): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  const { write } = store;
  store.write = async (item) => {
    const outcome = await write(item);
    if (outcome === 'written' && item.item === 'membership') {
      for (const crossing of decodeStandings(item).untold)
        written.set(crossingId(item.key, crossing), JSON.stringify(crossing));
    }
    return outcome;
  };
  return written;
}

async function everybodysFaults(
  store: ReturnType<typeof memoryProfileStore>,
  told: readonly Announcement[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const key of new Set(store.items().map((item) => item.key))) {
    const items = await store.query(key);
    const { owner } = profileOf(items);
    const isSomebodys = owner !== undefined && !owner.isShared;
    const facts = isSomebodys ? NO_FACTS : (await readAccount(key, items, store)).profile;
    const evidence = evidenceOf(facts, ANNOUNCED, NOW);
    for (const segment of ANNOUNCED.announced.keys()) {
      const condition = ANNOUNCED.named.get(segment)?.condition;
      const isIn = condition !== undefined && facts.exists && holds(condition, evidence);
      faults.push(...storyFaults(told, key, segment, isIn ? 'in' : 'out'));
    }
  }
  return faults;
}

/** What one person was told of one segment must be a story that ends as things are. */
function storyFaults(
  told: readonly Announcement[],
  key: string,
  segment: string,
  state: Announcement['state'],
): readonly string[] {
  const own = told.filter((one) => one.subject === key && one.segment === segment);
  const story = [...new Map(own.map((one) => [one.id, one])).values()].sort(
    (one, other) => one.version - other.version,
  );
  const states = story.map((one) => one.state);
  const faults: string[] = [];
  if ((states.at(-1) ?? 'out') !== state)
    faults.push(`somebody is ${state} of ${segment}, and told were: ${states.join(', ')}`);
  if (states.some((one, index) => one !== (index % 2 === 0 ? 'in' : 'out')))
    faults.push(`of ${segment} the story is ${states.join(', ')}`);
  if (new Set(own.map((one) => JSON.stringify(one))).size !== story.length)
    faults.push(`of ${segment} one crossing was told in different words`);
  if (story.some(({ because }) => because === 'definition'))
    faults.push(`${segment} is said to mean something else now`);
  return faults;
}
