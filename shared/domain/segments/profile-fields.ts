import { openCart } from '../cart.ts';
import type { Facts } from '../facts.ts';
import type { Json } from '../json.ts';
import { totalsOf } from '../ledger.ts';
import { habitsOf, type MethodUses } from '../method-uses.ts';
import type { FIELDS } from './fields.ts';

/** Shaped after the names of the fields, so that a new one does not compile until it stands here. */
type Fields = Readonly<Record<keyof typeof FIELDS, Json>>;

/** What conditions ask of a profile, nested by the parts of the names; what is not known is null. */
export function fieldsOf(facts: Facts): Json {
  const { checkout, browse } = facts;
  const totals = totalsOf(facts.orders);
  const cart = openCart(checkout.cart);
  const fields: Fields = {
    'orders.count': totals.orders,
    'orders.cancelled': totals.cancelled,
    'orders.delivered': totals.delivered,
    'orders.refunds': totals.refunds,
    'orders.firstAt': totals.firstAt || null,
    'orders.lastAt': totals.lastAt || null,
    'cart.lines': cart?.lines.length ?? 0,
    'cart.updatedAt': cart?.updatedAt ?? null,
    ...methodFields('payment', checkout.payment),
    ...methodFields('shipping', checkout.shipping),
    'loyalty.tier': checkout.loyaltyTier?.value ?? null,
    'loyalty.points': totals.points,
    'support.openTickets': checkout.tickets.filter(({ resolved }) => !resolved).length,
    'address.country': checkout.address?.value.country ?? null,
    'address.region': checkout.address?.value.region ?? null,
    'address.city': checkout.address?.value.city ?? null,
    locale: checkout.locale?.value ?? null,
    currency: checkout.currency?.value ?? null,
    'browse.viewedAt': browse.viewed.at(-1)?.at ?? null,
    'browse.categories': [...new Set(browse.viewed.map(({ category }) => category))].filter(Boolean).sort(),
    'browse.searches': browse.searches.map(({ id }) => id),
  };
  const money = { spent: Object.fromEntries(totals.spent), refunded: Object.fromEntries(totals.refunded) };
  const nested = nest(fields);
  return { ...nested, orders: { ...nested.orders, ...money } };
}

function methodFields<Slot extends 'payment' | 'shipping'>(
  slot: Slot,
  uses: MethodUses,
): Readonly<Record<`${Slot}.${'preferred' | 'last' | 'methods'}`, Json>>;
function methodFields(slot: string, uses: MethodUses): Readonly<Record<string, Json>> {
  const habits = habitsOf(uses);
  const [last] = habits;
  // Of those used equally often, the one used last.
  const preferred = [...habits].sort((left, right) => right.uses - left.uses)[0];
  return {
    [`${slot}.preferred`]: preferred?.method ?? null,
    [`${slot}.last`]: last?.method ?? null,
    [`${slot}.methods`]: habits.map(({ method }) => method).sort(),
  };
}

function nest(
  fields: Readonly<Record<string, Json>>,
): Readonly<Record<string, { readonly [name: string]: Json }>> {
  const nested: Record<string, Json> = {};
  for (const path in fields) {
    const value = fields[path]!;
    const dot = path.indexOf('.');
    if (dot < 0) nested[path] = value;
    else {
      const part = (nested[path.slice(0, dot)] ??= {}) as Record<string, Json>;
      part[path.slice(dot + 1)] = value;
    }
  }
  return nested as Readonly<Record<string, { readonly [name: string]: Json }>>;
}
