/** One checkout of a history: what came in until the payment was chosen, and what was chosen. */
export interface CheckoutEvents {
  readonly at: number;
  readonly shopper: string;
  readonly device: string;
  readonly country: string;
  readonly region: string;
  readonly chosen: ReadonlySet<string>;
  /** Events since the checkout before it, as NDJSON lines in the order of time; the choice itself is not among them. */
  readonly before: readonly string[];
}

/** Whoever pays again within so short a time pays for the other half of a purchase that the shop has split. */
const SAME_PURCHASE_MS = 60_000;

interface WireEvent {
  readonly timestamp: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly event?: string;
  readonly context?: { readonly location?: { readonly country?: string; readonly region?: string } };
  readonly properties?: { readonly checkout_id?: string; readonly payment_method?: string };
}

/**
 * Cuts a shop's events, in the order of time, at each moment in which a payment is chosen: before the first
 * `Payment Info Entered` of each checkout of a known user. A checkout paid with several methods has chosen them all; one
 * within a minute after another of the same shopper is no moment of its own: its answer would stand in the one before.
 *
 * @param methods payment methods on offer; a checkout paid with none of them is no moment
 */
export function shopCheckouts(
  lines: readonly string[],
  methods: readonly string[],
): readonly CheckoutEvents[] {
  const events = lines.map((line) => JSON.parse(line) as WireEvent);
  const chosen = new Map<string, Set<string>>();
  for (const event of events) {
    const { checkout_id: id, payment_method: method } = paymentOf(event);
    if (id === undefined || method === undefined || !methods.includes(method)) continue;
    chosen.set(id, (chosen.get(id) ?? new Set()).add(method));
  }
  const checkouts: CheckoutEvents[] = [];
  const seen = new Set<string>();
  const lastAt = new Map<string, number>();
  let from = 0;
  for (const [index, event] of events.entries()) {
    const { checkout_id: id } = paymentOf(event);
    const methodsChosen = chosen.get(id ?? '');
    if (id === undefined || methodsChosen === undefined || seen.has(id)) continue;
    seen.add(id);
    if (event.userId === undefined || event.anonymousId === undefined) continue;
    const at = Date.parse(event.timestamp);
    const isOtherHalf = at - (lastAt.get(event.userId) ?? -Infinity) <= SAME_PURCHASE_MS;
    lastAt.set(event.userId, at);
    if (isOtherHalf) continue;
    checkouts.push({
      at,
      shopper: event.userId,
      device: event.anonymousId,
      country: event.context?.location?.country ?? '',
      region: event.context?.location?.region ?? '',
      chosen: methodsChosen,
      before: lines.slice(from, index),
    });
    from = index;
  }
  return checkouts;
}

function paymentOf({ event, properties }: WireEvent): NonNullable<WireEvent['properties']> {
  return event === 'Payment Info Entered' ? (properties ?? {}) : {};
}
