import { createServer } from 'node:http';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import { NO_COUNTS, requestCounter, type RequestCounter } from '../bench/counted-requests.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, NOW, WRITE_KEY } from '../memory-stage.ts';
import { dynaliteTables, type DynaliteTables } from './dynalite-table.ts';
import { listen, type Emulator } from './emulator.ts';

/** Dynalite behind a door where all that passes is counted by DynamoDB's rules. */
let tables: DynaliteTables;
let door: Emulator;
let counter: RequestCounter;
let table: string;
let store: ProfileStore;
beforeAll(async () => {
  tables = await dynaliteTables();
  counter = requestCounter();
  door = await listen(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const target = String(request.headers['x-amz-target']);
        const headers = request.headers as Readonly<Record<string, string>>;
        void fetch(tables.endpoint, {
          method: 'POST',
          headers: {
            'content-type': headers['content-type']!,
            'x-amz-target': target,
            'x-amz-date': headers['x-amz-date']!,
            authorization: headers.authorization!,
          },
          body,
        }).then(async (reply) => {
          const text = await reply.text();
          counter.note(target.split('.')[1] ?? '', body, reply.status, text);
          response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
        });
      });
    }),
  );
  table = await tables.createTable();
  const client = dynamodbClient({
    endpoint: door.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  store = dynamodbProfileStore({ client, table });
}, 60_000);
afterAll(async () => {
  await door.close();
  await tables.close();
});

const CHECKOUT = {
  payment: ['credit_card', 'pix', 'boleto'].map((id) => ({ id })),
  shipping: [
    { id: 'post', price: 390 },
    { id: 'express', price: 990 },
  ],
};

/** Somebody who has bought a dozen times, looked around, and left a cart. */
const regular = (userId: string) => [
  ...Array.from({ length: 12 }, (_, order) => ({
    type: 'track',
    event: 'Order Completed',
    userId,
    messageId: `${userId}-${order}`,
    timestamp: new Date(NOW - order * 86_400_000 * 20).toISOString(),
    properties: {
      order_id: `${userId}-${order}`,
      total: 49.9,
      currency: 'EUR',
      payment_method: order % 3 === 0 ? 'pix' : 'credit_card',
      shipping_method: 'express',
    },
  })),
  ...looks({ userId }),
];

const looks = (who: { readonly userId: string } | { readonly anonymousId: string }) =>
  Array.from({ length: 20 }, (_, view) => ({
    type: 'track',
    event: view < 3 ? 'Product Added' : 'Product Viewed',
    ...who,
    messageId: `${JSON.stringify(who)}-${view}`,
    properties: {
      product_id: `product-${view}`,
      category: `category-${view % 6}`,
      quantity: 1,
      price: 9.9,
      currency: 'EUR',
    },
  }));

/** What is counted of the table while one question is answered. */
async function costOf(ask: () => Promise<{ readonly status: number }>) {
  const before = counter.counts()[table] ?? NO_COUNTS;
  const { status } = await ask();
  const after = counter.counts()[table] ?? NO_COUNTS;
  return {
    status,
    queries: after.queries - before.queries,
    readUnits: after.readUnits - before.readUnits,
    others: after.gets - before.gets + after.batchKeys - before.batchKeys + after.writes - before.writes,
  };
}

const ORDINARY = { status: 200, queries: 1, readUnits: 0.5, others: 0 };

test('an ordinary decision is one query and half a read unit: of a regular, of a device, of nobody', async () => {
  const stage = memoryStage({ decisionStore: store, decisionDeadlineMs: 30_000 });
  await stage.learn(regular('ann'));
  await stage.learn(looks({ anonymousId: 'laptop' }), AS_BROWSER);
  const known = { source: 'personalized', profile: { journeyStage: 'retention' } };
  for (const item of stage.store.items()) expect(await store.write({ ...item, v: 1 })).toBe('written');

  expect(await costOf(() => stage.decide({ userId: 'ann', checkout: CHECKOUT }, AS_SERVER))).toEqual(
    ORDINARY,
  );
  expect((await stage.decide({ userId: 'ann', checkout: CHECKOUT }, AS_SERVER)).body).toMatchObject(known);
  expect(
    await costOf(() => stage.decide({ writeKey: WRITE_KEY, anonymousId: 'laptop', checkout: CHECKOUT }, {})),
  ).toEqual(ORDINARY);
  expect(await costOf(() => stage.decide({ userId: 'nobody', checkout: CHECKOUT }, AS_SERVER))).toEqual(
    ORDINARY,
  );
});

test('without anybody to know, nothing is read', async () => {
  const stage = memoryStage({ decisionStore: store });

  expect(await costOf(() => stage.decide({ writeKey: WRITE_KEY, checkout: CHECKOUT }, {}))).toEqual({
    ...ORDINARY,
    queries: 0,
    readUnits: 0,
  });
});
