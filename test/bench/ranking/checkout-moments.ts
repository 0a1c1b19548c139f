import { NO_WINDOWS_PLANNED } from '../../../shared/domain/segments/window.ts';
import { countBatch } from '../../../functions/count-regions/count-batch.ts';
import { readProfile } from '../../../functions/decide-checkout/read-profile.ts';
import { sortEvents } from '../../../functions/collect-events/sort-events.ts';
import type { BatchRecord } from '../../../functions/fold-profiles/batch-record.ts';
import { foldBatch } from '../../../functions/fold-profiles/fold-batch.ts';
import { manualClock } from '../../../shared/adapters/memory/manual-clock.ts';
import { memoryLog } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../../shared/adapters/memory/memory-suppressions.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { memoryRegionStore } from '../../../shared/adapters/memory/memory-region-store.ts';
import { subjectKeys } from '../../../shared/adapters/secrets/subject-keys.ts';
import { placesOf, type Place } from '../../../shared/domain/place.ts';
import type { Profile } from '../../../shared/domain/profile.ts';
import {
  CELLS_READ,
  countsOf,
  type RegionCounts,
  type Surroundings,
} from '../../../shared/domain/region-counts.ts';
import type { Lane } from '../../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../../shared/domain/watermark.ts';
import { store as config } from '../../../store.config.ts';
import type { CheckoutEvents } from './shop-checkouts.ts';

/** A shopper about to choose: what a decision knows then, and what the shopper then chose. */
export interface CheckoutMoment {
  readonly at: number;
  readonly shopper: string;
  /** Checkouts of the same shopper before this one. */
  readonly earlier: number;
  readonly country: string;
  readonly region: string;
  readonly profile: Profile | undefined;
  readonly surroundings: Surroundings;
  /** The methods that paid: nearly always one. */
  readonly chosen: ReadonlySet<string>;
}

/** How old the counts of a region may be here; in a running shop it is minutes. */
const REGION_AGE_MS = 86_400_000;
/** Nothing is late here, and the store never fails. */
const UNHURRIED = { reads: () => new AbortController().signal };
const ALWAYS_CLOSED = { admit: () => ({ settle: () => undefined }) };
const INCARNATION = incarnationOf('stream-history');
const STREAM_RETENTION_MS = config.stages.prod.streamRetentionHours * 3_600_000;

/**
 * Goes through a history checkout by checkout and says what a decision would have known just before the payment was
 * chosen. The events go through the product's own code on stores in memory: sorted and keyed as the collector does,
 * folded, counted by region, read as the decision reads an account.
 */
export async function* checkoutMoments(history: readonly CheckoutEvents[]): AsyncGenerator<CheckoutMoment> {
  const clock = manualClock(0);
  const telemetry = { meter: memoryMeter(), log: memoryLog() };
  const profiles = memoryProfileStore();
  const regions = memoryRegionStore();
  const keys = subjectKeys('ranking-quality');
  const known = new Map<Place, { readonly at: number; readonly counts: RegionCounts }>();
  const earlier = new Map<string, number>();
  let sequence = 0n;

  const take = async (lines: readonly string[]): Promise<void> => {
    const batches: Record<Lane, BatchRecord[]> = { critical: [], bulk: [] };
    for (const line of lines) {
      const event = JSON.parse(line) as { readonly timestamp: string };
      const receivedAt = Date.parse(event.timestamp);
      const { lanes } = await sortEvents(
        { events: [event], isBatch: true },
        { source: 'server', receivedAt, correlationId: 'bench' },
        {
          subjectKeys: keys,
          tokens: { verify: () => Promise.resolve({ ok: false, reason: 'unavailable' }) },
        },
      );
      for (const lane of ['critical', 'bulk'] as const) {
        for (const { partitionKey, data } of lanes[lane]) {
          sequence += 1n;
          batches[lane].push({
            shardId: 'shardId-000000000000',
            sequence: String(sequence),
            partitionKey,
            data: Buffer.from(data),
            arrivedAt: receivedAt,
          });
        }
      }
    }
    for (const lane of ['critical', 'bulk'] as const) {
      const fold = {
        lane,
        store: profiles,
        quarantine: memoryQuarantine(),
        suppressions: memorySuppressions(),
        clock,
        windows: NO_WINDOWS_PLANNED,
        streamRetentionMs: STREAM_RETENTION_MS,
        ...telemetry,
      };
      const failed = [
        await foldBatch(batches[lane], INCARNATION, () => true, fold),
        lane === 'critical'
          ? await countBatch(batches.critical, () => true, { store: regions, clock, ...telemetry })
          : null,
      ];
      if (failed.some((one) => one !== null)) throw new Error('an event of the history could not be folded');
    }
  };

  const countsIn = async (place: Place, now: number): Promise<RegionCounts> => {
    const counted = known.get(place);
    if (counted !== undefined && now - counted.at < REGION_AGE_MS) return counted.counts;
    const counts = countsOf(await regions.newest(place, CELLS_READ));
    known.set(place, { at: now, counts });
    return counts;
  };

  for (const { shopper, device, at, country, region, chosen, before } of history) {
    clock.set(at);
    await take(before);
    const places = placesOf({ country, region });
    const caller = {
      source: 'server',
      level: 'account',
      tokenRejected: null,
      userId: shopper,
      userKey: keys.keyOf(`u:${shopper}`),
      anonymousId: device,
      deviceKey: keys.keyOf(`a:${device}`),
    } as const;
    const { profile } = await readProfile(caller, new Map(), UNHURRIED, {
      store: profiles,
      breaker: ALWAYS_CLOSED,
      clock,
      log: telemetry.log,
      segments: { windows: NO_WINDOWS_PLANNED },
    });
    const surroundings = {
      ...(places.region && { region: await countsIn(places.region, at) }),
      ...(places.country && { country: await countsIn(places.country, at) }),
    };
    const count = earlier.get(shopper) ?? 0;
    yield { at, shopper, earlier: count, country, region, profile, surroundings, chosen };
    earlier.set(shopper, count + 1);
  }
}
