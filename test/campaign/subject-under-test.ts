import type { Announcing } from '../../functions/fold-profiles/announce-memberships.ts';
import { foldBatch } from '../../functions/fold-profiles/fold-batch.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import type { foldSubject } from '../../shared/domain/fold.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import type { WindowPlan } from '../../shared/domain/segments/window.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import { type Announcements, AnnouncementsUnavailable } from '../../shared/ports/announcements.ts';
import { type ItemRef, type ProfileStore, StoreUnavailable } from '../../shared/ports/profile-store.ts';
import type { Suppressions } from '../../shared/ports/suppressions.ts';
import { type Quarantine, QuarantineUnavailable } from '../../shared/ports/quarantine.ts';
import { STREAM_RETENTION_MS } from '../memory-stage.ts';
import { SEGMENTS } from '../segments.ts';
import type { Invocation } from './invocation.ts';
import type { Shard, StreamRecord } from './stream-model.ts';

/** One batch on its way into a fold. */
export interface Batch {
  readonly lane: Lane;
  readonly stream: string;
  readonly shard: Shard;
  readonly records: readonly StreamRecord[];
  readonly store: ProfileStore;
  readonly quarantine: Quarantine;
  /** Default: what is put down there is not looked at. */
  readonly suppressions?: Suppressions;
  readonly now: () => number;
  /** Lambda's time is not up yet. Default: it never is. */
  readonly hasTime?: () => boolean;
  readonly foldSubject?: typeof foldSubject;
  /** What is kept of events. Default: what the shipped segments look back at. */
  readonly windows?: WindowPlan;
  /** Absent: nothing is announced. */
  readonly announcing?: Announcing;
}

/** A fold to be tried. @returns the lowest sequence that was not taken, or null */
export type FoldUnderTest = (batch: Batch) => Promise<string | null>;

/** The one that ships. */
export const SHIPPED: FoldUnderTest = ({
  lane,
  stream,
  shard,
  records,
  store,
  quarantine,
  suppressions = memorySuppressions(),
  now,
  hasTime = () => true,
  foldSubject: fold,
  announcing,
  windows = (announcing?.segments ?? SEGMENTS).windows,
}) =>
  foldBatch(
    records.map((record) => ({ ...record, shardId: shard.id })),
    incarnationOf(stream),
    hasTime,
    {
      lane,
      store,
      quarantine,
      suppressions,
      clock: { now },
      meter: memoryMeter(),
      log: memoryLog(),
      windows,
      streamRetentionMs: STREAM_RETENTION_MS,
      ...(fold && { fold }),
      ...(announcing && { announcing }),
    },
  );

/** Announcements as one invocation meets them. */
export function troubledAnnouncements(announcements: Announcements, { call }: Invocation): Announcements {
  return {
    announce: (key, crossings) =>
      call(
        `announce ${key} ${crossings.length}`,
        () => announcements.announce(key, crossings),
        () => new AnnouncementsUnavailable('told to fail'),
      ),
  };
}

/** Ports as one invocation meets them. */
export function troubledPorts(
  store: ProfileStore,
  quarantine: Quarantine,
  { call, hasTime }: Invocation,
  suppressions: Suppressions = memorySuppressions(),
): {
  readonly store: ProfileStore;
  readonly quarantine: Quarantine;
  readonly suppressions: Suppressions;
  readonly hasTime: () => boolean;
} {
  const namesOf = (refs: readonly ItemRef[]): string => refs.map(({ key, item }) => `${key} ${item}`).join();
  const away = (): Error => new StoreUnavailable('told to fail');
  return {
    store: {
      read: (refs) => call(`read ${namesOf(refs)}`, () => store.read(refs), away),
      query: (key, options) => call(`query ${key}`, () => store.query(key, options), away),
      write: (item) => call(`write ${item.key} ${item.item}`, () => store.write(item), away),
    },
    suppressions: {
      record: (entry) => call('suppress', () => suppressions.record(entry), away),
      find: (key) => call(`find ${key}`, () => suppressions.find(key), away),
    },
    quarantine: {
      keep: (entries) =>
        call(
          `keep ${entries.map(({ id }) => id).join()}`,
          () => quarantine.keep(entries),
          () => new QuarantineUnavailable('told to fail'),
        ),
    },
    hasTime,
  };
}
