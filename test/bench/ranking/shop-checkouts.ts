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
 * `Payment Info Entered` of each checkout of a known user. A checkout paid with several methods has chosen them all.
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
  let from = 0;
  for (const [index, event] of events.entries()) {
    const { checkout_id: id } = paymentOf(event);
    const methodsChosen = chosen.get(id ?? '');
    if (id === undefined || methodsChosen === undefined || seen.has(id)) continue;
    seen.add(id);
    if (event.userId === undefined || event.anonymousId === undefined) continue;
    checkouts.push({
      at: Date.parse(event.timestamp),
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
