import pLimit from 'p-limit';
import { absorb, copyAmong, devicesToAbsorb } from '../../shared/domain/absorption.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { profileOf } from '../../shared/domain/profile.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';

export interface AbsorbDependencies {
  readonly store: ProfileStore;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** How long the streams keep an event: what is silent for longer has nothing on its way. */
  readonly streamRetentionMs: number;
}

/** Users looked after in one batch; the others come with their next link. */
const MAX_USERS = 24;
/** The shard waits meanwhile: what a slow store keeps from being done comes with the next link. */
const BUDGET_MS = 1_000;

/**
 * Puts a copy of their silent devices beside users who have more of them than an account read reads. Nothing hangs
 * on it but what such a read costs, so it never fails: what does not get done is done after the user's next link.
 *
 * @param users keys; their links and facets have landed
 */
export async function absorbDevices(
  users: readonly string[],
  hasTime: () => boolean,
  dependencies: AbsorbDependencies,
): Promise<void> {
  if (users.length === 0) return;
  const { store, clock, meter, log, streamRetentionMs: retentionMs } = dependencies;
  const signal = AbortSignal.timeout(BUDGET_MS);
  const hasBudget = (): boolean => hasTime() && !signal.aborted;
  const query = (key: string): Promise<readonly StoredItem[]> =>
    store.query(key, { consistent: true, signal });
  let absorbed = 0;

  const absorbOne = async (
    user: string,
    device: string,
    stored: StoredItem | undefined,
    now: number,
  ): Promise<void> => {
    if (!hasBudget()) return;
    const copy = absorb({ user, device, items: await query(device), stored, now, retentionMs });
    if (copy === null || !hasBudget()) return;
    // Not written: somebody else was quicker, with a copy that is as good.
    if ((await store.write(copy)) === 'written') absorbed += 1;
  };

  await pLimit(MAX_USERS).map(users.slice(0, MAX_USERS), async (user) => {
    try {
      if (!hasBudget()) return;
      const now = clock.now();
      const items = await query(user);
      for (const device of devicesToAbsorb(profileOf(items), now, retentionMs))
        await absorbOne(user, device, copyAmong(items, device), now);
    } catch (error) {
      log.warn('devices of a user are not absorbed', { subject: user, reason: reasonOf(error) });
    }
  });
  if (absorbed > 0) meter.record('DevicesAbsorbed', absorbed, {});
  meter.flush();
}

function reasonOf(error: unknown): string {
  return error instanceof StoreUnavailable ? error.code : error instanceof Error ? error.name : 'unknown';
}
