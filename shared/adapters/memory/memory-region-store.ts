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
  const stored = new Map<string, RegionCell>();
  const faults = faultPlan((message, options) => new StoreUnavailable(message, options));
  const nameOf = ({ place, part }: Pick<RegionCell, 'place' | 'part'>): string => `${place}\0${part}`;
  const cells = (): readonly RegionCell[] =>
    [...stored].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, cell]) => ({ ...cell }));

  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    read: (ref) =>
      faults.run(() => {
        const cell = stored.get(nameOf(ref));
        return cell && { ...cell };
      }),
    newest: (place, limit, options) =>
      faults.run(
        () =>
          cells()
            .filter((cell) => cell.place === place)
            .reverse()
            .slice(0, limit),
        options?.signal,
      ),
    write(cell) {
      const copy = { ...cell };
      return faults.run(() => {
        if (!Number.isSafeInteger(copy.v) || copy.v < 1) return 'refused';
        if (Buffer.byteLength(copy.state) + Buffer.byteLength(nameOf(copy)) > MAX_ITEM_BYTES)
          return 'refused';
        if ((stored.get(nameOf(copy))?.v ?? 0) !== copy.v - 1) return 'conflict';
        stored.set(nameOf(copy), copy);
        return 'written';
      });
    },
    cells,
  };
}
