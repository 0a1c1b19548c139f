import pLimit from 'p-limit';
import { logUnder } from '../../shared/adapters/telemetry/log-under.ts';
import { facetsOf, foldSubject, type FoldContext, type SubjectFold } from '../../shared/domain/fold.ts';
import type { ItemName, StoredItem } from '../../shared/domain/item.ts';
import type { WindowPlan } from '../../shared/domain/segments/window.ts';
import { compareSequences } from '../../shared/domain/watermark.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Suppressions } from '../../shared/ports/suppressions.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { AnnouncementsUnavailable } from '../../shared/ports/announcements.ts';
import { absorbDevices, type AbsorbDependencies } from './absorb-devices.ts';
import { correlationOf, type BatchRecord, type Subject } from './batch-record.ts';
import type { OutcomeMeter } from './measure-outcomes.ts';
import { announceMemberships, type Announcing } from './announce-memberships.ts';
import { eraseLateLink } from './erase-late-link.ts';
import {
  poisonOf,
  quarantined,
  setAside,
  type QuarantineDependencies,
  type Unreadable,
} from './quarantine-records.ts';
import { storeLink } from './store-link.ts';
import { count, emptyTally, recordTally, type Tally } from './tally.ts';
import { traceSubject } from './trace-subject.ts';
import { isOutOfTime, withinTime } from './within-time.ts';

export interface FoldDependencies extends AbsorbDependencies, QuarantineDependencies {
  readonly suppressions: Suppressions;
  /** What events do to a profile. Default: `foldSubject`. */
  readonly fold?: typeof foldSubject;
  /** What segments look back at. */
  readonly windows: WindowPlan;
  /** Absent: this lane brings no outcomes. */
  readonly outcomes?: OutcomeMeter;
  /** Absent: nothing is announced, and nobody judged, before somebody reads. */
  readonly announcing?: Announcing;
}

/** Subjects written at a time: enough to hide the store's latency, few enough to keep its sockets. */
const SUBJECTS_IN_FLIGHT = 24;
/**
 * How long the fold of a record may take that comes alone and late, ms; it takes less than one. That is how a record comes
 * after its batch was cut in halves until no other half timed out: what hangs is found here, and blocks nobody further.
 */
const LATE_RECORD_LIMIT_MS = 1_000;
/** Older than this is what has been through a time-out of the function, which is twice as long. */
const LATE_MS = 30_000;
/** Tries at one subject before its records are left to the next delivery. */
const MAX_TRIES = 5;
/** Readings of a subject's items, each of what the one before showed to be missing or stale: seldom more than two. */
const MAX_READINGS = 20;

/**
 * Folds one batch. Each subject is one unit: it lands whole or fails at its first record, and no later one of it
 * is taken. Poison is kept in quarantine before the watermark passes it.
 *
 * @returns the lowest sequence that was not taken, or null
 */
export async function foldBatch(
  records: readonly BatchRecord[],
  incarnation: string,
  hasTime: () => boolean,
  dependencies: FoldDependencies,
): Promise<string | null> {
  const { subjects, unreadable } = parseRecords(records);
  const failed: string[] = [];
  if (!(await quarantined(unreadable, dependencies)))
    failed.push(...unreadable.map(({ record }) => record.sequence));

  const items = await readFacets(subjects, dependencies);
  const folding = isAloneAndLate(records, dependencies) ? watched(dependencies) : dependencies;
  const tally = emptyTally();
  await pLimit(SUBJECTS_IN_FLIGHT).map(subjects, async (subject) => {
    const [first] = subject.records;
    const isTaken =
      items !== null && hasTime() && (await foldOne(subject, items, incarnation, folding, tally));
    if (!isTaken && first) failed.push(first.sequence);
  });
  recordTally(tally, dependencies);
  if (tally.toMeasure.length > 0) await dependencies.outcomes?.measure(tally.toMeasure, hasTime);
  await absorbDevices(tally.toLookAfter, hasTime, dependencies);
  return failed.sort(compareSequences)[0] ?? null;
}

function isAloneAndLate([first, ...others]: readonly BatchRecord[], { clock }: FoldDependencies): boolean {
  return first !== undefined && others.length === 0 && clock.now() - first.arrivedAt > LATE_MS;
}

function watched(dependencies: FoldDependencies): FoldDependencies {
  const { fold = foldSubject } = dependencies;
  return { ...dependencies, fold: (...of) => withinTime(LATE_RECORD_LIMIT_MS, () => fold(...of)) };
}

function parseRecords(records: readonly BatchRecord[]): {
  readonly subjects: readonly Subject[];
  readonly unreadable: readonly Unreadable[];
} {
  const subjects = new Map<string, Subject>();
  const unreadable: Unreadable[] = [];
  for (const record of records) {
    const parsed = parseStreamRecord(record.data, record.partitionKey);
    if (!parsed.ok) {
      unreadable.push({ record, rejection: parsed.rejection });
      continue;
    }
    const subject = subjects.get(record.partitionKey) ?? { key: record.partitionKey, records: [] };
    subject.records.push({ sequence: record.sequence, event: parsed.value, source: record });
    subjects.set(record.partitionKey, subject);
  }
  return { subjects: [...subjects.values()], unreadable };
}

type ItemsByKey = ReadonlyMap<string, Map<ItemName, StoredItem | null>>;

/** All facets of all subjects in as few reads as the store allows; null if it is out of reach. */
async function readFacets(
  subjects: readonly Subject[],
  dependencies: FoldDependencies,
): Promise<ItemsByKey | null> {
  const items = new Map(
    subjects.map(({ key, records }) => {
      const facets = records.flatMap(({ event }) => facetsOf(event, dependencies.lane));
      return [key, new Map<ItemName, StoredItem | null>(facets.map((facet) => [facet, null]))];
    }),
  );
  try {
    const refs = [...items].flatMap(([key, facets]) => [...facets.keys()].map((item) => ({ key, item })));
    for (const stored of await dependencies.store.read(refs)) items.get(stored.key)?.set(stored.item, stored);
    return items;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    dependencies.log.warn('store out of reach, the batch stays', { code: error.code });
    return null;
  }
}

/** @returns whether every record of the subject is settled: applied, skipped or in quarantine */
async function foldOne(
  subject: Subject,
  itemsByKey: ItemsByKey,
  incarnation: string,
  dependencies: FoldDependencies,
  tally: Tally,
): Promise<boolean> {
  const { store, clock, lane, windows } = dependencies;
  const log = logUnder(dependencies.log, correlationOf(subject.records[0]?.event));
  const items = itemsByKey.get(subject.key) ?? new Map<ItemName, StoredItem | null>();
  const kept = new Set<string>();
  try {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      const context: FoldContext = { lane, incarnation, now: clock.now(), windows };
      const fold = await foldReading(subject, items, context, dependencies);
      const poison = poisonOf(fold, subject).filter(({ record }) => !kept.has(record.sequence));
      if (!(await quarantined(poison, dependencies))) return false;
      for (const { record } of poison) kept.add(record.sequence);
      for (const link of fold.links) await storeLink(link, store, clock);
      for (const late of fold.lateLinks) await eraseLateLink(late, dependencies);
      const outcome = await writeAll(fold.writes, store);
      if (outcome === 'written') {
        count(fold, subject, dependencies, tally);
        traceSubject(subject, fold, clock.now(), dependencies.log);
        return await announced(fold, subject, dependencies);
      }
      if (outcome === 'refused') return await setAside(subject, kept, 'store_refused', dependencies);
      // Somebody else wrote, or a try of ours whose answer was lost did: read again and see what is left to do.
      const names = [...items.keys()];
      const fresh = await store.read(names.map((item) => ({ key: subject.key, item })));
      for (const item of names) items.set(item, fresh.find((stored) => stored.item === item) ?? null);
    }
    log.warn('a subject stays contended, its records stay', { tries: MAX_TRIES });
    return false;
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      log.warn('store out of reach, a subject stays', { code: error.code });
      return false;
    }
    // Whatever it is, the next delivery would meet it too: it must not block the shard.
    log.error('a subject cannot be folded', { subject: subject.key }, error);
    const code = isOutOfTime(error) ? 'fold_timed_out' : 'fold_failed';
    return await setAside(subject, kept, code, dependencies);
  }
}

/** @returns whether whoever is to be told of memberships has been; if not, the subject's records stay */
async function announced(
  fold: SubjectFold,
  { key, records }: Subject,
  { announcing, store, clock, log }: FoldDependencies,
): Promise<boolean> {
  if (announcing === undefined) return true;
  const isRedelivered = [...fold.verdicts.values()].includes('redelivered');
  // What has been taken before makes no link again.
  const devices = isRedelivered
    ? records.flatMap(({ event }) => (event.subject.kind === 'user' ? (event.keys.device ?? []) : []))
    : fold.links.filter(({ proof }) => proof !== 'none').map(({ device }) => device);
  try {
    await announceMemberships([...new Set([key, ...devices])], isRedelivered, {
      ...announcing,
      store,
      clock,
    });
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof AnnouncementsUnavailable) {
      log.warn('memberships are not announced, a subject stays', { code: error.code });
      return false;
    }
    // The facets stand; the next delivery would meet it too.
    log.error('memberships cannot be judged', { subject: key }, error);
    return true;
  }
}

async function foldReading(
  subject: Subject,
  items: Map<ItemName, StoredItem | null>,
  context: FoldContext,
  { store, fold = foldSubject }: Pick<FoldDependencies, 'store' | 'fold'>,
): Promise<SubjectFold> {
  for (let reading = 1; reading <= MAX_READINGS; reading++) {
    const step = fold(subject.key, subject.records, items, context);
    if (!('needs' in step)) return step;
    for (const item of step.needs) items.set(item, null);
    const read = await store.read(step.needs.map((item) => ({ key: subject.key, item })));
    for (const stored of read) items.set(stored.item, stored);
  }
  throw new StoreUnavailable('the items of a subject do not come to rest');
}

async function writeAll(
  writes: readonly StoredItem[],
  store: ProfileStore,
): Promise<'written' | 'conflict' | 'refused'> {
  for (const item of writes) {
    const outcome = await store.write(item);
    if (outcome !== 'written') return outcome;
  }
  return 'written';
}
