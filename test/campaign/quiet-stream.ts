import type { BatchPolicy } from '../../local/batch-rules.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Quarantine } from '../../shared/ports/quarantine.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import type { Random } from '../bench/ranking/seeded-random.ts';
import { NOW } from '../memory-stage.ts';
import { deliverStream, type EventSourceOptions } from './event-source.ts';
import { KEEP_TRYING } from './schedule.ts';
import type { StreamModel, StreamRecord } from './stream-model.ts';
import { SHIPPED, type FoldUnderTest } from './subject-under-test.ts';

/** As shipped: infra/service-stack.ts. */
export const BATCH_SIZE: Readonly<Record<Lane, number>> = { critical: 500, bulk: 1_000 };

export interface QuietOptions {
  readonly lane: Lane;
  readonly stream: StreamModel;
  readonly store: ProfileStore;
  readonly quarantine: Quarantine;
  readonly random: Random;
  readonly fold?: FoldUnderTest;
  readonly policy?: BatchPolicy;
  readonly parallelization?: number;
  readonly now?: () => number;
  readonly onDiscard?: EventSourceOptions['onDiscard'];
  /** Sees each batch before the fold does; may end the invocation by answering false. */
  readonly before?: (records: readonly StreamRecord[]) => boolean;
}

/** Delivers a stream to the fold with nothing in its way but what a test puts there. @returns how many invocations it took */
export async function deliverQuietly({
  lane,
  stream,
  store,
  quarantine,
  random,
  fold = SHIPPED,
  policy = KEEP_TRYING,
  parallelization = 2,
  now = () => NOW,
  onDiscard = () => undefined,
  before = () => true,
}: QuietOptions): Promise<number> {
  let invocations = 0;
  await deliverStream({
    stream,
    batchSize: BATCH_SIZE[lane],
    parallelization,
    policy,
    random,
    now,
    onDiscard,
    invoke(records, shard) {
      invocations += 1;
      if (!before(records)) return Promise.resolve(undefined);
      return fold({ lane, stream: stream.name, shard, records, store, quarantine, now });
    },
  });
  return invocations;
}
