import { countDistinct, mergeDistinct, type DistinctSet } from './distinct-set.ts';
import { BUCKETS, monthOfCell, setsOf, type RegionCell } from './region-cell.ts';
import { RANKED_SLOTS, type RankedSlotName } from './slot.ts';
import type { RegionsConfig } from './store-config.ts';
import { agedWeight, monthOf } from './time.ts';

/** How many shoppers of a place chose what in one slot. */
export interface SlotCounts {
  /** Different shoppers, over all months and options. */
  readonly population: number;
  /** Option → calendar month ({@link monthOf}) → different shoppers. */
  readonly byOption: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

export type RegionCounts = Readonly<Record<RankedSlotName, SlotCounts>>;

/** What is known of the places that a checkout is in. */
export interface Surroundings {
  readonly region?: RegionCounts;
  readonly country?: RegionCounts;
}

/** How a place's shoppers divide among the options on offer; shares sum up to 1. */
export interface RegionalShares {
  readonly level: 'region' | 'country';
  readonly byOption: ReadonlyMap<string, number>;
}

/** Cells of one place that are read: a year's and some, all buckets. */
export const CELLS_READ = 14 * BUCKETS;

/** Counts a place's cells. Buckets share no subject, so their counts add up. Throws if a cell is not ours. */
export function countsOf(cells: readonly RegionCell[]): RegionCounts {
  const decoded = cells.map((cell) => ({
    month: monthOfCell(cell),
    bucket: cell.part.slice(cell.part.indexOf('#')),
    sets: setsOf(cell),
  }));
  const slotCounts = (slot: RankedSlotName): SlotCounts => {
    const byOption = new Map<string, Map<number, number>>();
    const byBucket = new Map<string, DistinctSet>();
    for (const { month, bucket, sets } of decoded) {
      for (const [option, set] of sets[slot]) {
        const months = byOption.get(option) ?? new Map<number, number>();
        months.set(month, (months.get(month) ?? 0) + countDistinct(set));
        byOption.set(option, months);
        byBucket.set(bucket, mergeDistinct(byBucket.get(bucket) ?? [], set));
      }
    }
    const population = [...byBucket.values()].reduce((sum, set) => sum + countDistinct(set), 0);
    return { population, byOption };
  };
  return Object.fromEntries(RANKED_SLOTS.map((slot) => [slot, slotCounts(slot)])) as Record<
    RankedSlotName,
    SlotCounts
  >;
}

/**
 * What a checkout's surroundings choose: its region's shoppers, or its country's where the region is unknown or has
 * too few. Undefined if neither has enough, or none of them ever chose what is on offer.
 *
 * @param now ms; what ageing is counted back from
 */
export function sharesAround(
  surroundings: Surroundings,
  slot: RankedSlotName,
  optionIds: readonly string[],
  now: number,
  config: RegionsConfig,
): RegionalShares | undefined {
  for (const level of ['region', 'country'] as const) {
    const counts = surroundings[level]?.[slot];
    if (counts === undefined || counts.population < config.minimumPopulation) continue;
    const shoppers = optionIds.map((id) => [id, agedShoppers(counts, id, now, config)] as const);
    const all = shoppers.reduce((sum, [, count]) => sum + count, 0);
    if (all > 0) return { level, byOption: new Map(shoppers.map(([id, count]) => [id, count / all])) };
  }
  return undefined;
}

function agedShoppers(
  { byOption }: SlotCounts,
  option: string,
  now: number,
  { halfLifeMonths }: RegionsConfig,
): number {
  let shoppers = 0;
  for (const [month, count] of byOption.get(option) ?? [])
    shoppers += count * agedWeight(month, monthOf(now), halfLifeMonths);
  return shoppers;
}
