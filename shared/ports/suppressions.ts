import type { Suppression } from '../domain/erasure.ts';

/**
 * Who was erased and when, kept apart from what was erased: a restored table knows nothing of it. Nothing is ever taken out.
 * All reject with {@link StoreUnavailable}.
 */
export interface Suppressions {
  /**
   * Of one subject the latest time counts.
   *
   * @returns ms; as of when it is erased: the time given, or the later one that is known
   */
  record(suppression: Suppression): Promise<number>;
  /** Undefined: it was never to be erased. */
  find(key: string): Promise<Suppression | undefined>;
}

/** For whoever erases anew what a restored table has again; not for functions, which may not read a whole table. */
export interface SuppressionReader {
  all(): AsyncIterable<Suppression>;
}
