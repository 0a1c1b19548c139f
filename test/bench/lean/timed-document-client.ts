/** Stands in for lib-dynamodb's client in a bundle. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient as OfficialClient } from '@aws-sdk/lib-dynamodb';
import { withTimedSend } from './sdk-time.ts';

export * from '@aws-sdk/lib-dynamodb';

export const DynamoDBDocumentClient = {
  from: (client: DynamoDBClient) => withTimedSend(OfficialClient.from(client)),
};
