import { openCart, type CartLine, type CartState } from '../cart.ts';
import type { DecidedSlot, DecisionConfig, DecisionInput, SlotBase } from '../decide.ts';
import { hashText } from '../hash.ts';
import { totalsOf } from '../ledger.ts';
import { AUDIENCE_REASONS, isPersonal, meet, type ExplainedCondition, type Moment } from './audience.ts';
import { showToAudience, type ExplainedItem } from './audience-slot.ts';
import type { KnownPerson } from './known-person.ts';
import { say } from './localized-text.ts';
import type { Message, MessageSubject } from './message.ts';

/** Why a message is there. */
export const MESSAGE_REASONS = [
  'cart-left',
  'ticket-open',
  'loyalty-known',
  ...AUDIENCE_REASONS,
  'store-notice',
] as const;
export type MessageReason = (typeof MESSAGE_REASONS)[number];

export interface MessageItem {
  readonly id: string;
  readonly kind: MessageSubject['kind'];
  /** Plain text. */
  readonly text: string;
  /** The language it is in, BCP 47. */
  readonly locale: string;
  /** Of `continue-checkout`: as it was left, in its own currency. */
  readonly cart?: {
    readonly lines: readonly CartLine[];
    readonly currency: string;
    readonly updatedAt: string;
  };
  readonly reasons: readonly MessageReason[];
}

export interface MessagesSlot extends SlotBase {
  readonly items: readonly MessageItem[];
  /** With `explain` only. */
  readonly explain?: readonly ExplainedItem[];
}

/** What the shop says to this person, in the shop's order, in the language nearest to the request's. */
export function decideMessages(
  input: DecisionInput,
  config: DecisionConfig,
  person: KnownPerson | undefined,
): DecidedSlot<MessagesSlot> {
  const { items } = config.messages;
  const slot = showToAudience(items, input, person, {
    show: (message, moment) => messageItem(message, moment, input),
    isPersonal: ({ subject, audience }) => subject.kind !== 'notice' || isPersonal(audience),
    explain: ({ subject }, moment) => explainTopic(subject, moment, input),
  });
  return { ...slot, guardrails: [] };
}

function explainTopic(
  subject: MessageSubject,
  moment: Moment,
  input: DecisionInput,
): readonly ExplainedCondition[] {
  if (subject.kind === 'notice') return [];
  return [{ asks: ASKED[subject.kind], holds: topicOf(subject, moment, input) !== undefined }];
}

const ASKED: Readonly<Record<Exclude<MessageSubject['kind'], 'notice'>, string>> = {
  'continue-checkout': 'the account has an open cart that the request does not hold',
  'support-follow-up': 'the account has a ticket that is not resolved',
  'loyalty-status': 'the account has a loyalty tier or points',
};

function messageItem(message: Message, moment: Moment, input: DecisionInput): MessageItem | undefined {
  const met = meet(message.audience, moment);
  const topic = met && topicOf(message.subject, moment, input);
  const said = topic && say(message.text, input.locale, topic.values);
  if (!met || !topic || !said) return undefined;
  const reasons = [...topic.reasons, ...met.reasons];
  return {
    id: message.id,
    kind: message.subject.kind,
    ...said,
    ...(topic.cart && { cart: topic.cart }),
    reasons: reasons.length > 0 ? reasons : ['store-notice'],
  };
}

/** What a message speaks of. */
interface Topic {
  readonly values: Readonly<Record<string, string | number | undefined>>;
  readonly reasons: readonly MessageReason[];
  readonly cart?: MessageItem['cart'];
}

/** Undefined: there is nothing to speak of. Carts, tickets and points are an account's; a device alone opens none. */
function topicOf(
  subject: MessageSubject,
  { now, person, cart: asked }: Moment,
  { checkoutId }: DecisionInput,
): Topic | undefined {
  if (subject.kind === 'notice') return { values: {}, reasons: [] };
  if (person?.level !== 'account') return undefined;
  const { checkout, orders } = person.profile;
  const isRecent = (at: number, withinMs: number): boolean => now - at < withinMs;
  switch (subject.kind) {
    case 'continue-checkout': {
      const cart = openCart(checkout.cart);
      if (cart === undefined || !isRecent(cart.updatedAt, subject.withinMs)) return undefined;
      const isHeld = cart.lines.every(({ productId }) => asked?.products.has(productId));
      if (isHeld || isOfCheckout(checkout.cart, checkoutId)) return undefined;
      const { lines, currency, updatedAt } = cart;
      return {
        values: { lines: lines.length },
        reasons: ['cart-left'],
        cart: { lines, currency, updatedAt: new Date(updatedAt).toISOString() },
      };
    }
    case 'support-follow-up': {
      const ticket = checkout.tickets.findLast(
        ({ at, resolved }) => !resolved && isRecent(at, subject.withinMs),
      );
      return ticket && { values: { ticket: ticket.id }, reasons: ['ticket-open'] };
    }
    case 'loyalty-status': {
      const tier = checkout.loyaltyTier?.value;
      const { points } = totalsOf(orders);
      return tier === undefined && points === 0
        ? undefined
        : { values: { tier, points }, reasons: ['loyalty-known'] };
    }
  }
}

/** The cart is the one that this checkout began with. */
function isOfCheckout({ snapshot }: CartState, checkoutId: string | undefined): boolean {
  return checkoutId !== undefined && (snapshot?.checkouts.includes(hashText(checkoutId, 8)) ?? false);
}
