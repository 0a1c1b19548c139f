/** Stands in for the SDK's client in a bundle. */
import { DynamoDBClient as OfficialClient } from '@aws-sdk/client-dynamodb';
import { withTimedSend } from './sdk-time.ts';

export * from '@aws-sdk/client-dynamodb';

export class DynamoDBClient extends OfficialClient {
  constructor(...args: ConstructorParameters<typeof OfficialClient>) {
    super(...args);
    withTimedSend(this);
  }
}
