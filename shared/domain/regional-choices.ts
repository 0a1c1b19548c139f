import { EMPTY_CHECKOUT } from './checkout-facet.ts';
import { ruleOf, type EventRule } from './events.ts';
import { bookingFault } from './fold.ts';
import { placesOf, type Place, type Whereabouts } from './place.ts';
import { objectOf, textOf } from './property.ts';
import type { RankedSlotName } from './slot.ts';
import type { StreamEvent } from './stream-event.ts';
import { monthOf } from './time.ts';

/** Somebody chose an option, in a place and a calendar month. */
export interface RegionalChoice {
  readonly place: Place;
  /** {@link monthOf} */
  readonly month: number;
  readonly slot: RankedSlotName;
  readonly option: string;
  /** Key of who chose: it is counted, not kept. */
  readonly subject: string;
}

/**
 * What an event says of its region, once for the region and once for the country. It says something exactly where the
 * `checkout` facet learns a use from it; an event without a place, and a claim in somebody's name, say nothing.
 */
export function choicesOf(event: StreamEvent): readonly RegionalChoice[] {
  const places = Object.values(placesOf(whereaboutsOf(event)));
  if (places.length === 0 || event.subject.kind === 'claims') return [];
  const month = monthOf(event.at);
  return usesOf(event).flatMap(({ slot, option }) =>
    places.map((place) => ({ place, month, slot, option, subject: event.subject.key })),
  );
}

/** `context.location`, as Segment's clients send it, or else the address among the traits of the context. */
function whereaboutsOf({ message: { context } }: StreamEvent): Whereabouts {
  const location = objectOf(context?.location);
  const address = objectOf(objectOf(context?.traits).address);
  const source = textOf(location.country) === undefined ? address : location;
  return { country: textOf(source.country), region: textOf(source.region) ?? textOf(source.state) };
}

/** The facet's own rules say what a use is: there is no second list of events to keep in step. */
function usesOf(event: StreamEvent): readonly { readonly slot: RankedSlotName; readonly option: string }[] {
  const rule: EventRule = ruleOf(event.message);
  if (rule.checkout === undefined) return [];
  // What cannot be booked is poison to the facet too.
  if (bookingFault(event) !== undefined) return [];
  try {
    const { payment, shipping } = rule.checkout(EMPTY_CHECKOUT, event);
    return [
      ...payment.map(({ method }) => ({ slot: 'payment' as const, option: method })),
      ...shipping.map(({ method }) => ({ slot: 'shipping' as const, option: method })),
    ];
  } catch {
    return [];
  }
}
