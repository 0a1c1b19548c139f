import { toAttributes } from '../../shared/adapters/dynamodb/item-attributes.ts';
import { absorb } from '../../shared/domain/absorption.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { itemBytes, readUnits, type WireItem } from '../../local/capacity.ts';
import { percentile } from '../bench/measured-replay.ts';
import { realEvents } from '../bench/real-events.ts';
import { keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const DEVICES = 400;
const DAY = 86_400_000;
/** Of a copy, as DynamoDB counts bytes; as real Olist devices have it, and no less than theirs for made-up ones. */
const P50 = 350;
const P95 = 450;

/** What devices did before anybody signed in on them: one list of events a device. */
const sessions = olistSessions() ?? madeUpSessions();

test('a copy of a device that shopped once takes a third of a kilobyte', async () => {
  const sizes = (await copiesOf(sessions)).map(bytesOf);

  expect(sizes).toHaveLength(DEVICES);
  expect(percentile(sizes, 50)).toBeLessThanOrEqual(P50);
  expect(percentile(sizes, 95)).toBeLessThanOrEqual(P95);
  process.stderr.write(`bytes of a copy: p50 ${percentile(sizes, 50)}, p95 ${percentile(sizes, 95)}\n`);
});

test.each([
  [12, 1, 3],
  [100, 7, 9],
])(
  'a decision for a user of %i devices reads at most %d units in its query, %d with the four devices that it reads',
  async (devices, ofQuery, ofAll) => {
    const stage = memoryStage();
    for (const [index, session] of sessions.slice(0, devices).entries()) {
      const anonymousId = `device ${index}`;
      await stage.learn([
        ...session.map((event) => ({ ...event, anonymousId, timestamp: undefined })),
        { ...paid(index), userId: 'ann', anonymousId },
      ]);
      stage.clock.advance(DAY + 1);
    }
    const costs: number[] = [];
    const { query } = stage.store;
    stage.store.query = async (...args) => {
      const items = await query(...args);
      costs.push(
        readUnits(
          items.reduce((bytes, item) => bytes + bytesOf(item), 0),
          false,
        ),
      );
      return items;
    };
    const { body } = await stage.decide({ userId: 'ann', checkout: { payment: [{ id: 'card' }] } });

    expect(body).toMatchObject({ source: 'personalized' });
    expect(costs).toHaveLength(5);
    expect(costs[0]).toBeLessThanOrEqual(ofQuery);
    expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeLessThanOrEqual(ofAll);
    process.stderr.write(`read units of a decision for a user of ${devices} devices: ${costs.join(' + ')}\n`);
  },
);

type Event = Readonly<Record<string, unknown>>;

const paid = (index: number): Event => ({
  type: 'track',
  event: 'Order Completed',
  messageId: `order ${index}`,
  properties: { order_id: `order ${index}`, total: 10, currency: 'BRL', payment_method: 'card' },
});

async function copiesOf(all: readonly (readonly Event[])[]): Promise<readonly StoredItem[]> {
  const stage = memoryStage();
  for (const [index, session] of all.entries())
    await stage.learn(session.map((event) => ({ ...event, anonymousId: `device ${index}` })));
  return all.flatMap((_session, index) => absorbed(stage, keyOf(`a:device ${index}`)) ?? []);
}

function absorbed(stage: MemoryStage, device: string): StoredItem | null {
  const items = stage.store.items().filter(({ key }) => key === device);
  const silence = { now: NOW + 2 * DAY, retentionMs: DAY };
  return absorb({ user: keyOf('u:ann'), device, items, stored: undefined, ...silence });
}

function bytesOf(item: StoredItem): number {
  const attributes = Object.entries(toAttributes(item)).map(([name, { S, N, B }]) => [
    name,
    B ? { B: Buffer.from(B).toString('base64') } : S === undefined ? { N } : { S },
  ]);
  return itemBytes(Object.fromEntries(attributes) as WireItem);
}

/** Without `CARTWRIGHT_DATA`: a checkout begun with one to three products, ids as long as theirs. */
function madeUpSessions(): readonly (readonly Event[])[] {
  const id = (text: string) => Buffer.from(text.padEnd(16, '.')).toString('hex');
  return Array.from({ length: DEVICES }, (_, index) => [
    {
      type: 'track',
      event: 'Checkout Started',
      messageId: id(`m${index}`),
      context: { locale: 'pt-BR', location: { country: 'BR', region: 'SP', city: 'santos' } },
      properties: {
        checkout_id: id(`c${index}`),
        order_id: id(`o${index}`),
        value: 72.89,
        currency: 'BRL',
        products: Array.from({ length: index % 20 === 0 ? 3 : 1 }, (_product, line) => ({
          product_id: id(`p${index}-${line}`),
          price: 39.99,
          quantity: 1,
        })),
      },
    },
  ]);
}

function olistSessions(): readonly (readonly Event[])[] | undefined {
  const olist = realEvents().find(({ name }) => name === 'Olist');
  if (olist === undefined) return undefined;
  const byDevice = new Map<string, Event[]>();
  for (const line of olist.lines) {
    const event = JSON.parse(line) as Event;
    if (event.userId !== undefined || typeof event.anonymousId !== 'string') continue;
    const session = byDevice.get(event.anonymousId) ?? [];
    byDevice.set(event.anonymousId, [...session, event]);
    if (byDevice.size > DEVICES) break;
  }
  return [...byDevice.values()].slice(0, DEVICES);
}
