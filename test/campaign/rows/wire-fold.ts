import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbClient } from '../../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { fromAttributes } from '../../../shared/adapters/dynamodb/item-attributes.ts';
import { manualPauses } from '../../../shared/adapters/memory/manual-pauses.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import type { ProfileStore } from '../../../shared/ports/profile-store.ts';
import { dynaliteTables } from '../../contract/dynalite-table.ts';
import { ownRandom, seededRandom } from '../../bench/ranking/seeded-random.ts';
import { NOW } from '../../memory-stage.ts';
import { deliverStream } from '../event-source.ts';
import { fatedRequests } from '../fated-requests.ts';
import { instantRetries } from '../instant-retries.ts';
import { KNOWN_SIGNATURE } from '../known-signature.ts';
import { differences, facetStates, modelFacets, statesOf } from '../model-fold.ts';
import type { OpenRow, Row } from '../row.ts';
import { filledStreams, KEEP_TRYING, LANES, quietPass } from '../schedule.ts';
import { someRecords } from '../shop-events.ts';
import { SHIPPED, troubledPorts, type FoldUnderTest } from '../subject-under-test.ts';
import { wireInvocations } from '../wire-invocation.ts';
import { wireProxy, type WireOdds } from '../wire-proxy.ts';

const ODDS: WireOdds = {
  slow: 0.15,
  refused: 0.02,
  closed: 0.02,
  reset: 0.02,
  lost: 0.08,
  late: 0.03,
  truncated: 0.03,
  fault: 0.03,
  'turned away': 0.03,
  throttled: 0.03,
  partial: 0.1,
  hung: 0.005,
};

/** What is tried; default: what ships. */
export interface OnTheWire {
  readonly fold?: FoldUnderTest;
  readonly store?: (options: { readonly client: DynamoDBClient; readonly table: string }) => ProfileStore;
  readonly odds?: WireOdds;
}

export const wireFold: Row = {
  name: 'any schedule, on the wire',
  input:
    'DynamoDB’s protocol behind a proxy: slow, refused, closed, reset, applied with the reply dropped or cut, applied after the client gave up, 500, 400, throttled, UnprocessedKeys, hung; and invocations that end at any call or run out of time',
  holds: 'each effect once, in order, as a quiet pass and an independent model have it: violations 0',
  aim: { atLeast: 10_000, of: 'schedules' },
  runs: { short: 15, long: 10_000 },
  open: () => openWireFold(),
};

export async function openWireFold({
  fold = SHIPPED,
  store: storeOf = (options) => dynamodbProfileStore({ ...options, pauses: manualPauses() }),
  odds = ODDS,
}: OnTheWire = {}): Promise<OpenRow> {
  const tables = await dynaliteTables();
  const proxy = await wireProxy(tables.server);
  const requests = fatedRequests(proxy);
  const clientOf = (maxAttempts: number): DynamoDBClient =>
    dynamodbClient({
      endpoint: proxy.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: requests.requestHandler,
      maxAttempts,
      signer: KNOWN_SIGNATURE,
      retryStrategy: instantRetries(maxAttempts),
    });
  // One that leaves it to the fold, and one as shipped.
  const clients = [clientOf(1), clientOf(3)];
  return {
    async close() {
      for (const client of clients) client.destroy();
      await proxy.close();
      await tables.close();
    },
    async run(seed) {
      const random = seededRandom(seed);
      const records = await someRecords(seed, random, { events: 4 + (seed % 30) });
      const streams = filledStreams(records, random, 1 + (seed % 2), seed % 2);
      const table = await tables.createTable();
      const store = storeOf({ client: clients[Math.floor(seed / 2) % clients.length]!, table });
      const quarantine = memoryQuarantine();
      const before = { troubled: requests.inTrouble(), late: proxy.doneLate() };
      requests.plan(seed, odds);
      const startInvocation = wireInvocations(seed);
      let invocations = 0;
      let crashes = 0;
      const deliver = async (name: (typeof LANES)[number], chance: typeof random): Promise<void> => {
        for (const stream of streams[name])
          await deliverStream({
            stream,
            batchSize: 1 + Math.floor(chance() * 40),
            parallelization: 2,
            policy: KEEP_TRYING,
            random: chance,
            now: () => NOW,
            onDiscard: () => undefined,
            async invoke(batch, shard) {
              invocations += 1;
              const invocation = startInvocation(
                `${stream.name} ${shard.id} ${batch[0]?.sequence} ${batch.length}`,
              );
              const ports = troubledPorts(store, quarantine, invocation);
              const folding = fold({
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
      const chances = LANES.map(() => ownRandom(random));
      await Promise.all(LANES.map((name, index) => deliver(name, chances[index]!)));
      requests.clearUp();
      await proxy.settle();
      const items = await itemsIn(tables.client, table);
      const quiet = await quietPass(streams, SHIPPED);
      const violations = [
        ...differences(statesOf(quiet.store.items()), statesOf(items)),
        ...differences(modelFacets(records), facetStates(items)),
      ];
      return {
        counts: {
          schedules: 1,
          records: records.critical.length + records.bulk.length,
          invocations,
          crashes,
          'requests in trouble': requests.inTrouble() - before.troubled,
          'applied late': proxy.doneLate() - before.late,
        },
        violations: [...new Set(violations)],
      };
    },
  };
}

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
