import type { Crossing } from '../domain/segments/standing.ts';

/** Telling whoever wants to know who enters and leaves the segments that are announced. */
export interface Announcements {
  /**
   * Resolves when all are durable; rejects with {@link AnnouncementsUnavailable} if any may not be: they may have been told
   * all the same, and will be told again.
   *
   * @param key whose memberships they are
   */
  announce(key: string, crossings: readonly Crossing[]): Promise<void>;
}

export class AnnouncementsUnavailable extends Error {
  override readonly name = 'AnnouncementsUnavailable';
  readonly code = 'announcements_unavailable';
}
