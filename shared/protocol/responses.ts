import * as v from 'valibot';
import { FALLBACK_REASONS, LADDERS } from '../domain/decide.ts';
import { REASONS } from '../domain/rank-options.ts';
import { MESSAGE_REASONS } from '../domain/slots/messages-slot.ts';
import { OFFER_REASONS } from '../domain/slots/offers-slot.ts';

const isoTime = v.pipe(v.string(), v.isoTimestamp());
const text = v.pipe(v.string(), v.nonEmpty());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Integer minor units by ISO 4217 code. */
const money = v.record(v.pipe(v.string(), v.length(3)), v.pipe(v.number(), v.integer()));

/** What every error of the functions looks like. */
export const errorSchema = v.strictObject({
  error: v.strictObject({ code: text, message: text, path: v.optional(text) }),
});

/** 200 of `POST /v1/{call}`. */
export const ingestionResponseSchema = v.strictObject({
  success: v.literal(true),
  rejected: v.optional(
    v.array(v.strictObject({ index: count, code: text, message: text, path: v.optional(text) })),
  ),
});

const rung = v.picklist(['personalized', 'regional', 'default']);
const slotEntries = {
  source: rung,
  fallbackReason: v.nullable(v.picklist(FALLBACK_REASONS)),
  guardrails: v.array(text),
};
const orderedSlotSchema = v.strictObject({
  ...slotEntries,
  options: v.array(
    v.strictObject({
      id: text,
      rank: v.pipe(v.number(), v.integer(), v.minValue(1)),
      preselected: v.boolean(),
      reasons: v.pipe(v.array(v.picklist(REASONS)), v.nonEmpty()),
      explain: v.optional(
        v.strictObject({ score: v.number(), share: v.number(), uses: count, lastAt: v.nullable(isoTime) }),
      ),
    }),
  ),
});

const prefillSlotSchema = v.strictObject({
  ...slotEntries,
  fields: v.strictObject({
    address: v.optional(v.strictObject({ country: text, region: v.optional(text), city: v.optional(text) })),
    locale: v.optional(text),
    currency: v.optional(text),
  }),
});

const amountSchema = v.strictObject({
  amount: v.pipe(v.number(), v.integer(), v.minValue(1)),
  currency: v.pipe(v.string(), v.length(3)),
});
/** Of everything that the shop could show: what it asks, and whether that holds. */
const explainedItems = v.optional(
  v.array(
    v.strictObject({
      id: text,
      applies: v.boolean(),
      conditions: v.array(v.strictObject({ asks: text, holds: v.boolean() })),
    }),
  ),
);
const offersSlotSchema = v.strictObject({
  ...slotEntries,
  items: v.array(
    v.strictObject({
      id: text,
      kind: v.picklist(['percent', 'amount', 'free-shipping', 'reward']),
      title: text,
      percent: v.optional(v.number()),
      amount: v.optional(amountSchema),
      missing: v.optional(amountSchema),
      endsAt: v.nullable(isoTime),
      preselected: v.literal(false),
      reasons: v.pipe(v.array(v.picklist(OFFER_REASONS)), v.nonEmpty()),
    }),
  ),
  explain: explainedItems,
});

const cartSchema = v.strictObject({
  lines: v.array(v.strictObject({ productId: text, quantity: v.number(), price: v.optional(v.number()) })),
  currency: text,
  updatedAt: isoTime,
});
const messagesSlotSchema = v.strictObject({
  ...slotEntries,
  items: v.array(
    v.strictObject({
      id: text,
      kind: v.picklist(['continue-checkout', 'support-follow-up', 'loyalty-status', 'notice']),
      text,
      locale: text,
      cart: v.optional(cartSchema),
      reasons: v.pipe(v.array(v.picklist(MESSAGE_REASONS)), v.nonEmpty()),
    }),
  ),
  explain: explainedItems,
});

/** 200 of `POST /v1/decisions`. `slots` is empty when the answer is the one that `since` names. */
export const decisionResponseSchema = v.strictObject({
  decisionId: text,
  version: text,
  tokenRejected: v.nullable(
    v.picklist(['malformed', 'signature', 'algorithm', 'expired', 'audience', 'claims', 'unavailable']),
  ),
  asOf: v.nullable(isoTime),
  lagMs: v.nullable(v.number()),
  source: v.picklist(LADDERS),
  degraded: v.boolean(),
  profile: v.strictObject({
    level: v.picklist(['none', 'device', 'account']),
    segments: v.array(text),
    journeyStage: v.nullable(text),
  }),
  slots: v.strictObject({
    payment: v.optional(orderedSlotSchema),
    shipping: v.optional(orderedSlotSchema),
    prefill: v.optional(prefillSlotSchema),
    offers: v.optional(offersSlotSchema),
    messages: v.optional(messagesSlotSchema),
  }),
});

const habits = v.record(v.string(), v.strictObject({ uses: count, lastAt: isoTime }));
const byMonth = v.record(v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)), count);

/** 200 of `DELETE /v1/profiles/{subject}`: nothing of it is left. */
export const erasedResponseSchema = v.strictObject({
  subject: text,
  /** What happened up to then is gone and does not come back; what happens later begins anew. */
  erasedAt: isoTime,
  /** Stored items that said something, and say nothing now. */
  items: count,
  /** Devices that were erased with their user. */
  devices: count,
  /** Devices that others use too; they speak for nobody, and stay. */
  sharedDevices: count,
});

/** 200 of `GET /v1/profiles/{subject}`. Amounts are integer minor units. */
export const profileResponseSchema = v.strictObject({
  subject: text,
  exists: v.boolean(),
  asOf: v.nullable(isoTime),
  lagMs: v.nullable(v.number()),
  links: v.array(
    v.strictObject({
      key: text,
      proof: v.picklist(['server', 'token', 'none']),
      firstAt: isoTime,
      lastAt: isoTime,
    }),
  ),
  /** Of a device: more than one user was proven on it. */
  shared: v.boolean(),
  /** Of a user: devices are missing, since there are too many that are still in use. */
  partial: v.boolean(),
  checkout: v.strictObject({
    payment: habits,
    shipping: habits,
    cart: v.nullable(cartSchema),
    address: v.nullable(v.strictObject({ country: v.string(), region: v.string(), city: v.string() })),
    locale: v.nullable(text),
    currency: v.nullable(text),
    loyaltyTier: v.nullable(text),
    tickets: v.array(v.strictObject({ id: text, at: isoTime, resolved: v.boolean() })),
  }),
  orders: v.strictObject({
    count,
    totals: money,
    cancelled: count,
    delivered: count,
    refunds: v.strictObject({ count, totals: money }),
    points: v.pipe(v.number(), v.integer()),
    firstAt: v.nullable(isoTime),
    lastAt: v.nullable(isoTime),
  }),
  browse: v.strictObject({
    viewed: v.array(v.strictObject({ productId: text, category: v.string(), at: isoTime })),
    categories: v.record(v.string(), count),
    searches: v.array(v.strictObject({ query: text, at: isoTime })),
    views: byMonth,
    pages: byMonth,
    unknownEvents: v.record(v.string(), count),
  }),
  segments: v.array(text),
  /** Of those segments that are announced. */
  enteredAt: v.record(v.string(), isoTime),
  consent: v.record(v.string(), v.boolean()),
});

/** 200 of `GET /v1/profiles/{subject}/export`: all that is stored. Amounts are integer minor units, of points points. */
export const exportResponseSchema = v.strictObject({
  subject: text,
  exportedAt: isoTime,
  /** As `GET /v1/profiles/{subject}` answers. */
  profile: profileResponseSchema,
  /** The subject's own record, then those of its devices. */
  records: v.array(
    v.strictObject({
      /** What it is stored under: a keyed hash of the id. */
      key: text,
      items: v.array(
        v.strictObject({
          item: text,
          version: count,
          newestReceivedAt: v.nullable(isoTime),
          writtenAt: v.nullable(isoTime),
          erasedAt: v.nullable(isoTime),
          /** Hashes of the newest messages, to know one that comes twice: how many. */
          rememberedMessages: count,
          /** As it is stored: counts by month, times in ms, choices, what segments look back at. */
          state: v.unknown(),
        }),
      ),
      /** Every order, refund and change of points, old ones too; `id` is a hash. */
      orders: v.array(
        v.strictObject({
          id: text,
          kind: v.picklist(['order', 'refund', 'points']),
          at: isoTime,
          amount: v.nullable(v.pipe(v.number(), v.integer())),
          currency: v.nullable(text),
          cancelledAt: v.nullable(isoTime),
          deliveredAt: v.nullable(isoTime),
        }),
      ),
    }),
  ),
});
