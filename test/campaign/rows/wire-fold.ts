import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbClient } from '../../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { fromAttributes } from '../../../shared/adapters/dynamodb/item-attributes.ts';
import { timedRequests } from '../../../shared/adapters/aws/timed-requests.ts';
import { manualPauses } from '../../../shared/adapters/memory/manual-pauses.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import { dynaliteTables } from '../../contract/dynalite-table.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { NOW } from '../../memory-stage.ts';
import { deliverStream } from '../event-source.ts';
import { startInvocation } from '../invocation.ts';
import { differences, statesOf } from '../model-fold.ts';
import type { Row } from '../row.ts';
import { filledStreams, KEEP_TRYING, LANES, quietPass } from '../schedule.ts';
import { someRecords } from '../shop-events.ts';
import { SHIPPED, troubledPorts } from '../subject-under-test.ts';
import { FREE } from '../turns.ts';
import { seededWeather } from '../weather.ts';
import { wireProxy, type WireOdds } from '../wire-proxy.ts';

/** Less patient than shipped, so that what hangs costs a run no seconds. */
const REQUEST_TIMEOUT_MS = 150;
const STORMS = 60;
const ODDS: WireOdds = {
  slow: 0.15,
  refused: 0.02,
  reset: 0.03,
  lost: 0.08,
  truncated: 0.03,
  fault: 0.03,
  'turned away': 0.03,
  throttled: 0.03,
  partial: 0.1,
  hung: 0.005,
};

export const wireFold: Row = {
  name: 'any schedule, on the wire',
  input:
    'DynamoDB’s protocol behind a proxy: slow, refused, reset, applied with the reply dropped or cut, 500, 400, throttled, UnprocessedKeys, hung; and invocations that end at any call',
  holds: 'each effect once: violations 0',
  aim: { atLeast: 10_000, of: 'schedules' },
  runs: { short: 15, long: 10_000 },
  async open() {
    const tables = await dynaliteTables();
    const proxy = await wireProxy(tables.endpoint);
    const client = dynamodbClient({
      endpoint: proxy.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: 32 }),
      maxAttempts: 1,
    });
    return {
      async close() {
        client.destroy();
        await proxy.close();
        await tables.close();
      },
      async run(seed) {
        const random = seededRandom(seed);
        const records = await someRecords(seed, random, { events: 4 + (seed % 30) });
        const streams = filledStreams(records, random, 1 + (seed % 2), seed % 2);
        const table = await tables.createTable();
        const store = dynamodbProfileStore({ client, table, pauses: manualPauses() });
        const quarantine = memoryQuarantine();
        const before = proxy.inTrouble();
        proxy.plan(random, ODDS);
        const weather = seededWeather(random, { 'crash before': 0.03, 'crash after': 0.05 }, STORMS);
        let invocations = 0;
        let crashes = 0;
        const lane = async (name: (typeof LANES)[number]): Promise<void> => {
          for (const stream of streams[name])
            await deliverStream({
              stream,
              batchSize: 1 + Math.floor(random() * 40),
              parallelization: 2,
              policy: KEEP_TRYING,
              random,
              now: () => NOW,
              onDiscard: () => undefined,
              async invoke(batch, shard) {
                // In the end it is fair for good.
                if (++invocations > STORMS) proxy.plan(random, {});
                const invocation = startInvocation(FREE, weather, []);
                const ports = troubledPorts(store, quarantine, invocation);
                const folding = SHIPPED({
                  lane: name,
                  stream: stream.name,
                  shard,
                  records: batch,
                  now: () => NOW,
                  ...ports,
                });
                const failed = await invocation.outcome(folding);
                if (failed === undefined) crashes += 1;
                return failed;
              },
            });
        };
        await Promise.all(LANES.map(lane));
        proxy.plan(random, {});
        const quiet = await quietPass(streams, SHIPPED);
        const violations = differences(
          statesOf(quiet.store.items()),
          statesOf(await itemsIn(tables.client, table)),
        );
        const count = records.critical.length + records.bulk.length;
        return {
          counts: {
            schedules: 1,
            records: count,
            invocations,
            crashes,
            'requests in trouble': proxy.inTrouble() - before,
          },
          violations,
        };
      },
    };
  },
};

async function itemsIn(client: DynamoDBClient, table: string): Promise<readonly StoredItem[]> {
  const items: StoredItem[] = [];
  let from: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []).map(fromAttributes));
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return items;
}
