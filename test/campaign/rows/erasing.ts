import { eraseSubject, type ErasePorts } from '../../../shared/adapters/erase-subject.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { liveDevices, speaksFor } from '../../../shared/domain/account.ts';
import { facetsToErase, isErasedAsOf, type Suppression } from '../../../shared/domain/erasure.ts';
import { UNLINK_EVENT } from '../../../shared/domain/events.ts';
import { foldSubject } from '../../../shared/domain/fold.ts';
import { profileOf } from '../../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../../shared/domain/stream-event.ts';
import type { LogRecord } from '../../../shared/ports/event-log.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import { seededRandom, type Random } from '../../bench/ranking/seeded-random.ts';
import { keyOf, NOW } from '../../memory-stage.ts';
import { eventsOf } from '../../property/account-model.ts';
import type { Trial } from '../row.ts';
import { runSchedule, type ScheduleOptions } from '../schedule.ts';
import { SHIPPED, type FoldUnderTest } from '../subject-under-test.ts';
import { LINKING, someRecords, type ShopRecords } from '../shop-events.ts';

const USERS = ['ann', 'bob', 'eve'];
const DEVICES = ['phone', 'kiosk', 'laptop', 'tablet'];
const HOUR_MS = 3_600_000;

export interface ErasingUnderTest extends Pick<ScheduleOptions, 'fold'> {
  readonly erase?: (suppression: Suppression, ports: ErasePorts) => Promise<unknown>;
}

/**
 * Somebody is erased while their events, from before and from after it, are folded and delivered again: no item may hold
 * anything that happened before, and no account may count a device that was somebody else's.
 */
export async function tryErasing(seed: number, underTest: ErasingUnderTest = {}): Promise<Trial> {
  const { erase = eraseSubject, fold } = underTest;
  const random = seededRandom(seed);
  const drawn = await someRecords(seed, random, {
    events: 4 + (seed % 30),
    mix: LINKING,
    users: USERS,
    devices: DEVICES,
    isSteady: true,
  });
  const records = {
    critical: withLaterOnes(drawn.critical, random),
    bulk: withLaterOnes(drawn.bulk, random),
  };
  const erased = USERS.filter((_, index) => index === seed % USERS.length || random() < 0.15);
  const store = memoryProfileStore();
  const { invocations, crashes, violations } = await runSchedule(seed, {
    records,
    store,
    storms: 60,
    ...(fold && { fold }),
    expected: withoutLateLinks,
    async erasing(ports) {
      for (const user of erased) await erase({ key: keyOf(`u:${user}`), kind: 'user', erasedAt: NOW }, ports);
    },
  });
  const wrong = [
    ...violations,
    ...wrongIn(
      store.items(),
      erased.map((user) => keyOf(`u:${user}`)),
      records,
    ),
  ];
  return {
    counts: { schedules: 1, erasings: erased.length, invocations, crashes },
    violations: [...new Set(wrong)],
  };
}

/** The shipped fold, erasing no device: which are, is taken from the items that it is compared with. */
export const withoutLateLinks: FoldUnderTest = (batch) =>
  SHIPPED({
    ...batch,
    foldSubject: (...of) => {
      const step = foldSubject(...of);
      return 'needs' in step ? step : { ...step, lateLinks: [] };
    },
  });

/**
 * The second half comes an hour later; of what is in it some happened before the first half came, some since. A message
 * that is sent twice happened once.
 */
function withLaterOnes(records: readonly LogRecord[], random: Random): readonly LogRecord[] {
  const times = new Map<string, number>();
  return records.map((record, index) => {
    if (record.data.includes('"no":')) return record;
    const event = JSON.parse(record.data) as StreamEvent;
    const isLater = index >= records.length / 2;
    const isNew = isLater && random() < 0.5;
    const { messageId } = event.message;
    const at = times.get(messageId) ?? (isNew ? NOW + 1 + Math.floor(random() * HOUR_MS) : event.at);
    times.set(messageId, at);
    return {
      ...record,
      data: JSON.stringify({ ...event, at, receivedAt: isLater ? NOW + HOUR_MS : event.receivedAt }),
    };
  });
}

function wrongIn(
  items: readonly StoredItem[],
  erased: readonly string[],
  records: ShopRecords,
): readonly string[] {
  const itemsOf = (key: string): readonly StoredItem[] => items.filter((item) => item.key === key);
  const facetsOf = (key: string): readonly StoredItem[] => {
    const facets: readonly string[] = facetsToErase('user');
    return itemsOf(key).filter(({ item }) => facets.includes(item));
  };
  const wrong: string[] = [];
  for (const user of erased) {
    const facets = facetsOf(user).filter(({ erasedAt = 0 }) => erasedAt >= NOW);
    if (facets.length !== facetsToErase('user').length) wrong.push('a facet does not know of the erasing');
  }
  const visits = eventsIn(records).filter(
    ({ keys, subject, message }) =>
      keys.device !== undefined && subject.kind === 'user' && message.event !== UNLINK_EVENT,
  );
  for (const name of USERS) {
    const user = keyOf(`u:${name}`);
    const profile = profileOf(itemsOf(user));
    for (const { device } of liveDevices(profile)) {
      const own = itemsOf(device);
      if (!speaksFor(profileOf(own), user)) continue;
      for (const { keys, subject, at } of visits) {
        if (keys.device !== device || isErasedAsOf(own, at)) continue;
        if (subject.key !== user) wrong.push(`${name} counts a device that another was proven on`);
        else if (erased.includes(user) && at <= NOW)
          wrong.push(
            `${name} counts a device that was theirs before they were erased, with all that it knew`,
          );
      }
    }
    // Whoever is erased has no device left that they were proven on before, counted or not.
    if (!erased.includes(user)) continue;
    for (const { keys, subject, at } of visits) {
      if (subject.key !== user || at > NOW) continue;
      const own = itemsOf(keys.device ?? '');
      if (isErasedAsOf(own, at) || profileOf(own).owner?.isShared) continue;
      wrong.push(`a device of ${name} is not erased with them`);
    }
  }
  return wrong;
}

function eventsIn(records: ShopRecords): readonly StreamEvent[] {
  return eventsOf(
    {
      clock: { now: () => NOW },
      eventLog: { records: (lane: Lane) => records[lane].filter(({ data }) => !data.includes('"no":')) },
    },
    'critical',
  );
}
