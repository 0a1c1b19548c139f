import pLimit from 'p-limit';
import { joinInto } from '../../shared/adapters/join-into.ts';
import { addChoices, cellOf, type CellRef, type RegionCell } from '../../shared/domain/region-cell.ts';
import { choicesOf, type RegionalChoice } from '../../shared/domain/regional-choices.ts';
import { compareSequences } from '../../shared/domain/watermark.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import type { RegionStore } from '../../shared/ports/region-store.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';

export interface CountDependencies {
  readonly store: RegionStore;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

export interface ChoiceRecord {
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const CELLS_IN_FLIGHT = 16;

interface CellWork {
  readonly ref: CellRef;
  readonly choices: RegionalChoice[];
  readonly sequences: string[];
}

/**
 * Counts one batch: a read and at most one conditional write a cell. Cells are sets of who chose what, so whatever is
 * delivered again, in other portions or another order, changes nothing, and no position needs to be kept.
 *
 * @returns the lowest sequence whose choices may not have been counted, or null
 */
export async function countBatch(
  records: readonly ChoiceRecord[],
  hasTime: () => boolean,
  dependencies: CountDependencies,
): Promise<string | null> {
  const cells = cellsOf(records);
  const failed: string[] = [];
  let writes = 0;
  await pLimit(CELLS_IN_FLIGHT).map(cells, async (cell) => {
    const outcome = hasTime() ? await countCell(cell, dependencies) : 'failed';
    if (outcome === 'failed') failed.push(...cell.sequences);
    if (outcome === 'written') writes += 1;
  });
  if (writes > 0) dependencies.meter.record('RegionWrites', writes, {});
  dependencies.meter.flush();
  return failed.sort(compareSequences)[0] ?? null;
}

/** What cannot be read or booked is the fold's to quarantine: it reads the same stream. Here it only says nothing. */
function cellsOf(records: readonly ChoiceRecord[]): readonly CellWork[] {
  const cells = new Map<string, CellWork>();
  for (const { data, partitionKey, sequence } of records) {
    const parsed = parseStreamRecord(data, partitionKey);
    for (const choice of parsed.ok ? choicesOf(parsed.value) : []) {
      const ref = cellOf(choice);
      const name = `${ref.place}\n${ref.part}`;
      const cell = cells.get(name) ?? { ref, choices: [], sequences: [] };
      cell.choices.push(choice);
      cell.sequences.push(sequence);
      cells.set(name, cell);
    }
  }
  return [...cells.values()];
}

/** What would fail for ever is let go: a count that misses some beats a shard that stands still. */
async function countCell(
  { ref, choices }: CellWork,
  { store, clock, log }: CountDependencies,
): Promise<'written' | 'known' | 'failed'> {
  try {
    const place = { read: () => store.read(ref), write: (cell: RegionCell) => store.write(cell) };
    const { outcome } = await joinInto(place, (cell) => addChoices(cell, ref, choices, clock.now()));
    switch (outcome) {
      case 'written':
      case 'known':
        return outcome;
      case 'refused':
        log.error('a region cell is refused', { part: ref.part });
        return 'known';
      case 'contended':
        log.warn('a region cell stays contended, its records stay');
        return 'failed';
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) {
      log.error('a region cell cannot be counted', { part: ref.part }, error);
      return 'known';
    }
    log.warn('store out of reach, a region cell stays', { code: error.code });
    return 'failed';
  }
}
