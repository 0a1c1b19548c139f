import { isDeepStrictEqual } from 'node:util';
import { eventsOf, factsOf, modelOf } from '../../property/account-model.ts';
import { memoryStage } from '../../memory-stage.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { runSchedule } from '../schedule.ts';
import { LINKING, someRecords, type ShopRecords } from '../shop-events.ts';

const USERS = ['ann', 'bob', 'eve'];
/** No more than a reader reads, so that an account is never partial. */
const DEVICES = ['phone', 'kiosk', 'laptop', 'tablet'];

export const linksRow: Row = pureRow({
  name: 'links',
  input:
    'sign in, share, leave for another device, unlink, buy, interleaved over lanes and shards, with the faults of “any schedule”',
  holds: 'confluent; unlinking restores; two users are never joined: counterexamples 0',
  aim: { atLeast: 100_000, of: 'schedules' },
  runs: { short: 300, long: 100_000 },
  run: tryLinks,
});

async function tryLinks(seed: number): Promise<Trial> {
  const records = await someRecords(seed, seededRandom(seed), {
    events: 4 + (seed % 30),
    mix: LINKING,
    users: USERS,
    devices: DEVICES,
    isSteady: true,
  });
  const stage = memoryStage();
  const { invocations, crashes, violations } = await runSchedule(seed, {
    records,
    store: stage.store,
    storms: 60,
  });
  const wrong = [...violations];
  const streams = {
    clock: stage.clock,
    eventLog: { records: (lane: keyof ShopRecords) => eventsOnly(records)[lane] },
  };
  for (const userId of USERS) {
    const { body } = await stage.profile(`u:${userId}`);
    const [found, wanted] = [factsOf(body), modelOf(streams, userId)];
    if (!isDeepStrictEqual(found, wanted))
      wrong.push(`${userId} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
  const links = eventsOf(streams, 'critical').filter(
    ({ keys, subject }) => keys.device !== undefined && subject.kind === 'user',
  ).length;
  return { counts: { schedules: 1, 'links and partings': links, invocations, crashes }, violations: wrong };
}

function eventsOnly({ critical, bulk }: ShopRecords): ShopRecords {
  return { critical: critical.filter(({ data }) => !data.includes('"no":')), bulk };
}
