import { stopwatch, type Stopwatch } from '../../shared/adapters/stopwatch.ts';
import { unlessAborted } from '../../shared/adapters/unless-aborted.ts';
import type { Place } from '../../shared/domain/place.ts';
import {
  CELLS_READ,
  countsOf,
  type RegionCounts,
  type Surroundings,
} from '../../shared/domain/region-counts.ts';
import type { RegionsConfig } from '../../shared/domain/store-config.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RegionStore } from '../../shared/ports/region-store.ts';
import type { Log } from '../../shared/ports/telemetry.ts';
import type { Timer } from '../../shared/ports/timer.ts';
import type { DecisionTime } from './decision-time.ts';

/** Places kept in memory: the least recently asked for goes first, names come from the public. */
const MAX_PLACES = 256;
/** How long a reading may take; nobody waits for it, but a function may sleep in the middle of one. */
const READ_WITHIN_MS = 2_000;
const RETRY_AFTER_MS = 1_000;
/** A place without counts costs next to nothing to read and changes all at once when it gets some. */
const EMPTY_AGAIN_MS = 5_000;

interface KnownPlace {
  counts?: RegionCounts;
  /** Since the reading that gave the counts began. */
  age?: Stopwatch;
  /** Since the last reading began … */
  tried?: Stopwatch;
  /** … after which it is not read again for so long. */
  dueAfterMs: number;
  /** The reading under way. */
  reading?: Promise<void>;
}

/** What regions choose, kept warm in memory. Never rejects. */
export interface KnownRegions {
  /**
   * Sees to it that what is due is read, beside the decision. It is waited for only the first time that this function
   * hears of a place, briefly and within the decision's time.
   */
  ready(places: readonly Place[], time: Pick<DecisionTime, 'firstRegion'>): Promise<void>;
  /** What is in memory, less what is too old. */
  around(places: { readonly region?: Place; readonly country?: Place }): Surroundings;
}

/**
 * Regional counts of one running function. They are refreshed by the requests that come in and not by a timer, since a
 * function that answers nobody does not run either.
 */
export function knownRegions({
  store,
  clock,
  timer,
  log,
  config,
}: {
  readonly store: Pick<RegionStore, 'newest'>;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Log;
  readonly config: Pick<RegionsConfig, 'refreshSeconds' | 'staleAfterSeconds'>;
}): KnownRegions {
  const known = new Map<Place, KnownPlace>();

  async function read(place: Place, entry: KnownPlace, started: Stopwatch): Promise<void> {
    try {
      const signal = timer.abortAfter(READ_WITHIN_MS);
      const cells = await unlessAborted(store.newest(place, CELLS_READ, { signal }), signal);
      const refreshMs = config.refreshSeconds * 1_000;
      entry.counts = countsOf(cells);
      entry.age = started;
      entry.dueAfterMs = cells.length > 0 ? refreshMs : Math.min(EMPTY_AGAIN_MS, refreshMs);
    } catch (error) {
      log.warn('a region cannot be read', {}, error);
    } finally {
      entry.reading = undefined;
    }
  }

  /** @returns the first reading of a place, nothing for a later one */
  function refresh(place: Place): Promise<void> | undefined {
    const before = known.get(place);
    const entry: KnownPlace = before ?? { dueAfterMs: 0 };
    // Put last: the first is the one longest unasked for.
    known.delete(place);
    known.set(place, entry);
    if (known.size > MAX_PLACES) known.delete([...known.keys()][0] ?? place);
    const isDue = entry.tried === undefined || entry.tried() >= entry.dueAfterMs;
    if (entry.reading === undefined && isDue) {
      entry.tried = stopwatch({ clock, timer });
      entry.dueAfterMs = RETRY_AFTER_MS;
      entry.reading = read(place, entry, entry.tried);
    }
    return before === undefined ? entry.reading : undefined;
  }

  const countsIn = (place: Place | undefined): RegionCounts | undefined => {
    const entry = place && known.get(place);
    const isFresh = entry?.age !== undefined && entry.age() <= config.staleAfterSeconds * 1_000;
    return isFresh ? entry.counts : undefined;
  };

  return {
    async ready(places, time) {
      const first = places.map(refresh).filter((reading) => reading !== undefined);
      if (first.length === 0) return;
      await unlessAborted(Promise.all(first), time.firstRegion()).catch(() => undefined);
    },
    around: ({ region, country }) => ({ region: countsIn(region), country: countsIn(country) }),
  };
}
