import type { Place } from '../domain/place.ts';
import type { CellRef, RegionCell } from '../domain/region-cell.ts';
import type { WriteOutcome } from './profile-store.ts';

/**
 * Where regional counts live. Every method rejects with {@link StoreUnavailable} when the outcome is unknown or the
 * store is out of reach.
 */
export interface RegionStore {
  /** Strongly consistent read of one cell. */
  read(ref: CellRef): Promise<RegionCell | undefined>;

  /** A place's cells, the newest months first, at most `limit`. One attempt when `signal` is given. */
  newest(
    place: Place,
    limit: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly RegionCell[]>;

  /** Writes `cell` if the stored `v` is `cell.v - 1` (for `v` 1: if there is none). */
  write(cell: RegionCell): Promise<WriteOutcome>;
}
