import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamodbRegionStore } from '../../shared/adapters/dynamodb/dynamodb-region-store.ts';

const dynamodb = mockClient(DynamoDBClient);
beforeEach(() => void dynamodb.reset());

const store = () =>
  dynamodbRegionStore({ client: new DynamoDBClient({ region: 'local' }), table: 'regions' });
const cell = {
  place: 'BR#SP',
  part: '2026-01#3',
  v: 1,
  state: '{"payment":[]}',
  expiresAt: 1_800_000_000,
} as const;
const stored = (part: string) => ({
  pk: { S: 'BR#SP' },
  sk: { S: part },
  v: { N: '7' },
  s: { S: '{}' },
  e: { N: '1800000000' },
});
const throttled = new DynamoDBServiceException({
  name: 'ProvisionedThroughputExceededException',
  message: '',
  $fault: 'client',
  $metadata: { httpStatusCode: 400 },
});
const unavailable = { name: 'StoreUnavailable', code: 'store_unavailable' };

describe('a region cell', () => {
  test('is put where there is none, then on the version before, and says when it may be forgotten', async () => {
    dynamodb.on(PutItemCommand).resolves({});

    expect(await store().write(cell)).toBe('written');
    expect(await store().write({ ...cell, v: 2 })).toBe('written');

    const [first, second] = dynamodb.commandCalls(PutItemCommand).map((call) => call.args[0].input);
    expect(first).toEqual({
      TableName: 'regions',
      Item: {
        pk: { S: 'BR#SP' },
        sk: { S: '2026-01#3' },
        v: { N: '1' },
        s: { S: '{"payment":[]}' },
        e: { N: '1800000000' },
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    expect(second).toMatchObject({
      ConditionExpression: 'v = :expected',
      ExpressionAttributeValues: { ':expected': { N: '1' } },
    });
  });

  test('that somebody else wrote is a conflict; one that no table takes is refused without asking', async () => {
    dynamodb.on(PutItemCommand).rejects(new ConditionalCheckFailedException({ message: '', $metadata: {} }));

    expect(await store().write(cell)).toBe('conflict');
    expect(await store().write({ ...cell, v: 0 })).toBe('refused');
    expect(dynamodb.commandCalls(PutItemCommand)).toHaveLength(1);
  });

  test('is read consistently: a choice is added to what stands there', async () => {
    dynamodb.on(GetItemCommand).resolves({ Item: stored('2026-01#3') });

    expect(await store().read(cell)).toEqual({ ...cell, v: 7, state: '{}' });
    expect(dynamodb.commandCalls(GetItemCommand)[0]?.args[0].input).toMatchObject({
      Key: { pk: { S: 'BR#SP' }, sk: { S: '2026-01#3' } },
      ConsistentRead: true,
    });
  });

  test('that is not there is undefined; one without its attributes is no cell of ours', async () => {
    dynamodb
      .on(GetItemCommand)
      .resolvesOnce({})
      .resolves({ Item: { pk: { S: 'BR#SP' } } });

    expect(await store().read(cell)).toBeUndefined();
    await expect(store().read(cell)).rejects.toMatchObject(unavailable);
  });
});

describe("a place's newest cells", () => {
  test('come page by page, the newest first, and no more than were asked for', async () => {
    dynamodb
      .on(QueryCommand)
      .resolvesOnce({
        Items: [stored('2026-02#0'), stored('2026-01#1')],
        LastEvaluatedKey: { pk: { S: 'BR#SP' } },
      })
      .resolves({ Items: [stored('2026-01#0')], LastEvaluatedKey: { pk: { S: 'BR#SP' } } });

    const cells = await store().newest('BR#SP', 3);

    expect(cells.map(({ part }) => part)).toEqual(['2026-02#0', '2026-01#1', '2026-01#0']);
    const inputs = dynamodb.commandCalls(QueryCommand).map((call) => call.args[0].input);
    expect(
      inputs.map(({ Limit, ScanIndexForward, ExclusiveStartKey }) => [
        Limit,
        ScanIndexForward,
        ExclusiveStartKey,
      ]),
    ).toEqual([
      [3, false, undefined],
      [1, false, { pk: { S: 'BR#SP' } }],
    ]);
  });

  test('are out of reach when the table throttles, with the cause kept', async () => {
    dynamodb.on(QueryCommand).rejects(throttled);

    await expect(store().newest('BR#SP', 3)).rejects.toMatchObject({ ...unavailable, cause: throttled });
  });

  test('are not asked for once nobody waits any more', async () => {
    await expect(store().newest('BR#SP', 3, { signal: AbortSignal.abort() })).rejects.toMatchObject(
      unavailable,
    );
    expect(dynamodb.calls()).toHaveLength(0);
  });
});
