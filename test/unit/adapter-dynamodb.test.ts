import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { packWatermark } from '../../shared/adapters/dynamodb/watermark-bytes.ts';
import type { ItemRef } from '../../shared/ports/profile-store.ts';
import { manualPauses } from '../../shared/adapters/memory/manual-pauses.ts';

const dynamodb = mockClient(DynamoDBClient);
beforeEach(() => void dynamodb.reset());

const unavailable = { name: 'StoreUnavailable', code: 'store_unavailable' };
const $metadata = {};
const storeWith = (pauses = manualPauses()) =>
  dynamodbProfileStore({
    client: new DynamoDBClient({ region: 'local' }),
    table: 'profiles',
    unprocessedBudgetMs: 1_000,
    pauses,
  });
const attributes = (key: string) => ({
  pk: { S: key },
  sk: { S: 'checkout' },
  v: { N: '1' },
  s: { S: '{}' },
});
const refOf = (key: string): ItemRef => ({ key, item: 'checkout' });
const service = (name: string, message = '', httpStatusCode = 400) =>
  new DynamoDBServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });

describe('writing', () => {
  const item = {
    key: 'subject-1',
    item: 'checkout',
    v: 1,
    state: '{"a":1}',
    watermark: { incarnation: 'a1B2', sequence: '258' },
    ring: Uint8Array.of(1, 2, 3, 4, 5, 6),
    newestReceivedAt: 1_700_000_000_123,
    writtenAt: 1_700_000_000_456,
  } as const;

  test('a first version is put where there is none', async () => {
    dynamodb.on(PutItemCommand).resolves({});

    expect(await storeWith().write(item)).toBe('written');

    expect(dynamodb.commandCalls(PutItemCommand).map((call) => call.args[0].input)).toEqual([
      {
        TableName: 'profiles',
        Item: {
          pk: { S: 'subject-1' },
          sk: { S: 'checkout' },
          v: { N: '1' },
          s: { S: '{"a":1}' },
          w: { B: Buffer.from([4, ...Buffer.from('a1B2'), 1, 2]) },
          r: { B: Uint8Array.of(1, 2, 3, 4, 5, 6) },
          a: { N: '1700000000123' },
          t: { N: '1700000000456' },
        },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    ]);
  });

  test('of an item that heard of two lives of its stream, both positions are put, packed alike', async () => {
    dynamodb.on(PutItemCommand).resolves({});

    await storeWith().write({ ...item, formerWatermark: { incarnation: 'x', sequence: '7' } });

    expect(dynamodb.commandCalls(PutItemCommand)[0]?.args[0].input.Item).toMatchObject({
      w: { B: Buffer.from([4, ...Buffer.from('a1B2'), 1, 2]) },
      o: { B: Buffer.from([1, ...Buffer.from('x'), 7]) },
    });
  });

  test('a later version is put on the one before it', async () => {
    dynamodb.on(PutItemCommand).resolves({});

    await storeWith().write({ ...item, v: 42 });

    expect(dynamodb.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
      Item: { v: { N: '42' } },
      ConditionExpression: 'v = :expected',
      ExpressionAttributeValues: { ':expected': { N: '41' } },
    });
  });

  test('a failed condition is a conflict', async () => {
    dynamodb.on(PutItemCommand).rejects(new ConditionalCheckFailedException({ message: '', $metadata }));
    expect(await storeWith().write(item)).toBe('conflict');
  });

  test.each([
    ['too large', service('ValidationException', 'Item size has exceeded the maximum allowed size')],
    ['no JSON to DynamoDB', service('SerializationException')],
    ['larger than any request', service('UnknownError', '', 413)],
  ])('an item that is %s is refused', async (_, error) => {
    dynamodb.on(PutItemCommand).rejects(error);
    expect(await storeWith().write(item)).toBe('refused');
  });

  test.each([
    ['a throttle', service('ProvisionedThroughputExceededException')],
    ['a missing table', new ResourceNotFoundException({ message: '', $metadata })],
    ['missing rights', service('AccessDeniedException')],
    ['a table with other keys', service('ValidationException', 'Missing the key id in the item')],
    ['a fault of DynamoDB', service('InternalServerError', '', 500)],
    ['a lost reply', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ])('after %s the outcome is unknown, and says why', async (_, error) => {
    dynamodb.on(PutItemCommand).rejects(error);
    await expect(storeWith().write(item)).rejects.toMatchObject({ ...unavailable, cause: error });
  });

  test.each([
    ['a version that is none', { ...item, v: 1.5 }],
    [
      'an incarnation longer than its length byte',
      {
        ...item,
        watermark: { incarnation: 'x'.repeat(256), sequence: '1' },
      },
    ],
    ['a sequence that is no number', { ...item, watermark: { incarnation: 'x', sequence: '01' } }],
    ['one of a former life', { ...item, formerWatermark: { incarnation: 'x', sequence: '01' } }],
  ])('%s is refused without asking', async (_, bad) => {
    expect(await storeWith().write(bad)).toBe('refused');
    expect(dynamodb.calls()).toEqual([]);
  });
});

describe('reading', () => {
  test('refs are asked for once each, consistently, a hundred a call', async () => {
    dynamodb.on(BatchGetItemCommand).resolves({ Responses: { profiles: [] } });
    const keys = Array.from({ length: 150 }, (_, index) => `subject-${index}`);

    await storeWith().read([...keys, ...keys].map(refOf));

    const requests = dynamodb
      .commandCalls(BatchGetItemCommand)
      .map((call) => call.args[0].input.RequestItems);
    expect(requests.map((request) => request?.profiles?.ConsistentRead)).toEqual([true, true]);
    expect(requests.map((request) => request?.profiles?.Keys?.length)).toEqual([100, 50]);
    expect(requests.flatMap((request) => request?.profiles?.Keys?.map(({ pk }) => pk?.S))).toEqual(keys);
  });

  test('no refs, no call', async () => {
    expect(await storeWith().read([])).toEqual([]);
    expect(dynamodb.calls()).toEqual([]);
  });

  test('keys left unprocessed are asked for again, and only those', async () => {
    const left = { pk: { S: 'subject-2' }, sk: { S: 'checkout' } };
    dynamodb
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { profiles: [attributes('subject-1')] },
        UnprocessedKeys: { profiles: { Keys: [left], ConsistentRead: true } },
      })
      .resolves({ Responses: { profiles: [attributes('subject-2')] } });
    const pauses = manualPauses();

    const items = await storeWith(pauses).read([refOf('subject-1'), refOf('subject-2')]);

    expect(items.map(({ key }) => key)).toEqual(['subject-1', 'subject-2']);
    expect(dynamodb.commandCalls(BatchGetItemCommand)[1]?.args[0].input).toEqual({
      RequestItems: { profiles: { Keys: [left], ConsistentRead: true } },
    });
    expect(pauses.slept).toHaveLength(1);
  });

  test('keys that stay unprocessed make the read unavailable once its budget is spent', async () => {
    const left = { pk: { S: 'subject-1' }, sk: { S: 'checkout' } };
    dynamodb.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { profiles: { Keys: [left] } } });
    const pauses = manualPauses();

    await expect(storeWith(pauses).read([refOf('subject-1')])).rejects.toMatchObject(unavailable);

    expect(pauses.slept.length).toBeGreaterThan(2);
    expect(pauses.now()).toBeLessThanOrEqual(1_000);
  });

  test('one failed call of several makes the whole read unavailable', async () => {
    dynamodb
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { profiles: [] } })
      .rejects(service('ThrottlingException'));
    const refs = Array.from({ length: 150 }, (_, index) => refOf(`subject-${index}`));

    await expect(storeWith().read(refs)).rejects.toMatchObject(unavailable);
  });

  test('an item that is not one of ours makes the read unavailable', async () => {
    dynamodb.on(BatchGetItemCommand).resolves({ Responses: { profiles: [{ pk: { S: 'subject-1' } }] } });
    await expect(storeWith().read([refOf('subject-1')])).rejects.toMatchObject(unavailable);
  });
});

describe('querying', () => {
  test('a subject is asked for by its key, eventually consistent unless told otherwise', async () => {
    dynamodb.on(QueryCommand).resolves({ Items: [] });

    await storeWith().query('subject-1');
    await storeWith().query('subject-1', { consistent: true });

    const expected = {
      TableName: 'profiles',
      KeyConditionExpression: 'pk = :key AND sk < :pages',
      ExpressionAttributeValues: { ':key': { S: 'subject-1' }, ':pages': { S: 'orders#' } },
    };
    expect(dynamodb.commandCalls(QueryCommand).map((call) => call.args[0].input)).toEqual([
      { ...expected, ConsistentRead: false },
      { ...expected, ConsistentRead: true },
    ]);
  });

  test('pages are followed to the last', async () => {
    const LastEvaluatedKey = { pk: { S: 'subject-1' }, sk: { S: 'checkout' } };
    dynamodb
      .on(QueryCommand)
      .resolvesOnce({ Items: [attributes('subject-1')], LastEvaluatedKey })
      .resolves({ Items: [{ ...attributes('subject-1'), sk: { S: 'orders' } }] });

    const items = await storeWith().query('subject-1');

    expect(items.map(({ item }) => item)).toEqual(['checkout', 'orders']);
    expect(dynamodb.commandCalls(QueryCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual(LastEvaluatedKey);
  });

  test('with its time already up nothing is asked', async () => {
    await expect(storeWith().query('subject-1', { signal: AbortSignal.abort() })).rejects.toMatchObject(
      unavailable,
    );
    expect(dynamodb.calls()).toEqual([]);
  });

  test('a stored item comes back as it was written', async () => {
    const watermark = {
      incarnation: 'a1B2',
      sequence: '49665432109876543210987654321098765432109876543210987654',
    };
    const formerWatermark = { incarnation: 'c3D4', sequence: '7' };
    dynamodb.on(QueryCommand).resolves({
      Items: [
        {
          ...attributes('subject-1'),
          w: { B: packWatermark(watermark) },
          o: { B: packWatermark(formerWatermark) },
          r: { B: new Uint8Array() },
          a: { N: '7' },
          t: { N: '9' },
        },
      ],
    });

    expect(await storeWith().query('subject-1')).toEqual([
      {
        key: 'subject-1',
        item: 'checkout',
        v: 1,
        state: '{}',
        watermark,
        formerWatermark,
        ring: new Uint8Array(),
        newestReceivedAt: 7,
        writtenAt: 9,
      },
    ]);
  });
});
