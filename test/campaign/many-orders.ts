import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { memoryStage, NOW } from '../memory-stage.ts';
import type { ShopRecords } from './shop-events.ts';

const DAY_MS = 86_400_000;
/** More than stand beside each other: the oldest of them move to pages, again and again. */
const FEWEST = 100;
const MOST = 140;

/** So many come first; of those that come then most say what became of one of them, which may stand in a page. */
const SETTLED = 75;
const EVENTS_A_REQUEST = 40;

const known = new Map<string, Promise<ShopRecords>>();

/** The orders of a good customer or of a busy kiosk; some are cancelled later or delivered. The same random numbers give the same. */
export async function manyOrders(
  random: Random,
  owner: { readonly userId: string } | { readonly anonymousId: string },
): Promise<ShopRecords> {
  const name = JSON.stringify(owner);
  const all = known.get(name) ?? collected(ordersOf(owner));
  known.set(name, all);
  const { critical, bulk } = await all;
  return { critical: critical.slice(0, FEWEST + Math.floor(random() * (MOST - FEWEST))), bulk };
}

async function collected(events: readonly object[]): Promise<ShopRecords> {
  const stage = memoryStage();
  for (let at = 0; at < events.length; at += EVENTS_A_REQUEST)
    await stage.collect('batch', { batch: events.slice(at, at + EVENTS_A_REQUEST) });
  return { critical: stage.eventLog.records('critical'), bulk: stage.eventLog.records('bulk') };
}

function ordersOf(owner: object): readonly object[] {
  const random = seededRandom(1);
  return Array.from({ length: MOST }, (_, index) => {
    const isLater = random() < (index < SETTLED ? 0.05 : 0.6);
    const order = isLater ? Math.floor(random() * index) : index;
    return {
      ...owner,
      type: 'track',
      messageId: `many ${index}`,
      event: isLater ? (random() < 0.5 ? 'Order Cancelled' : 'Order Delivered') : 'Order Completed',
      timestamp: new Date(NOW - Math.floor(random() * 300 * DAY_MS)).toISOString(),
      properties: { order_id: `many ${order}`, currency: 'EUR', total: 5, payment_method: 'card' },
    };
  });
}
