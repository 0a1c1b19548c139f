import { ScanCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoredItem } from '../../domain/item.ts';
import { fromAttributes } from './item-attributes.ts';

/** Reads a whole table, a page at a time, eventually consistent. Every item costs its read: not for functions, which may not. */
export async function* everyItem(client: DynamoDBClient, table: string): AsyncIterable<StoredItem> {
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ...(from && { ExclusiveStartKey: from }) }),
    );
    yield* (page.Items ?? []).map(fromAttributes);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}
