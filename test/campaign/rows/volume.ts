import { isDeepStrictEqual } from 'node:util';
import { streamEventOf } from '../../../shared/domain/accept.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import { describeProfile, profileOf } from '../../../shared/domain/profile.ts';
import type { Lane, Message } from '../../../shared/domain/stream-event.ts';
import { draw, seededRandom, type Random } from '../../bench/ranking/seeded-random.ts';
import { keyOf, NOW } from '../../memory-stage.ts';
import { deliverQuietly } from '../quiet-stream.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { streamModel } from '../stream-model.ts';

const EVENTS_A_RUN = 20_000;
const SHOPPERS = 1_000;
const MONTH_MS = 30 * 86_400_000;
const METHODS = ['card', 'pix', 'boleto'];
const DEEDS = new Map([
  ['buys', 0.25],
  ['earns', 0.1],
  ['looks', 0.45],
  ['comes again', 0.2],
]);

/** What a shopper did, counted while it is made up: nothing of the product is in it. */
interface Count {
  orders: number;
  cents: number;
  points: number;
  views: number;
  readonly uses: Record<string, number>;
}

export const volume: Row = pureRow({
  name: 'volume',
  input: '10M simulated events through fold and model store, one in five a repetition',
  holds: 'wrong facts, against counts kept while the events were made up: 0',
  aim: { atLeast: 10_000_000, of: 'events' },
  runs: { short: 1, long: 500 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const streams = { critical: streamModel('critical', random, 2), bulk: streamModel('bulk', random, 2) };
    const counts = fill(streams, random);
    const store = memoryProfileStore();
    const quarantine = memoryQuarantine();
    for (const lane of ['critical', 'bulk'] as const)
      await deliverQuietly({ lane, stream: streams[lane], store, quarantine, random });

    const violations: string[] = [];
    for (const [user, count] of counts) {
      const shown = describeProfile(
        'u:',
        profileOf(await store.query(keyOf(`u:${user}`))),
      ) as unknown as Shown;
      const found = countIn(shown);
      if (!isDeepStrictEqual(found, count))
        violations.push(`${user} did ${JSON.stringify(count)}, and ${JSON.stringify(found)} is known`);
    }
    return { counts: { events: EVENTS_A_RUN, shoppers: counts.size }, violations };
  },
});

function fill(
  streams: Readonly<Record<Lane, ReturnType<typeof streamModel>>>,
  random: Random,
): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  const latest = new Map<string, readonly [Lane, string, Uint8Array]>();
  for (let number = 0; number < EVENTS_A_RUN; number++) {
    const user = `user ${Math.floor(random() * SHOPPERS)}`;
    const count = counts.get(user) ?? { orders: 0, cents: 0, points: 0, views: 0, uses: {} };
    counts.set(user, count);
    const deed = draw(DEEDS, random);
    const before = latest.get(user);
    if (deed === 'comes again') {
      if (before !== undefined) streams[before[0]].put(before[1], before[2], NOW);
      continue;
    }
    const { lane, event } = streamEventOf(
      { type: 'track', messageId: `m${number}`, userId: user, ...made(deed, number, count, random) },
      { source: 'server', receivedAt: NOW, timestamp: NOW - Math.floor(random() * MONTH_MS) },
      { user: keyOf(`u:${user}`) },
    );
    const record = [lane, event.subject.key, Buffer.from(JSON.stringify(event))] as const;
    latest.set(user, record);
    streams[lane].put(record[1], record[2], NOW);
  }
  return counts;
}

function made(
  deed: string,
  number: number,
  count: Count,
  random: Random,
): Pick<Message, 'event' | 'properties'> {
  switch (deed) {
    case 'buys': {
      const cents = Math.floor(random() * 10_000);
      const method = METHODS[Math.floor(random() * METHODS.length)]!;
      count.orders += 1;
      count.cents += cents;
      count.uses[method] = (count.uses[method] ?? 0) + 1;
      return {
        event: 'Order Completed',
        properties: { order_id: `o${number}`, currency: 'EUR', total: cents / 100, payment_method: method },
      };
    }
    case 'earns': {
      const points = 1 + Math.floor(random() * 50);
      count.points += points;
      return { event: 'Loyalty Points Earned', properties: { transaction_id: `t${number}`, points } };
    }
    default:
      count.views += 1;
      return { event: 'Product Viewed', properties: { product_id: `p${Math.floor(random() * 500)}` } };
  }
}

interface Shown {
  readonly orders: {
    readonly count: number;
    readonly totals: { readonly EUR?: number };
    readonly points: number;
  };
  readonly checkout: { readonly payment: Readonly<Record<string, { readonly uses: number }>> };
  readonly browse: { readonly views: Readonly<Record<string, number>> };
}

function countIn({ orders, checkout, browse }: Shown): Count {
  return {
    orders: orders.count,
    cents: orders.totals.EUR ?? 0,
    points: orders.points,
    views: Object.values(browse.views).reduce((sum, views) => sum + views, 0),
    uses: Object.fromEntries(Object.entries(checkout.payment).map(([method, { uses }]) => [method, uses])),
  };
}
