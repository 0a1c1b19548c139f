import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type * as v from 'valibot';
import { toAttributes } from '../../../shared/adapters/dynamodb/item-attributes.ts';
import { subjectKeys } from '../../../shared/adapters/secrets/subject-keys.ts';
import { describeProfile, type Profile } from '../../../shared/domain/profile.ts';
import type { StoreConfig } from '../../../shared/domain/store-config.ts';
import { monthText } from '../../../shared/domain/time.ts';
import { habitsOf } from '../../../shared/domain/method-uses.ts';
import type { profileResponseSchema } from '../../../shared/protocol/responses.ts';
import { store as shipped } from '../../../store.config.ts';
import { shelf, streamEvent } from '../../events.ts';
import type { Random } from '../ranking/seeded-random.ts';
import { mongo } from '../segments/engines.ts';
import { madeUpRules, type Rule, type Vocabulary } from '../segments/made-up-rules.ts';

export const SUBJECT_SECRET = 'lean-subject-secret';
export const PROFILES = 'lean-profiles';
export const NATIVE = 'lean-native';
export const REGIONS = 'lean-regions';

const METHODS = ['credit_card', 'debit_card', 'invoice', 'pix', 'boleto', 'swish', 'paypal'];
const KINDS: Readonly<Record<string, string>> = {
  credit_card: 'card',
  debit_card: 'debit',
  invoice: 'invoice',
  pix: 'transfer',
  boleto: 'voucher',
  swish: 'wallet',
  paypal: 'wallet',
};
const SHIPPING = ['standard', 'express', 'pickup', 'locker'];
const COUNTRIES = ['SE', 'FI', 'BR', 'DE'];
const TIERS = ['bronze', 'silver', 'gold'];
const LOCALES = ['sv-SE', 'fi-FI', 'pt-BR', 'de-DE', 'en-GB'];

/** What both designs know of every profile, so that their rules can ask it. */
const VOCABULARY: Vocabulary = {
  words: {
    'payment.preferred': METHODS,
    'payment.last': METHODS,
    'shipping.preferred': SHIPPING,
    'shipping.last': SHIPPING,
    'loyalty.tier': TIERS,
    'address.country': COUNTRIES,
    locale: LOCALES,
    currency: ['EUR', 'SEK', 'BRL'],
  },
  numbers: {
    'orders.count': 16,
    'orders.refunds': 4,
    'orders.cancelled': 3,
    'cart.lines': 5,
    'loyalty.points': 400,
    'support.openTickets': 2,
  },
  flags: [],
};

/** The shipped configuration with segments that both designs can be asked about, and a journey without looks back. */
export function leanConfig(rules: readonly Rule[]): StoreConfig {
  const when = (rule: Rule) => mongo(rule) as StoreConfig['segments']['named'][string]['when'];
  return {
    ...shipped,
    // What the other design knows nothing of.
    offers: { ...shipped.offers, items: [] },
    messages: { items: [] },
    segments: {
      named: Object.fromEntries(
        rules.map((rule, at) => [`segment-${at}`, { description: `Rule ${at}.`, when: when(rule) }]),
      ),
      journey: {
        awareness: {},
        consideration: { 'cart.lines': { $gte: 1 } },
        purchase: { 'orders.count': { $gte: 1 } },
        retention: { 'orders.count': { $gte: 2 } },
        advocacy: { 'orders.count': { $gte: 12 } },
      },
    },
  };
}

export const leanRules = (random: Random, count: number): readonly Rule[] =>
  madeUpRules(random, count, VOCABULARY);

type Item = Record<string, AttributeValue>;

export interface LeanShopper {
  readonly userId: string;
  readonly country: string;
  /** As Cartwright stores somebody … */
  readonly key: string;
  readonly items: readonly Item[];
  /** … and as one would by hand: native attributes, nested maps. */
  readonly nativeKey: string;
  readonly nativeItems: readonly Item[];
}

/** Somebody with one to fifteen orders, a cart, browsing, and the other things that a profile holds. */
export function leanShopper(random: Random, index: number): LeanShopper {
  const userId = `shopper-${index}`;
  const key = subjectKeys(SUBJECT_SECRET).keyOf(`u:${userId}`);
  const from = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const country = from(COUNTRIES);
  const favourite = from(METHODS);
  const orders = 1 + Math.floor(random() ** 2 * 15);
  const day = 24 * 60;
  const critical = Array.from({ length: orders }, (_, order) =>
    streamEvent({
      event: 'Order Completed',
      // Over the last years, the oldest first.
      minute: -Math.floor((orders - order) * (20 + random() * 60)) * day,
      properties: {
        order_id: `${userId}-${order}`,
        total: Math.round(500 + random() * 20_000) / 100,
        currency: from(['EUR', 'SEK', 'BRL']),
        payment_method: random() < 0.75 ? favourite : from(METHODS),
        shipping_method: from(SHIPPING),
      },
    }),
  );
  critical.push(
    streamEvent({
      type: 'identify',
      minute: -10,
      traits: { address: { country, state: 'X', city: 'Y' } },
      context: { locale: from(LOCALES) },
    }),
    streamEvent({ event: 'Loyalty Tier Changed', minute: -10, properties: { tier: from(TIERS) } }),
    ...Array.from({ length: Math.floor(random() * 4) }, (_, line) =>
      streamEvent({
        event: 'Product Added',
        minute: -9 + line,
        properties: { product_id: `p${line}`, quantity: 1, price: 9.9, currency: 'EUR', cart_id: userId },
      }),
    ),
  );
  const bulk = Array.from({ length: 3 + Math.floor(random() * 10) }, (_, view) =>
    streamEvent({
      event: 'Product Viewed',
      minute: -60 + view,
      properties: { product_id: `p${Math.floor(random() * 500)}`, category: `c${Math.floor(random() * 12)}` },
    }),
  );
  const one = shelf(key);
  one.fold(critical, { lane: 'critical' });
  one.fold(bulk, { lane: 'bulk' });
  return {
    userId,
    country,
    key,
    items: one.items().map((item) => toAttributes(item)),
    nativeKey: userId,
    nativeItems: nativeItemsOf(userId, one.profile()),
  };
}

/** The facts of a profile as items of native attributes, as one would write them without a fold to keep. */
function nativeItemsOf(userId: string, profile: Profile): readonly Item[] {
  const shown = describeProfile(`u:${userId}`, profile) as unknown as v.InferOutput<
    typeof profileResponseSchema
  >;
  const methods = (uses: Profile['checkout']['payment']) =>
    Object.fromEntries(
      habitsOf(uses).map((habit) => [
        habit.method,
        {
          uses: habit.uses,
          lastAt: habit.lastAt,
          months: Object.fromEntries([...habit.byMonth].map(([month, count]) => [monthText(month), count])),
        },
      ]),
    );
  const { cart, address, locale, currency, loyaltyTier, tickets } = shown.checkout;
  const items = [
    {
      sk: 'checkout',
      payment: methods(profile.checkout.payment),
      shipping: methods(profile.checkout.shipping),
      cart,
      address,
      locale,
      currency,
      loyaltyTier,
      tickets,
      consent: shown.consent,
      updatedAt: shown.asOf,
    },
    { sk: 'orders', ...shown.orders },
    { sk: 'browse', ...shown.browse },
  ];
  return items.map((item) => attributesOf({ pk: userId, ...item }));
}

function attributesOf(values: object): Item {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, attributeOf(value)]],
    ),
  );
}

function attributeOf(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'string') return { S: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: attributesOf(value as object) };
}

/** DynamoDB's answer to the query for one key, as it goes over the wire. */
export function queryReply(items: readonly Item[]): string {
  const wired = items.map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => [
        name,
        value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
      ]),
    ),
  );
  return JSON.stringify({ Count: items.length, ScannedCount: items.length, Items: wired });
}

/** A request as API Gateway hands it to a function. */
export function leanEvent(shopper: LeanShopper, random: Random): object {
  const mixed = [...METHODS].sort(() => random() - 0.5).slice(0, 5);
  const body = {
    userId: shopper.userId,
    context: { country: shopper.country, currency: 'EUR', consent: { personalization: true } },
    checkout: {
      id: `checkout-${shopper.userId}`,
      lines: [
        { productId: 'p1', quantity: 1, price: 990 },
        { productId: 'p2', quantity: 2, price: 1_490 },
      ],
      payment: mixed.map((id) => ({ id, kind: KINDS[id] })),
      shipping: SHIPPING.map((id, at) => ({ id, price: 390 + at * 300, etaDays: 5 - at })),
    },
    slots: ['payment', 'shipping'],
  };
  return {
    version: '2.0',
    routeKey: 'POST /v1/decisions',
    rawPath: '/v1/decisions',
    rawQueryString: '',
    headers: {
      authorization: `Basic ${Buffer.from('sk_lean:').toString('base64')}`,
      'content-type': 'application/json',
    },
    requestContext: {
      requestId: `request-${shopper.userId}`,
      http: { method: 'POST', path: '/v1/decisions' },
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
