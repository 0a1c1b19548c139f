import { countBatch } from '../../../functions/count-regions/count-batch.ts';
import { memoryLog } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../../shared/adapters/memory/memory-meter.ts';
import { memoryRegionStore } from '../../../shared/adapters/memory/memory-region-store.ts';
import type { CellRef, RegionCell } from '../../../shared/domain/region-cell.ts';
import type { RegionStore } from '../../../shared/ports/region-store.ts';
import { readUnits, writeUnits } from '../../../local/capacity.ts';
import { STILL, foldInMemory, recordsOf, type LaneBatches, type MemoryFold } from '../fold-in-memory.ts';

/** What a number of events asked for, counted in one run of the functions' own code. */
export interface CountedEvents {
  readonly fold: MemoryFold;
  readonly regions: { readonly writeUnits: number; readonly readUnits: number; readonly invocations: number };
}

/**
 * Folds events and counts their regional choices in memory.
 *
 * @param batches records that the fold gets at once
 * @param regionBatch records that the regional counts get at once
 */
export async function countEvents(
  lines: readonly string[],
  batches: LaneBatches,
  regionBatch: number,
): Promise<CountedEvents> {
  const fold = await foldInMemory(lines, batches);
  const { store, units } = countedRegionStore();
  const { critical } = (await recordsOf(lines)).lanes;
  let invocations = 0;
  for (let from = 0; from < critical.length; from += regionBatch) {
    invocations += 1;
    const failed = await countBatch(critical.slice(from, from + regionBatch), () => true, {
      store,
      clock: STILL,
      meter: memoryMeter(),
      log: memoryLog(),
    });
    if (failed !== null) throw new Error(`a record could not be counted: ${failed}`);
  }
  return { fold, regions: { ...units, invocations } };
}

/** Counts what DynamoDB would charge for the cells that are read and written. */
function countedRegionStore(): {
  readonly store: RegionStore;
  readonly units: { writeUnits: number; readUnits: number };
} {
  const inner = memoryRegionStore();
  const units = { writeUnits: 0, readUnits: 0 };
  const sizes = new Map<string, number>();
  const nameOf = ({ place, part }: CellRef): string => `${place}\n${part}`;
  const bytesOf = ({ place, part, state }: RegionCell): number =>
    Buffer.byteLength(place + part + state) + 16;
  return {
    units,
    store: {
      ...inner,
      async read(ref) {
        units.readUnits += readUnits(sizes.get(nameOf(ref)) ?? 0, true);
        return inner.read(ref);
      },
      async write(cell) {
        const bytes = bytesOf(cell);
        units.writeUnits += writeUnits(Math.max(bytes, sizes.get(nameOf(cell)) ?? 0));
        sizes.set(nameOf(cell), bytes);
        return inner.write(cell);
      },
    },
  };
}
