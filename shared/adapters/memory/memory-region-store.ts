import type { RegionCell } from '../../domain/region-cell.ts';
import { StoreUnavailable } from '../../ports/profile-store.ts';
import type { RegionStore } from '../../ports/region-store.ts';
import { faultPlan, type Faults } from './faults.ts';

/** DynamoDB's limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;

export interface MemoryRegionStore extends RegionStore, Faults {
  /** Every stored cell, by place and part; a copy. */
  cells(): readonly RegionCell[];
}

/** A {@link RegionStore} in memory, for tests. */
export function memoryRegionStore(): MemoryRegionStore {
  const places = new Map<string, Map<string, RegionCell>>();
  const faults = faultPlan((message, options) => new StoreUnavailable(message, options));
  const cellsOf = (place: string): readonly RegionCell[] =>
    [...(places.get(place) ?? [])]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, cell]) => ({ ...cell }));

  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    read: ({ place, part }) =>
      faults.run(() => {
        const cell = places.get(place)?.get(part);
        return cell && { ...cell };
      }),
    newest: (place, limit, options) =>
      faults.run(() => [...cellsOf(place)].reverse().slice(0, limit), options?.signal),
    write(cell) {
      const copy = { ...cell };
      return faults.run(() => {
        if (!Number.isSafeInteger(copy.v) || copy.v < 1) return 'refused';
        if (Buffer.byteLength(copy.state + copy.place + copy.part) > MAX_ITEM_BYTES) return 'refused';
        const cells = places.get(copy.place) ?? new Map<string, RegionCell>();
        if ((cells.get(copy.part)?.v ?? 0) !== copy.v - 1) return 'conflict';
        places.set(copy.place, cells.set(copy.part, copy));
        return 'written';
      });
    },
    cells: () => [...places.keys()].sort().flatMap(cellsOf),
  };
}
