import { decisionIdOf, SHOWN_EVENT } from '../../shared/domain/decision-id.ts';
import { UNLINK_EVENT } from '../../shared/domain/events.ts';
import { draw, type Random } from '../bench/ranking/seeded-random.ts';
import { keyOf } from '../memory-stage.ts';

/** Of everything of which a profile keeps a list there are so many: none of the lists may keep them all. */
const MANY = 4_000;
const CURRENCIES = ['EUR', 'BRL', 'SEK', 'JPY'];
const TEN_YEARS_MS = 3_652 * 86_400_000;
/** Told late, of some day in the last ten years: there are many months, too. */
const LATE = 0.1;

const DEEDS = new Map([
  ['order', 0.2],
  ['refund', 0.05],
  ['points', 0.05],
  ['cart', 0.05],
  ['snapshot', 0.02],
  ['checkout', 0.05],
  ['shown', 0.05],
  ['ticket', 0.03],
  ['tier', 0.02],
  ['consent', 0.03],
  ['identify', 0.03],
  ['unlink', 0.02],
  ['view', 0.15],
  ['search', 0.08],
  ['page', 0.05],
  ['unknown', 0.12],
]);

/**
 * Events of one subject that does everything there is, each time with another thing: products, names, methods, orders,
 * tickets, devices by the thousand.
 *
 * @param who its name as a user and as a device
 * @param at when they happen, ms
 */
export function hotEvents(random: Random, who: string, at: readonly number[]): readonly object[] {
  const number = (below: number): number => Math.floor(random() * below);
  return at.map((now, index) => ({
    messageId: `${who} ${index}`,
    ...identity(who, random, number),
    timestamp: new Date(random() < LATE ? now - number(TEN_YEARS_MS) : now).toISOString(),
    ...deed(inPhase(draw(DEEDS, random), index / at.length), number, index),
  }));
}

/** In the end it only fills its cart, so that there is one: first anew again and again, then thing by thing. */
function inPhase(kind: string, share: number): string {
  if (share > 0.9 && kind === 'order') return 'cart';
  return share > 0.95 && kind === 'snapshot' ? 'cart' : kind;
}

/** Itself as a user, as a user on one of very many devices, as a device, and as a device on which others sign in. */
function identity(who: string, random: Random, number: (below: number) => number): object {
  const chance = random();
  if (chance < 0.5) return { userId: who };
  if (chance < 0.7) return { userId: who, anonymousId: `${who}’s ${number(MANY)}` };
  if (chance < 0.95) return { anonymousId: who };
  return { anonymousId: who, userId: `${who}’s guest ${number(MANY)}` };
}

function deed(kind: string, number: (below: number) => number, index: number): object {
  const one = (of: string): string => `${of} ${number(MANY)}`;
  const track = (event: string, properties: object = {}) => ({ type: 'track', event, properties });
  const money = { currency: CURRENCIES[number(CURRENCIES.length)], total: number(99_999) / 100 };
  const product = () => ({ product_id: one('product'), category: one('category'), quantity: 1 + number(3) });
  const methods = () => ({ payment_method: one('method'), shipping_method: one('carrier') });
  switch (kind) {
    case 'order':
      return track('Order Completed', {
        order_id: `order ${index}`,
        checkout_id: one('checkout'),
        ...money,
        ...methods(),
      });
    case 'refund':
      return track('Order Refunded', {
        order_id: `order ${number(MANY)}`,
        refund_id: one('refund'),
        ...money,
      });
    case 'points':
      return track('Loyalty Points Earned', { transaction_id: one('transaction'), points: number(500) });
    case 'cart':
      return track('Product Added', { ...product(), price: 5, currency: money.currency });
    case 'snapshot':
      return track('Cart Viewed', { products: Array.from({ length: 1 + number(200) }, product) });
    case 'checkout':
      return track('Payment Info Entered', { checkout_id: one('checkout'), ...methods() });
    case 'shown':
      return track(SHOWN_EVENT, {
        decision_id: decisionIdOf(`d${number(MANY)}`, keyOf),
        checkout_id: one('checkout'),
        slots: { payment: { source: 'personalized', order: Array.from({ length: 9 }, () => one('method')) } },
      });
    case 'ticket':
      return track('Support Ticket Opened', { ticket_id: one('ticket') });
    case 'tier':
      return track('Loyalty Tier Changed', { tier: one('tier') });
    case 'consent':
      return track('Consent Preference Updated', { consent: { [one('purpose')]: number(2) === 0 } });
    case 'identify':
      return {
        type: 'identify',
        traits: { address: { country: 'BR', region: one('region'), city: one('city') } },
      };
    case 'unlink':
      return track(UNLINK_EVENT);
    case 'view':
      return track('Product Viewed', product());
    case 'search':
      return track('Products Searched', { query: one('shoes') });
    case 'page':
      return { type: 'page', name: one('page') };
    default:
      return track(one('Custom'));
  }
}
