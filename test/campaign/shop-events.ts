import { decisionIdOf, SHOWN_EVENT } from '../../shared/domain/decision-id.ts';
import { UNLINK_EVENT } from '../../shared/domain/events.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import type { LogRecord } from '../../shared/ports/event-log.ts';
import { draw, seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, NOW } from '../memory-stage.ts';

export type ShopRecords = Readonly<Record<Lane, readonly LogRecord[]>>;

/** What a shop's visitors do, in shares of one. */
export type Mix = ReadonlyMap<string, number>;

export const EVERYTHING: Mix = new Map([
  ['order', 0.2],
  ['change', 0.08],
  ['points', 0.08],
  ['cart', 0.14],
  ['payment', 0.1],
  ['visit', 0.1],
  ['view', 0.16],
  ['page', 0.1],
  ['unknown', 0.04],
]);
/** Nothing but what is counted by its kind. */
export const LOOKING: Mix = new Map([
  ['view', 0.5],
  ['page', 0.3],
  ['unknown', 0.2],
]);
/** Nothing but money. */
export const BUYING: Mix = new Map([
  ['order', 0.6],
  ['change', 0.3],
  ['points', 0.1],
]);
export const LINKING: Mix = new Map([
  ['visit', 0.35],
  ['unlink', 0.2],
  ['payment', 0.15],
  ['order', 0.1],
  ['cart', 0.1],
  ['view', 0.1],
]);

/** What one person does on their own devices and on others', and what a shop tells of them. */
export const LIVING: Mix = new Map([
  ['visit', 0.26],
  ['unlink', 0.05],
  ['payment', 0.1],
  ['order', 0.14],
  ['change', 0.06],
  ['delivery', 0.04],
  ['points', 0.03],
  ['cart', 0.06],
  ['snapshot', 0.04],
  ['ticket', 0.12],
  ['tier', 0.03],
  ['consent', 0.03],
  ['view', 0.04],
]);

/** Little but signing in, here and there. */
export const ROAMING: Mix = new Map([
  ['visit', 0.7],
  ['order', 0.15],
  ['view', 0.15],
]);

/** Checkouts that are shown decisions and completed, or not. */
export const SHOWING: Mix = new Map([
  ['shown', 0.4],
  ['checkout', 0.3],
  ['entered', 0.15],
  ['visit', 0.15],
]);

export interface ShopOptions {
  readonly events: number;
  readonly mix?: Mix;
  readonly users?: readonly string[];
  readonly devices?: readonly string[];
  /** Different orders that there may be. Default 90: they meet. */
  readonly orders?: number;
  /** Over how many days all of it happens. Default 300. */
  readonly days?: number;
  /**
   * A message that is sent twice comes from the same source both times. Else it may be proven once and not the other time, and is then
   * two subjects' (a user's and a device's), each of whom takes it once.
   */
  readonly isSteady?: boolean;
}

const METHODS = ['card', 'pix', 'boleto'];
const DAY_MS = 86_400_000;
/** No ring forgets a message within so many of its subject's. */
const WINDOW = 12;

/** Events of a few shoppers who share devices, change their minds and send things twice; times in any order. */
export function shopEvents(
  random: Random,
  {
    events: count,
    mix = EVERYTHING,
    users = ['ann', 'bob', 'eve'],
    devices = ['phone', 'kiosk', 'laptop'],
    orders = 90,
    days = 300,
  }: ShopOptions,
): readonly object[] {
  const number = (below: number): number => Math.floor(random() * below);
  const one = <Value>(of: readonly Value[]): Value => of[number(of.length)]!;
  const events: object[] = [];
  while (events.length < count) {
    const earlier = events[events.length - 1 - number(WINDOW)];
    if (earlier !== undefined && random() < 0.2) {
      events.push(earlier);
      continue;
    }
    const userId = random() < 0.8 ? one(users) : undefined;
    const anonymousId = userId === undefined || random() < 0.5 ? one(devices) : undefined;
    const id = `m${events.length}`;
    events.push({
      messageId: id,
      userId,
      anonymousId,
      timestamp: new Date(NOW - number(days) * DAY_MS - number(DAY_MS)).toISOString(),
      ...deed(draw(mix, random), { number, one, id, device: one(devices), orders }),
    });
  }
  return events;
}

interface Chance {
  readonly number: (below: number) => number;
  readonly one: <Value>(of: readonly Value[]) => Value;
  readonly id: string;
  readonly device: string;
  readonly orders: number;
}

function deed(kind: string, { number, one, id, device, orders }: Chance): object {
  const track = (event: string, properties: object = {}) => ({ type: 'track', event, properties });
  const money = { currency: 'EUR', total: number(99), payment_method: one(METHODS) };
  switch (kind) {
    case 'order':
      return track('Order Completed', { order_id: `o${number(orders)}`, ...money });
    case 'change':
      return track(one(['Order Updated', 'Order Cancelled', 'Order Refunded']), {
        order_id: `o${number(orders)}`,
        refund_id: `r${number(9)}`,
        ...money,
      });
    case 'delivery':
      return track('Order Delivered', { order_id: `o${number(orders)}` });
    case 'points':
      return track(one(['Loyalty Points Earned', 'Loyalty Points Redeemed']), {
        transaction_id: `t${number(20)}`,
        points: 1 + number(50),
      });
    case 'cart':
      return track(one(['Product Added', 'Product Removed']), {
        product_id: `p${number(5)}`,
        quantity: 1 + number(3),
        price: 5,
      });
    case 'snapshot':
      return track('Cart Viewed', {
        currency: 'EUR',
        products: [{ product_id: `p${number(5)}`, quantity: 1 + number(3), price: 5 }],
      });
    case 'ticket':
      return track(one(['Support Ticket Opened', 'Support Ticket Resolved']), {
        ticket_id: 's1',
      });
    case 'tier':
      return track('Loyalty Tier Changed', { tier: one(['gold', 'silver']) });
    case 'consent':
      return track('Consent Preference Updated', { consent: { personalization: one([true, false]) } });
    case 'payment':
      return track('Payment Info Entered', { checkout_id: `c${number(40)}`, payment_method: one(METHODS) });
    case 'shown':
      return track(SHOWN_EVENT, shownProperties(number, one));
    case 'checkout':
      // Half of all orders say of which checkout they are.
      return track('Order Completed', {
        ...one([{ checkout_id: `c${number(5)}` }, {}]),
        ...money,
        order_id: `o${number(3)}`,
        payment_method: one([...METHODS, undefined]),
      });
    case 'entered':
      return track('Payment Info Entered', { checkout_id: `c${number(5)}`, payment_method: one(METHODS) });
    case 'visit':
      return { type: 'identify', anonymousId: device, traits: { address: { country: one(['BR', 'SE']) } } };
    case 'unlink':
      return { ...track(UNLINK_EVENT), anonymousId: device };
    case 'view':
      return track('Product Viewed', { product_id: `p${number(30)}`, category: 'c' });
    case 'page':
      return { type: 'page', name: 'Home' };
    default:
      return track(`Custom ${number(4)}`, { of: id });
  }
}

/** Few decisions and checkouts, so that one is told of again and again; some decisions are made up. */
function shownProperties(number: Chance['number'], one: Chance['one']): object {
  const name = `d${number(3)}`;
  return {
    decision_id: one([
      decisionIdOf(name, keyOf),
      decisionIdOf(name, keyOf),
      `dec_${name}.AAAAAAAAAAA`,
      undefined,
    ]),
    checkout_id: one([`c${number(5)}`, `c${number(5)}`, undefined]),
    slots: {
      payment: {
        source: one(['personalized', 'regional', 'cached', 'store-default', 'made up']),
        order: one([METHODS, METHODS.toReversed(), METHODS.slice(1)]),
        preselected: one([...METHODS, undefined]),
      },
    },
  };
}

const EVENTS_A_REQUEST = 40;

/** What the collector makes of events, and now and then something in the stream that is no event. */
export async function recordsOf(
  random: Random,
  events: readonly object[],
  { isSteady = false }: Pick<ShopOptions, 'isSteady'> = {},
): Promise<ShopRecords> {
  const stage = memoryStage();
  for (const { batch, isServer } of isSteady ? steadyRequests(random, events) : anyRequests(random, events)) {
    const { status } = await stage.collect('batch', { batch }, isServer ? AS_SERVER : AS_BROWSER);
    if (status !== 200) throw new Error(`the collector answers ${status}`);
    if (random() < 0.05)
      await stage.eventLog.append('critical', [{ partitionKey: 'x'.repeat(22), data: '{"no":"event"}' }]);
  }
  return { critical: stage.eventLog.records('critical'), bulk: stage.eventLog.records('bulk') };
}

interface Request {
  readonly batch: readonly object[];
  readonly isServer: boolean;
}
const FROM_SERVERS = 0.8;

function anyRequests(random: Random, events: readonly object[]): readonly Request[] {
  const requests: Request[] = [];
  for (let at = 0; at < events.length; at += EVENTS_A_REQUEST)
    requests.push({ batch: events.slice(at, at + EVENTS_A_REQUEST), isServer: random() < FROM_SERVERS });
  return requests;
}

function steadyRequests(random: Random, events: readonly object[]): readonly Request[] {
  const sources = new Map(events.map((event) => [event, random() < FROM_SERVERS]));
  return events.map((event) => ({ batch: [event], isServer: sources.get(event) ?? false }));
}

const STOCK_EVENTS = 2_000;
/** Schedules that draw from one stock: making events costs more than folding them. */
const STOCK_SHARED_BY = 500;
/** The latest of each kind. */
const stocks = new Map<string, { readonly number: number; readonly records: Promise<ShopRecords> }>();

/** Some records in a row out of a stock that schedules share; the same seed gives the same. */
export async function someRecords(seed: number, random: Random, options: ShopOptions): Promise<ShopRecords> {
  const number = Math.floor(seed / STOCK_SHARED_BY);
  const kind = JSON.stringify([
    options.users,
    options.devices,
    options.orders,
    options.isSteady,
    options.days,
    [...(options.mix ?? [])],
  ]);
  let stock = stocks.get(kind);
  if (stock?.number !== number) {
    const chance = seededRandom(number + 1);
    const events = shopEvents(chance, { ...options, events: STOCK_EVENTS });
    stock = { number, records: recordsOf(chance, events, options) };
    stocks.set(kind, stock);
  }
  const { critical, bulk } = await stock.records;
  const all = critical.length + bulk.length;
  const from = random();
  const slice = (records: readonly LogRecord[]): readonly LogRecord[] => {
    const length = Math.ceil((options.events * records.length) / all);
    const at = Math.floor(from * (records.length - length + 1));
    return records.slice(at, at + length);
  };
  return { critical: slice(critical), bulk: slice(bulk) };
}
