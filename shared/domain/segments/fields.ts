/** What a field holds; `any` only where the shape is the sender's own. Times are ms and null if there is none. */
export type FieldType = 'number' | 'text' | 'texts' | 'time' | 'any';

/** What conditions can ask of a profile. Each stands in what {@link fieldsOf} makes. */
export const FIELDS = {
  'orders.count': 'number',
  'orders.cancelled': 'number',
  'orders.delivered': 'number',
  'orders.refunds': 'number',
  'orders.firstAt': 'time',
  'orders.lastAt': 'time',
  'cart.lines': 'number',
  'cart.updatedAt': 'time',
  'payment.preferred': 'text',
  'payment.last': 'text',
  'payment.methods': 'texts',
  'shipping.preferred': 'text',
  'shipping.last': 'text',
  'shipping.methods': 'texts',
  'loyalty.tier': 'text',
  'loyalty.points': 'number',
  'support.openTickets': 'number',
  'address.country': 'text',
  'address.region': 'text',
  'address.city': 'text',
  locale: 'text',
  currency: 'text',
  'browse.viewedAt': 'time',
  'browse.categories': 'texts',
  'browse.searches': 'texts',
} as const satisfies Readonly<Record<string, FieldType>>;

/** Money by currency, in minor units: `orders.spent.EUR`. */
const MONEY_FIELD = /^orders\.(spent|refunded)\.[A-Z]{3}$/;

/** The type of a field that conditions name; undefined: there is no such field. */
export function fieldType(path: string): FieldType | undefined {
  if (MONEY_FIELD.test(path)) return 'number';
  return Object.hasOwn(FIELDS, path) ? FIELDS[path as keyof typeof FIELDS] : undefined;
}

export const FIELD_NAMES: readonly string[] = [
  ...Object.keys(FIELDS),
  'orders.spent.EUR',
  'orders.refunded.EUR',
];
