import * as v from 'valibot';
import { crossingId, type Crossing } from '../domain/segments/standing.ts';

/**
 * What is told in the stream of changes, as JSON: that a person entered or left a segment. It may come more than once, with the
 * same `id`, and behind a later one of the same person; of two about the same `subject` and `segment` the larger `version`
 * holds. `subject` is the key that the person is stored under.
 */
const announcementSchema = v.object({
  type: v.literal('membership'),
  id: v.string(),
  subject: v.string(),
  segment: v.string(),
  state: v.picklist(['in', 'out']),
  at: v.pipe(v.string(), v.isoTimestamp()),
  version: v.number(),
  because: v.picklist(['events', 'definition', 'link']),
});

export type Announcement = v.InferOutput<typeof announcementSchema>;

export function announcementOf(key: string, crossing: Crossing): Announcement {
  const { segment, isIn, at, version, because } = crossing;
  return {
    type: 'membership',
    id: crossingId(key, crossing),
    subject: key,
    segment,
    state: isIn ? 'in' : 'out',
    at: new Date(at).toISOString(),
    version,
    because,
  };
}

/** Null: it is something else that is told there. */
export function parseAnnouncement(text: string): Announcement | null {
  try {
    const parsed = v.safeParse(announcementSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
