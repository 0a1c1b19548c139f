/** The least that reads a profile: the official SDK, one Query, the items as the answer. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});

export async function handler(event: { readonly key: string }) {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: process.env.PROFILES_TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: event.key } },
    }),
  );
  return { statusCode: 200, body: JSON.stringify(Items) };
}
