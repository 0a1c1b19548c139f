import * as v from 'valibot';
import { SLOTS, type SlotName } from '../domain/slot.ts';
import { isTooDeep } from './body.ts';
import { parseIsoTime } from './iso-time.ts';
import { idSchema, parseMessage, usableId, type TimedMessage } from './message.ts';
import { accept, reject, rejectIssue, type Parsed } from './rejection.ts';

const text = (max: number) => v.pipe(v.string(), v.maxLength(max, `at most ${max} characters`));
const id = v.pipe(v.string(), v.minLength(1, 'not empty'), v.maxLength(128, 'at most 128 characters'));
const minorUnits = v.pipe(v.number(), v.safeInteger('an integer in minor units'));

const MAX_OPTIONS = 50;
const MAX_LINES = 200;
const MAX_EVENTS = 20;

export const PAYMENT_KINDS = [
  'card',
  'debit',
  'bnpl',
  'wallet',
  'transfer',
  'voucher',
  'cash',
  'invoice',
] as const;

export const paymentOptionSchema = v.object({
  id,
  kind: v.optional(v.picklist(PAYMENT_KINDS, `one of ${PAYMENT_KINDS.join(', ')}`)),
  credit: v.optional(v.picklist(['no', 'maybe', 'yes'], 'one of no, maybe, yes')),
});

export const shippingOptionSchema = v.object({
  id,
  price: v.optional(minorUnits),
  etaDays: v.optional(v.pipe(v.number(), v.minValue(0, 'not negative'))),
});

/** `POST /v1/decisions`, the whole contract. Amounts are integer minor units of `context.currency`. */
export const decisionRequestSchema = v.object({
  writeKey: v.optional(text(256)),
  // A bad token never breaks a checkout: how long it may be is the verifier's business.
  token: v.nullish(v.string()),
  anonymousId: v.nullish(idSchema),
  userId: v.nullish(idSchema),
  context: v.optional(
    v.object({
      country: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z]{2}$/, 'an ISO 3166-1 alpha-2 country code'), v.toUpperCase()),
      ),
      region: v.optional(text(64)),
      currency: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z]{3}$/, 'an ISO 4217 currency code'), v.toUpperCase()),
      ),
      locale: v.optional(text(35)),
      device: v.optional(text(64)),
      consent: v.optional(v.record(v.string(), v.unknown())),
      // W3C Trace Context. Whatever it is, it breaks no checkout.
      traceparent: v.optional(v.unknown()),
    }),
    {},
  ),
  checkout: v.object({
    id: v.optional(id),
    lines: v.optional(
      v.pipe(
        v.array(
          v.object({
            productId: id,
            quantity: v.pipe(v.number(), v.minValue(0, 'not negative')),
            price: v.optional(minorUnits),
          }),
        ),
        v.maxLength(MAX_LINES, `at most ${MAX_LINES} lines`),
      ),
    ),
    payment: v.optional(
      v.pipe(v.array(paymentOptionSchema), v.maxLength(MAX_OPTIONS, `at most ${MAX_OPTIONS} options`)),
      [],
    ),
    shipping: v.optional(
      v.pipe(v.array(shippingOptionSchema), v.maxLength(MAX_OPTIONS, `at most ${MAX_OPTIONS} options`)),
      [],
    ),
  }),
  events: v.optional(
    v.pipe(v.array(v.unknown()), v.maxLength(MAX_EVENTS, `at most ${MAX_EVENTS} events`)),
    [],
  ),
  slots: v.optional(v.array(v.string())),
  since: v.optional(text(64)),
  at: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (time) => /(Z|[+-]\d{2}:?\d{2})$/.test(time) && parseIsoTime(time) !== null,
        'an ISO 8601 time, e.g. 2018-01-01T00:00:00Z',
      ),
    ),
  ),
  explain: v.optional(v.boolean(), false),
});

export type DecisionRequest = Omit<
  v.InferOutput<typeof decisionRequestSchema>,
  'slots' | 'at' | 'userId' | 'anonymousId' | 'events'
> & {
  readonly slots: readonly SlotName[];
  /** Events of this visitor that may not be visible yet. */
  readonly events: readonly TimedMessage[];
  /** ms; "now" for ageing, set by a server that asks about another time */
  readonly at?: number;
  readonly userId?: string;
  readonly anonymousId?: string;
};

/** Typed request, or the first fault with its path: a front-end engineer must see what is wrong, not a default. */
export function parseDecisionRequest(body: unknown): Parsed<DecisionRequest> {
  if (isTooDeep(body)) return reject('too_deep', 'the request nests too deep');
  const result = v.safeParse(decisionRequestSchema, body, { abortEarly: true });
  if (!result.success) return rejectIssue(result.issues);
  const { slots: named, at, userId, anonymousId, events: unparsed, ...request } = result.output;

  // Where nothing is to be shipped, nobody who does not ask wants to hear of it.
  const slots = named ?? SLOTS.filter((slot) => slot !== 'shipping' || request.checkout.shipping.length > 0);
  const unknown = slots.findIndex((slot) => !isSlot(slot));
  if (unknown >= 0) return reject('unknown_slot', `must be one of ${SLOTS.join(', ')}`, `slots[${unknown}]`);
  const repeated = repeatedOption(request.checkout);
  if (repeated !== undefined)
    return reject('duplicate_option', 'each option may stand in a slot once', repeated);
  const events: TimedMessage[] = [];
  for (const [index, event] of unparsed.entries()) {
    const parsed = parseMessage(event);
    if (!parsed.ok)
      return reject(
        parsed.rejection.code,
        parsed.rejection.message,
        `events[${index}]${parsed.rejection.path ? `.${parsed.rejection.path}` : ''}`,
      );
    events.push(parsed.value);
  }
  return accept({
    ...request,
    events,
    // A slot is decided once, however often it is asked for.
    slots: [...new Set(slots.filter(isSlot))],
    ...(at !== undefined && { at: parseIsoTime(at) ?? undefined }),
    userId: usableId(userId),
    anonymousId: usableId(anonymousId),
  });
}

function isSlot(name: string): name is SlotName {
  return (SLOTS as readonly string[]).includes(name);
}

function repeatedOption(
  checkout: v.InferOutput<typeof decisionRequestSchema>['checkout'],
): string | undefined {
  for (const slot of ['payment', 'shipping'] as const) {
    const ids = checkout[slot].map((option) => option.id);
    const index = ids.findIndex((name, place) => ids.indexOf(name) !== place);
    if (index >= 0) return `checkout.${slot}[${index}].id`;
  }
  return undefined;
}
