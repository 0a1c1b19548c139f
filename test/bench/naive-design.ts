import { NO_WINDOWS_PLANNED } from '../../shared/domain/segments/window.ts';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import { sortEvents } from '../../functions/collect-events/sort-events.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { foldSubject } from '../../shared/domain/fold.ts';
import type { ItemName, StoredItem } from '../../shared/domain/item.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';

export const NAIVE_PROFILES = 'naive-profiles';
export const NAIVE_SEEN = 'naive-seen';

/** As many in flight as the fold has. */
export const SUBJECTS_IN_FLIGHT = 24;
const FACETS = ['checkout', 'orders', 'browse'] as const;

export interface NaiveRun {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly decisions: number;
}

/**
 * What one would write first: for each event one put into a table of seen messages, under the condition that it is
 * not there, and one update of the facet; for each decision three strongly consistent reads. In its favour: the
 * update is of one facet only, links are not written, there is neither collector nor stream before it, and the
 * state to write costs no read (a memory beside the table plays the part of update expressions).
 */
export async function runNaiveDesign(
  endpoint: string,
  lines: readonly string[],
  decisions: number,
): Promise<NaiveRun> {
  const client = dynamodbClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  try {
    for (const table of [NAIVE_PROFILES, NAIVE_SEEN]) await createTable(client, table);
    const subjects = await eventsBySubject(lines);
    const startedAt = performance.now();
    await pLimit(SUBJECTS_IN_FLIGHT).map([...subjects], ([key, events]) => foldNaively(client, key, events));
    const seconds = (performance.now() - startedAt) / 1000;
    const events = [...subjects.values()].reduce((sum, { length }) => sum + length, 0);
    const asked = everyNth([...subjects.keys()], decisions);
    await pLimit(4).map(asked, (key) => decideNaively(client, key));
    return { events, eventsPerSecond: events / seconds, decisions: asked.length };
  } finally {
    client.destroy();
  }
}

/** Evenly spread, always the same. */
export function everyNth<Value>(values: readonly Value[], count: number): readonly Value[] {
  const step = Math.max(1, values.length / count);
  return Array.from({ length: Math.min(count, values.length) }, (_, at) => values[Math.floor(at * step)]!);
}

interface LaneEvent {
  readonly lane: Lane;
  readonly event: StreamEvent;
}

async function eventsBySubject(lines: readonly string[]): Promise<Map<string, LaneEvent[]>> {
  const { lanes } = await sortEvents(
    { events: lines.map((line) => JSON.parse(line) as unknown), isBatch: true },
    { source: 'server', receivedAt: Date.now(), correlationId: 'bench' },
    {
      subjectKeys: subjectKeys('bench'),
      tokens: { verify: () => Promise.resolve({ ok: false, reason: 'unavailable' }) },
    },
  );
  const subjects = new Map<string, LaneEvent[]>();
  for (const lane of ['critical', 'bulk'] as const) {
    for (const { partitionKey, data } of lanes[lane]) {
      const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
      if (!parsed.ok) throw new Error(parsed.rejection.message);
      subjects.set(partitionKey, [...(subjects.get(partitionKey) ?? []), { lane, event: parsed.value }]);
    }
  }
  return subjects;
}

async function foldNaively(client: DynamoDBClient, key: string, events: readonly LaneEvent[]): Promise<void> {
  const items = new Map<ItemName, StoredItem | null>();
  for (const [at, { lane, event }] of events.entries()) {
    const isNew = await putSeen(client, key, event.message.messageId);
    if (!isNew) continue;
    const records = [{ sequence: String(at + 1), event }];
    let step = foldSubject(key, records, items, {
      lane,
      incarnation: lane,
      now: Date.now(),
      windows: NO_WINDOWS_PLANNED,
    });
    while ('needs' in step) {
      for (const item of step.needs) items.set(item, null);
      step = foldSubject(key, records, items, {
        lane,
        incarnation: lane,
        now: Date.now(),
        windows: NO_WINDOWS_PLANNED,
      });
    }
    for (const item of step.writes) items.set(item.item, item);
    const facet = step.writes.at(-1);
    if (facet) await updateFacet(client, facet);
  }
}

/** @returns whether the message is new */
export async function putSeen(client: DynamoDBClient, key: string, messageId: string): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: NAIVE_SEEN,
        Item: { pk: { S: key }, sk: { S: messageId } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function updateFacet(client: DynamoDBClient, { key, item, state }: StoredItem): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: NAIVE_PROFILES,
      Key: { pk: { S: key }, sk: { S: item } },
      UpdateExpression: 'SET s = :s, t = :t',
      ExpressionAttributeValues: { ':s': { S: state }, ':t': { N: String(Date.now()) } },
    }),
  );
}

async function decideNaively(client: DynamoDBClient, key: string): Promise<void> {
  await Promise.all(
    FACETS.map((facet) =>
      client.send(
        new GetItemCommand({
          TableName: NAIVE_PROFILES,
          Key: { pk: { S: key }, sk: { S: facet } },
          ConsistentRead: true,
        }),
      ),
    ),
  );
}

/** An empty table with our keys. */
export async function createTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
}
