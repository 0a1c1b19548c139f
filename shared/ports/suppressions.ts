import type { Suppression } from '../domain/erasure.ts';

/**
 * Who was erased and when, kept apart from what was erased: a restored table knows nothing of it. Nothing is ever taken out.
 * Both reject with {@link StoreUnavailable}.
 */
export interface Suppressions {
  /** Of one subject the latest time counts. */
  record(suppression: Suppression): Promise<void>;
}

/** For whoever erases anew what a restored table has again; not for functions, which may not read a whole table. */
export interface SuppressionReader {
  all(): AsyncIterable<Suppression>;
}
