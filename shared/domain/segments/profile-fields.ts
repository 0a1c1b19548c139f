import { openCart } from '../cart.ts';
import type { Facts } from '../facts.ts';
import type { Json } from '../json.ts';
import { totalsOf } from '../ledger.ts';
import { habitsOf, type MethodUses } from '../method-uses.ts';
import type { FIELDS } from './fields.ts';

type FieldName = keyof typeof FIELDS;
type PartOf<Name> = Name extends `${infer Part}.${string}` ? Part : never;
type NameIn<Part extends string, Name> = Name extends `${Part}.${infer Rest}` ? Rest : never;
/** The names of the fields, nested by their parts, so that a new one does not compile until it stands here. */
type Fields = {
  readonly [Part in PartOf<FieldName>]: Readonly<Record<NameIn<Part, FieldName>, Json>>;
} & Readonly<Record<Exclude<FieldName, `${string}.${string}`>, Json>> & {
    // By currency: these names no list has.
    readonly orders: { readonly spent: Json; readonly refunded: Json };
  };

/** What conditions ask of a profile, nested by the parts of the names; what is not known is null. */
export function fieldsOf(facts: Facts): Json {
  const { checkout, browse } = facts;
  const totals = totalsOf(facts.orders);
  const cart = openCart(checkout.cart);
  const fields: Fields = {
    orders: {
      count: totals.orders,
      cancelled: totals.cancelled,
      delivered: totals.delivered,
      refunds: totals.refunds,
      firstAt: totals.firstAt || null,
      lastAt: totals.lastAt || null,
      spent: Object.fromEntries(totals.spent),
      refunded: Object.fromEntries(totals.refunded),
    },
    cart: { lines: cart?.lines.length ?? 0, updatedAt: cart?.updatedAt ?? null },
    payment: methodFields(checkout.payment),
    shipping: methodFields(checkout.shipping),
    loyalty: { tier: checkout.loyaltyTier?.value ?? null, points: totals.points },
    support: { openTickets: checkout.tickets.filter(({ resolved }) => !resolved).length },
    address: {
      country: checkout.address?.value.country ?? null,
      region: checkout.address?.value.region ?? null,
      city: checkout.address?.value.city ?? null,
    },
    locale: checkout.locale?.value ?? null,
    currency: checkout.currency?.value ?? null,
    browse: {
      viewedAt: browse.viewed.at(-1)?.at ?? null,
      categories: [...new Set(browse.viewed.map(({ category }) => category))].filter(Boolean).sort(),
      searches: browse.searches.map(({ id }) => id),
    },
  };
  return fields;
}

function methodFields(uses: MethodUses): Fields['payment'] {
  const habits = habitsOf(uses);
  const [last] = habits;
  // Of those used equally often, the one used last.
  const preferred = [...habits].sort((left, right) => right.uses - left.uses)[0];
  return {
    preferred: preferred?.method ?? null,
    last: last?.method ?? null,
    methods: habits.map(({ method }) => method).sort(),
  };
}
