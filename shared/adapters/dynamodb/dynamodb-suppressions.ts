import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Suppression, SuppressionKind } from '../../domain/erasure.ts';
import type { SuppressionReader, Suppressions } from '../../ports/suppressions.ts';
import type { Attributes } from './item-attributes.ts';
import { unavailable } from './write-outcome.ts';

export interface DynamodbSuppressionsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** One item a subject, `pk` its key; `sk` has one value. */
const SORT_KEY = 'erased';
const KINDS: Readonly<Record<SuppressionKind, string>> = { user: 'u', device: 'a', owned: 'o' };

/**
 * The Suppressions table: `k` says who was erased, `z` when. One conditional PutItem an erasing.
 *
 * @example
 * const suppressions = dynamodbSuppressions({ client: dynamodbClient(), table: 'Suppressions' });
 * await suppressions.record({ key, kind: 'user', erasedAt: clock.now() });
 */
export function dynamodbSuppressions({ client, table }: DynamodbSuppressionsOptions): Suppressions {
  const find = async (key: string): Promise<Suppression | undefined> => {
    const Key = { pk: { S: key }, sk: { S: SORT_KEY } };
    const { Item } = await client
      .send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))
      .catch((cause: unknown) => {
        throw unavailable('read an erasing', cause);
      });
    return Item && suppressionOf(Item);
  };
  return {
    async record({ key, kind, erasedAt }) {
      const time = { N: String(erasedAt) };
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { pk: { S: key }, sk: { S: SORT_KEY }, k: { S: KINDS[kind] }, z: time },
            ConditionExpression: 'attribute_not_exists(pk) OR z < :time',
            ExpressionAttributeValues: { ':time': time },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return erasedAt;
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException))
          throw unavailable('record an erasing', cause);
        // An emulator may not tell what is there.
        const known = cause.Item === undefined ? await find(key) : suppressionOf(cause.Item);
        return known?.erasedAt ?? erasedAt;
      }
    },
    find,
  };
}

/** All that {@link dynamodbSuppressions} recorded, with the credentials of whoever asks: functions may not scan. */
export function dynamodbSuppressionReader({ client, table }: DynamodbSuppressionsOptions): SuppressionReader {
  return {
    async *all() {
      let from: Attributes | undefined;
      do {
        const page = await client
          .send(
            new ScanCommand({
              TableName: table,
              ConsistentRead: true,
              ...(from && { ExclusiveStartKey: from }),
            }),
          )
          .catch((cause: unknown) => {
            throw unavailable('read erasings', cause);
          });
        yield* (page.Items ?? []).map(suppressionOf);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    },
  };
}

/** @throws TypeError if these are not the attributes of an item of ours */
function suppressionOf({ pk, k, z }: Attributes): Suppression {
  const kind = (Object.keys(KINDS) as SuppressionKind[]).find((one) => KINDS[one] === k?.S);
  if (pk?.S === undefined || kind === undefined || z?.N === undefined)
    throw new TypeError('an item of the Suppressions table lacks pk, k or z');
  return { key: pk.S, kind, erasedAt: Number(z.N) };
}
