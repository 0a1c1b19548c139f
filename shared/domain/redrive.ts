import { remembersAll, ringCapacityOf } from './facets.ts';
import { bookingFault, facetsOf } from './fold.ts';
import type { FacetName, Reach, StoredItem, Watermark } from './item.ts';
import { LedgerFault } from './ledger.ts';
import { ringHas } from './ring.ts';
import type { Lane, StreamEvent } from './stream-event.ts';
import { hasTaken, watermarkIn } from './watermark.ts';

/**
 * What a subject's facet says of an event that is to go into the stream once more. `fresh`: it was certainly never
 * applied. `applied`: it was. `under-way`: not yet, but a copy of it may be on its way to the facet. `forgotten`:
 * messages have been forgotten, perhaps this one. Of the last two the stream may know more.
 */
export type Standing = 'fresh' | 'applied' | 'under-way' | 'forgotten';

/** Why an event would only be quarantined anew: money still cannot be booked from it. */
export function faultOf(event: StreamEvent): LedgerFault | undefined {
  const fault = bookingFault(event);
  if (fault === undefined || fault instanceof LedgerFault) return fault;
  throw fault;
}

/** The facet whose ring an event enters; undefined: it is money alone, which its own ids count once for ever. */
export function ringFacetOf(event: StreamEvent, lane: Lane): FacetName | undefined {
  return facetsOf(event, lane).find((facet) => ringCapacityOf(facet) > 0);
}

/**
 * A ring keeps no times, but it says three things for certain: what it holds was applied; if it is not full,
 * nothing was ever forgotten; and a record above the watermark of its own life was never reached. The opposite of the last proves
 * nothing: the watermark also passes what is poison, or was discarded before it.
 *
 * @param position of the record, where the incarnation of its stream is known
 * @param isFirstTry nobody has put the event back before: no copy of it can be under way
 */
export function standingOf(
  event: StreamEvent,
  facet: FacetName,
  item: (Reach & Pick<StoredItem, 'ring'>) | undefined,
  position: Watermark | undefined,
  isFirstTry: boolean,
): Standing {
  const ring = item?.ring ?? new Uint8Array();
  if (ringHas(ring, event.message.messageId)) return 'applied';
  const isComplete = remembersAll(facet, ring);
  if (!isFirstTry) return isComplete ? 'under-way' : 'forgotten';
  const isUnreached =
    position !== undefined &&
    watermarkIn(item, position.incarnation) !== undefined &&
    !hasTaken(item, position);
  return isUnreached || isComplete ? 'fresh' : 'forgotten';
}

/**
 * Whether a ring that does not hold an event would still hold it, had it been applied, or will when its copy comes:
 * at most `records` of the subject lie behind the one. A quarter of the ring is kept for those that come while the event is on its way back.
 */
export function isWithinWindow(facet: FacetName, records: number): boolean {
  return records < ringCapacityOf(facet) * 0.75;
}
