import {
  BatchGetItemCommand,
  PutItemCommand,
  QueryCommand,
  type DynamoDBClient,
  type PutItemCommandInput,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import type { StoredItem } from '../../domain/item.ts';
import { StoreUnavailable, type ItemRef, type ProfileStore } from '../../ports/profile-store.ts';
import { backoff, realPauses, type Pauses } from '../backoff.ts';
import { FIRST_PAGE } from '../../domain/item.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { impatientQueries, type ImpatientQuery } from './dynamodb-client.ts';
import { fromAttributes, keyAttributes, toAttributes, type Attributes } from './item-attributes.ts';
import { unavailable, whenIsVersion, writeOutcome } from './write-outcome.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS_A_BATCH = 100;
const BATCHES_IN_FLIGHT = 4;
const PAUSES = { baseMs: 25, capMs: 400 };

export interface DynamodbProfileStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** How long a read goes on asking for keys that DynamoDB left unprocessed. Default 2,000. */
  readonly unprocessedBudgetMs?: number;
  readonly pauses?: Pauses;
}

/**
 * The Profiles table: partition key `pk`, sort key `sk`, one conditional PutItem a write.
 *
 * @example
 * const store = dynamodbProfileStore({ client: dynamodbClient(), table: 'Profiles' });
 * await store.query(key, { signal: AbortSignal.timeout(30) });
 */
export function dynamodbProfileStore(options: DynamodbProfileStoreOptions): ProfileStore {
  const { client, table, unprocessedBudgetMs = 2_000, pauses = realPauses } = options;
  let impatient: ImpatientQuery | undefined;

  async function readBatch(refs: readonly ItemRef[]): Promise<readonly StoredItem[]> {
    const items: StoredItem[] = [];
    const retries = backoff({ ...PAUSES, budgetMs: unprocessedBudgetMs }, pauses);
    let keys: Attributes[] = refs.map(keyAttributes);
    for (;;) {
      const reply = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      items.push(...(reply.Responses?.[table] ?? []).map(fromAttributes));
      keys = reply.UnprocessedKeys?.[table]?.Keys ?? [];
      if (keys.length === 0) return items;
      if (!(await retries.pause())) throw new StoreUnavailable(`${keys.length} keys were left unprocessed`);
    }
  }

  async function queryPages(input: QueryCommandInput, signal?: AbortSignal): Promise<readonly StoredItem[]> {
    const items: StoredItem[] = [];
    let from: Attributes | undefined;
    do {
      const command = new QueryCommand({ ...input, ...(from && { ExclusiveStartKey: from }) });
      const page = signal
        ? await (impatient ??= impatientQueries(client))(command, signal)
        : await client.send(command);
      items.push(...(page.Items ?? []).map(fromAttributes));
      from = page.LastEvaluatedKey;
    } while (from);
    return items;
  }

  return {
    async read(refs) {
      const distinct = [...new Map(refs.map((ref) => [`${ref.key}\0${ref.item}`, ref])).values()];
      const limit = pLimit(BATCHES_IN_FLIGHT);
      const batches: ItemRef[][] = [];
      for (let from = 0; from < distinct.length; from += MAX_KEYS_A_BATCH) {
        batches.push(distinct.slice(from, from + MAX_KEYS_A_BATCH));
      }
      try {
        return (await limit.map(batches, readBatch)).flat();
      } catch (cause) {
        throw unavailable('read', cause);
      }
    },

    async query(key, { consistent = false, signal } = {}) {
      try {
        signal?.throwIfAborted();
        const pages = queryPages(
          {
            TableName: table,
            KeyConditionExpression: 'pk = :key AND sk < :pages',
            ExpressionAttributeValues: { ':key': { S: key }, ':pages': { S: FIRST_PAGE } },
            ConsistentRead: consistent,
          },
          signal,
        );
        // Requests heed the signal, but not what comes before one, such as the search for credentials.
        return await (signal ? unlessAborted(pages, signal) : pages);
      } catch (cause) {
        throw unavailable('query', cause);
      }
    },

    async write(item) {
      const input = putInput(table, item);
      if (!input) return 'refused';
      try {
        await client.send(new PutItemCommand(input));
        return 'written';
      } catch (cause) {
        const outcome = writeOutcome(cause);
        if (outcome) return outcome;
        throw unavailable('write', cause);
      }
    },
  };
}

/** `null`: no such item can be stored. */
function putInput(table: string, item: StoredItem): PutItemCommandInput | null {
  if (!Number.isSafeInteger(item.v) || item.v < 1) return null;
  try {
    return { TableName: table, Item: toAttributes(item), ...whenIsVersion(item.v - 1) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
