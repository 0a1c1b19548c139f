import { AnnouncementsUnavailable, type Announcements } from '../../ports/announcements.ts';
import { announcementOf, type Announcement } from '../../protocol/announcement.ts';
import { faultPlan, type Faults } from './faults.ts';

export interface MemoryAnnouncements extends Announcements, Faults {
  /** Everything that was told, in order, repetitions too. */
  told(): readonly Announcement[];
}

/** Announcements in memory, for tests. */
export function memoryAnnouncements(): MemoryAnnouncements {
  const told: Announcement[] = [];
  const faults = faultPlan((message, options) => new AnnouncementsUnavailable(message, options));
  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    announce: (key, crossings) =>
      faults.run(() => void told.push(...crossings.map((crossing) => announcementOf(key, crossing)))),
    told: () => [...told],
  };
}
