import { foldBatch } from '../../functions/fold-profiles/fold-batch.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import type { foldSubject } from '../../shared/domain/fold.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import { type ProfileStore, StoreUnavailable } from '../../shared/ports/profile-store.ts';
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
  readonly foldSubject?: typeof foldSubject;
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
  foldSubject: fold,
}) =>
  foldBatch(
    records.map((record) => ({ ...record, shardId: shard.id })),
    incarnationOf(stream),
    () => true,
    {
      lane,
      store,
      quarantine,
      suppressions,
      clock: { now },
      meter: memoryMeter(),
      log: memoryLog(),
      windows: SEGMENTS.windows,
      streamRetentionMs: STREAM_RETENTION_MS,
      ...(fold && { fold }),
    },
  );

/** Ports as one invocation meets them. */
export function troubledPorts(
  store: ProfileStore,
  quarantine: Quarantine,
  { call }: Invocation,
  suppressions: Suppressions = memorySuppressions(),
): {
  readonly store: ProfileStore;
  readonly quarantine: Quarantine;
  readonly suppressions: Suppressions;
} {
  const away = (): Error => new StoreUnavailable('told to fail');
  return {
    store: {
      read: (refs) => call(() => store.read(refs), away),
      query: (key, options) => call(() => store.query(key, options), away),
      write: (item) => call(() => store.write(item), away),
    },
    suppressions: { record: (entry) => call(() => suppressions.record(entry), away) },
    quarantine: {
      keep: (entries) =>
        call(
          () => quarantine.keep(entries),
          () => new QuarantineUnavailable('told to fail'),
        ),
    },
  };
}
