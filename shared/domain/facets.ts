import { decodeBrowse, encodeBrowse, type BrowseFacet } from './browse-facet.ts';
import {
  decodeCheckout,
  encodeCheckout,
  MAX_LINKS,
  noteContext,
  type CheckoutFacet,
} from './checkout-facet.ts';
import { ruleOf, type EventRule } from './events.ts';
import { hashText } from './hash.ts';
import type { FacetName } from './item.ts';
import type { Json } from './json.ts';
import { decodeLedger, encodeLedger, joinEntries, type Ledger, type LedgerEntry } from './ledger.ts';
import type { Link } from './links.ts';
import { addUse } from './method-uses.ts';
import { newestOf } from './newest.ts';
import type { StreamEvent } from './stream-event.ts';

/** How one kind of facet is read, changed and written. `apply` may throw: then the event is poison. */
export interface FacetDefinition<State> {
  readonly decode: (stored: Json | undefined) => State;
  readonly encode: (state: State) => Json;
  readonly apply: (state: State, event: StreamEvent) => State;
  /** Messages remembered (invariant 2); 0: entries are keyed by their own ids and need no ring. */
  readonly ringCapacity: number;
}

/** How many of its messages each facet remembers. */
export function ringCapacityOf(facet: FacetName): number {
  switch (facet) {
    case 'checkout':
    case 'claims':
      return CRITICAL_RING;
    case 'browse':
    case 'claims-browse':
      return BULK_RING;
    case 'orders':
      return 0;
  }
}

const CRITICAL_RING = 32;
const BULK_RING = 128;
const DAY_MS = 86_400_000;

/** What the fold holds of `checkout` or `claims`: the facet and the links that its new events ask for. */
export interface CheckoutWork {
  readonly facet: CheckoutFacet;
  readonly links: readonly Link[];
}

export const CHECKOUT: FacetDefinition<CheckoutWork> = {
  decode: (stored) => ({ facet: decodeCheckout(stored), links: [] }),
  encode: ({ facet }) => encodeCheckout(facet),
  apply: ({ facet, links }, event) => {
    const rule: EventRule = ruleOf(event.message);
    const noted = noteContext(facet, event);
    const link = newLink(facet, event);
    return {
      facet: {
        ...(rule.checkout?.(noted, event) ?? noted),
        ...(link && { links: rememberLink(facet, event) }),
      },
      links: link ? [...links, link] : links,
    };
  },
  ringCapacity: CRITICAL_RING,
};

/** Of a claim only orderings are learned: no cart, address, consent, and no link (invariant 7). */
export const CLAIMS: FacetDefinition<CheckoutFacet> = {
  decode: decodeCheckout,
  encode: encodeCheckout,
  apply: (facet, event) => ({
    ...facet,
    payment: addUse(facet.payment, event, 'payment_method'),
    shipping: addUse(facet.shipping, event, 'shipping_method'),
  }),
  ringCapacity: CRITICAL_RING,
};

export const BROWSE: FacetDefinition<BrowseFacet> = {
  decode: decodeBrowse,
  encode: encodeBrowse,
  apply: (facet, event) => {
    const rule: EventRule = ruleOf(event.message);
    return rule.browse?.(facet, event) ?? facet;
  },
  ringCapacity: BULK_RING,
};

/** What the fold holds of `orders`: the ledger as stored and what is to be booked into it. */
export interface OrdersWork {
  readonly ledger: Ledger;
  readonly changes: readonly LedgerEntry[];
}

export const ORDERS: FacetDefinition<OrdersWork> = {
  decode: (stored) => ({ ledger: decodeLedger(stored), changes: [] }),
  encode: ({ ledger }) => encodeLedger(ledger),
  apply: (work, event) => {
    const rule: EventRule = ruleOf(event.message);
    const change = rule.orders?.(event);
    return change === undefined || saysNothingNew(work, change)
      ? work
      : { ...work, changes: [...work.changes, change] };
  },
  ringCapacity: 0,
};

function saysNothingNew(work: OrdersWork, change: LedgerEntry): boolean {
  const known = [...work.ledger.entries, ...work.changes].filter((entry) => entry.id === change.id);
  const [first, ...others] = known;
  if (first === undefined) return false;
  const entry = others.reduce(joinEntries, first);
  return JSON.stringify(joinEntries(entry, change)) === JSON.stringify(entry);
}

/**
 * The link an event asks for, unless this facet has asked for it that day already. A proven event links its
 * user's devices; an unproven one names a user from a device. Beyond the limit no new device is linked.
 */
function newLink(facet: CheckoutFacet, event: StreamEvent): Link | undefined {
  const { user, device } = event.keys;
  if (user === undefined || device === undefined) return undefined;
  const memory = linkMemory(event);
  const known = facet.links.find((entry) => entry.id === memory.id);
  if (known !== undefined ? known.at >= memory.at : facet.links.length >= MAX_LINKS) return undefined;
  return { user, device, proof: event.subject.kind === 'user' ? event.proof : 'none', at: event.at };
}

function rememberLink(facet: CheckoutFacet, event: StreamEvent): CheckoutFacet['links'] {
  return newestOf(facet.links, [linkMemory(event)], MAX_LINKS);
}

function linkMemory(event: StreamEvent): { readonly id: string; readonly at: number } {
  const other = (event.subject.kind === 'user' ? event.keys.device : event.keys.user) ?? '';
  return { id: hashText(other, 8), at: Math.floor(event.at / DAY_MS) };
}
