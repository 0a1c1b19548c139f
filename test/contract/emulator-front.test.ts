import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { type EmulatorSample, standBefore } from '../../local/emulator-front.ts';
import { type Emulator, listen } from './emulator.ts';

const require = createRequire(import.meta.url);
const COMMON = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};
const samples: EmulatorSample[] = [];
const counted = (): readonly string[] =>
  samples.map(({ name, dimensions, value }) => `${Object.values(dimensions).join()} ${name} ${value}`);
const throttle = (emulator: Emulator, operations: readonly string[]): Promise<Response> =>
  fetch(`${emulator.endpoint}/_local/throttled`, { method: 'PUT', body: JSON.stringify(operations) });
const open = (name: 'dynalite' | 'kinesalite'): Promise<Emulator> => {
  const server = (require(name) as (options: object) => Server)({ createTableMs: 0, createStreamMs: 0 });
  standBefore(server, (sample) => samples.push(sample));
  return listen(server);
};
beforeEach(() => void samples.splice(0));

describe('before DynamoDB', () => {
  let emulator: Emulator;
  let client: DynamoDBClient;
  const key = (name: string) => ({ pk: { S: name }, sk: { S: 'x' } });
  const put = (name: string, bytes: number, more: object = {}) =>
    client.send(
      new PutItemCommand({
        TableName: 'Things',
        Item: { ...key(name), s: { S: 'x'.repeat(bytes) } },
        ...more,
      }),
    );
  beforeAll(async () => {
    emulator = await open('dynalite');
    client = new DynamoDBClient({ ...COMMON, endpoint: emulator.endpoint });
    await client.send(
      new CreateTableCommand({
        TableName: 'Things',
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
  });
  afterAll(() => emulator.close());

  it('counts the units that DynamoDB charges, those of a write that its condition refuses too', async () => {
    await put('a', 1_500);
    await put('a', 10, { ConditionExpression: 'attribute_not_exists(pk)' }).catch(() => undefined);
    await client.send(new GetItemCommand({ TableName: 'Things', Key: key('a'), ConsistentRead: true }));
    await client.send(
      new QueryCommand({
        TableName: 'Things',
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': { S: 'a' } },
      }),
    );
    await client.send(
      new BatchGetItemCommand({
        RequestItems: { Things: { Keys: [key('a'), key('b')], ConsistentRead: true } },
      }),
    );
    expect(counted()).toEqual([
      'Things ConsumedWriteCapacityUnits 2',
      'Things ConsumedWriteCapacityUnits 1',
      'Things ConsumedReadCapacityUnits 1',
      'Things ConsumedReadCapacityUnits 0.5',
      'Things ConsumedReadCapacityUnits 2',
    ]);
  });

  it('turns away what it is told to, as DynamoDB does, until it is told otherwise; the rest passes', async () => {
    await throttle(emulator, ['PutItem', 'BatchGetItem']);
    await expect(put('c', 1)).rejects.toBeInstanceOf(ProvisionedThroughputExceededException);
    await expect(
      client.send(new BatchGetItemCommand({ RequestItems: { Things: { Keys: [key('a')] } } })),
    ).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      $metadata: { httpStatusCode: 400 },
    });
    await client.send(new GetItemCommand({ TableName: 'Things', Key: key('c') }));
    await throttle(emulator, []);
    await put('c', 1);
    expect(counted()).toEqual([
      'Things WriteThrottleEvents 1',
      'Things ReadThrottleEvents 1',
      'Things ConsumedReadCapacityUnits 0.5',
      'Things ConsumedWriteCapacityUnits 1',
    ]);
  });

  it('is down for everybody when it is told to be, and answers again when that is over', async () => {
    const weather = (state: string): Promise<Response> =>
      fetch(`${emulator.endpoint}/_local/weather`, { method: 'PUT', body: JSON.stringify(state) });
    await weather('down');
    await expect(put('e', 1)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await weather('ok');
    await put('e', 1);
    expect(counted()).toEqual(['Things ConsumedWriteCapacityUnits 1']);
  });

  it('answers what it cannot count', async () => {
    await client.send(
      new PutItemCommand({ TableName: 'Things', Item: { ...key('d'), list: { L: [{ BOOL: true }] } } }),
    );
    expect(counted()).toEqual([]);
  });
});

describe('before Kinesis', () => {
  let emulator: Emulator;
  let client: KinesisClient;
  const put = (...data: readonly string[]) =>
    client.send(
      new PutRecordsCommand({
        StreamName: 'S',
        Records: data.map((text) => ({ PartitionKey: 'p', Data: Buffer.from(text) })),
      }),
    );
  beforeAll(async () => {
    emulator = await open('kinesalite');
    client = new KinesisClient({
      ...COMMON,
      endpoint: emulator.endpoint,
      requestHandler: new NodeHttpHandler(),
    });
    await client.send(new CreateStreamCommand({ StreamName: 'S', ShardCount: 1 }));
  });
  afterAll(() => emulator.close());

  it('counts records and bytes; what shoppers sent is not taken for a record', async () => {
    await put('"PartitionKey"', 'x'.repeat(30));
    expect(counted()).toEqual(['S IncomingRecords 2', 'S IncomingBytes 45']);
  });

  it('turns away what it is told to, and counts the records of it', async () => {
    await throttle(emulator, ['PutRecords']);
    await expect(put('a', 'b')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    await throttle(emulator, []);
    expect(counted()).toEqual(['S WriteProvisionedThroughputExceeded 2']);
  });
});
