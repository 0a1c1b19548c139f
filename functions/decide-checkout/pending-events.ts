import { messageKeys, streamEventOf } from '../../shared/domain/accept.ts';
import { linkOf } from '../../shared/domain/facets.ts';
import {
  bookingFault,
  facetsOf,
  foldSubject,
  type FoldContext,
  type FoldRecord,
} from '../../shared/domain/fold.ts';
import type { ItemName, StoredItem } from '../../shared/domain/item.ts';
import { joinLink, placesOf, type Link } from '../../shared/domain/links.ts';
import type { WindowPlan } from '../../shared/domain/segments/window.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import type { SubjectKeys } from '../../shared/ports/identity.ts';
import type { TimedMessage } from '../../shared/protocol/message.ts';
import type { Caller } from './identify-caller.ts';

/** Positions of events that are in no stream yet are never compared with those that are. */
const INCARNATION = 'request';

export type PendingEvents = ReadonlyMap<string, Readonly<Record<Lane, readonly StreamEvent[]>>>;

/**
 * The events that came along with a request, by the subject they belong to, exactly as the collector would sort
 * them: an event can change no other record here than it could there.
 */
export function pendingEventsOf(
  messages: readonly TimedMessage[],
  caller: Caller,
  receivedAt: number,
  { keyOf }: SubjectKeys,
): PendingEvents {
  const bySubject = new Map<string, Record<Lane, StreamEvent[]>>();
  for (const { message, timestamp, sentAt } of messages) {
    const arrival = { source: caller.source, provenUserId: caller.userId, receivedAt, timestamp, sentAt };
    const { lane, event } = streamEventOf(message, arrival, messageKeys(message, keyOf));
    const lanes = bySubject.get(event.subject.key) ?? { critical: [], bulk: [] };
    lanes[lane].push(event);
    bySubject.set(event.subject.key, lanes);
  }
  return bySubject;
}

/**
 * A subject's items as they will be once its pending events have come through the streams: the same fold, in
 * memory. An event that came through already is in a ring and counts once.
 */
export function foldPending(
  key: string,
  items: readonly StoredItem[],
  pending: PendingEvents,
  now: number,
  windows: WindowPlan,
): readonly StoredItem[] {
  if (pending.size === 0) return items;
  const byName = new Map<ItemName, StoredItem>(items.map((item) => [item.item, item]));
  for (const link of linksOf(pending)) {
    for (const place of placesOf(link).filter((candidate) => candidate.key === key)) {
      const item = joinLink(byName.get(place.item), place, link, now);
      if (item !== null) byName.set(place.item, item);
    }
  }
  const events = pending.get(key) ?? { critical: [], bulk: [] };
  for (const lane of ['critical', 'bulk'] as const) {
    const records = events[lane].map((event, index): FoldRecord => ({ event, sequence: String(index + 1) }));
    for (const item of foldInMemory(key, records, byName, { lane, incarnation: INCARNATION, now, windows })) {
      // Freshness stays that of what was read: these events have not arrived.
      const { newestReceivedAt, writtenAt } = byName.get(item.item) ?? {};
      byName.set(item.item, { ...item, newestReceivedAt, writtenAt });
    }
  }
  return [...byName.values()];
}

/** The links that the fold would make of these events: those that reach a checkout facet. */
function linksOf(pending: PendingEvents): readonly Link[] {
  return [...pending.values()]
    .flatMap(({ critical }) => critical)
    .filter((event) => facetsOf(event, 'critical').includes('checkout') && bookingFault(event) === undefined)
    .flatMap((event) => linkOf(event) ?? []);
}

function foldInMemory(
  key: string,
  records: readonly FoldRecord[],
  stored: ReadonlyMap<ItemName, StoredItem>,
  context: FoldContext,
): readonly StoredItem[] {
  const items = new Map<ItemName, StoredItem | null>(stored);
  for (;;) {
    const step = foldSubject(key, records, items, context);
    if (!('needs' in step)) return step.writes;
    for (const item of step.needs) items.set(item, null);
  }
}
