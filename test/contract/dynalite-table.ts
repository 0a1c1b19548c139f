import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { listen, type Emulator } from './emulator.ts';

type StartDynalite = (options: { createTableMs: number; deleteTableMs: number }) => Server;
const dynalite = createRequire(import.meta.url)('dynalite') as StartDynalite;

export interface DynaliteTables extends Emulator {
  /** Answers the protocol of whatever is given to it as a request, be it by a socket or not. */
  readonly server: Server;
  readonly client: DynamoDBClient;
  /** Makes an empty table with our keys and gives its name. */
  createTable(): Promise<string>;
}

/** DynamoDB's wire protocol in this process, on a free port. */
export async function dynaliteTables(): Promise<DynaliteTables> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const emulator = await listen(server);
  const client = dynamodbClient({
    endpoint: emulator.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let tables = 0;
  return {
    endpoint: emulator.endpoint,
    server,
    client,
    async createTable() {
      const TableName = `profiles-${++tables}`;
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
      while ((await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== 'ACTIVE') {
        await new Promise(setImmediate);
      }
      return TableName;
    },
    async close() {
      client.destroy();
      await emulator.close();
    },
  };
}
