import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Place } from '../../domain/place.ts';
import type { RegionCell } from '../../domain/region-cell.ts';
import type { RegionStore } from '../../ports/region-store.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { impatientQueries, type ImpatientQuery } from './dynamodb-client.ts';
import { unavailable, whenIsVersion, writeOutcome } from './write-outcome.ts';

type Attributes = Record<string, AttributeValue>;

/**
 * The Regions table: partition key `pk` (place), sort key `sk` (month and bucket), `e` the table's time to live.
 *
 * @example
 * const store = dynamodbRegionStore({ client: dynamodbClient(), table: 'Regions' });
 * await store.newest('BR#SP', 56, { signal: AbortSignal.timeout(1_000) });
 */
export function dynamodbRegionStore({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): RegionStore {
  let impatient: ImpatientQuery | undefined;

  async function newestPages(
    place: Place,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly RegionCell[]> {
    const cells: RegionCell[] = [];
    let from: Attributes | undefined;
    do {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :place',
        ExpressionAttributeValues: { ':place': { S: place } },
        ScanIndexForward: false,
        Limit: limit - cells.length,
        ...(from && { ExclusiveStartKey: from }),
      });
      const page: QueryCommandOutput = signal
        ? await (impatient ??= impatientQueries(client))(command, signal)
        : await client.send(command);
      cells.push(...(page.Items ?? []).map(cellOf));
      from = page.LastEvaluatedKey;
    } while (from && cells.length < limit);
    return cells;
  }

  return {
    async read({ place, part }) {
      try {
        const reply = await client.send(
          new GetItemCommand({
            TableName: table,
            Key: { pk: { S: place }, sk: { S: part } },
            ConsistentRead: true,
          }),
        );
        return reply.Item && cellOf(reply.Item);
      } catch (cause) {
        throw unavailable('read', cause);
      }
    },

    async newest(place, limit, { signal } = {}) {
      try {
        signal?.throwIfAborted();
        const pages = newestPages(place, limit, signal);
        return await (signal ? unlessAborted(pages, signal) : pages);
      } catch (cause) {
        throw unavailable('query', cause);
      }
    },

    async write({ place, part, v, state, expiresAt }) {
      if (!Number.isSafeInteger(v) || v < 1) return 'refused';
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              pk: { S: place },
              sk: { S: part },
              v: { N: String(v) },
              s: { S: state },
              e: { N: String(expiresAt) },
            },
            ...whenIsVersion(v - 1),
          }),
        );
        return 'written';
      } catch (cause) {
        const outcome = writeOutcome(cause);
        if (outcome) return outcome;
        throw unavailable('write', cause);
      }
    },
  };
}

function cellOf({ pk, sk, v, s, e }: Attributes): RegionCell {
  if (pk?.S === undefined || sk?.S === undefined || v?.N === undefined || s?.S === undefined) {
    throw new TypeError('an item in the table lacks pk, sk, v or s');
  }
  // The table is written by nobody else.
  return { place: pk.S as Place, part: sk.S, v: Number(v.N), state: s.S, expiresAt: Number(e?.N ?? 0) };
}
