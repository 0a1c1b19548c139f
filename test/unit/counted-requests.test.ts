import { itemBytes, readUnits, writeUnits } from '../../local/capacity.ts';
import { requestCounter, type RequestCounter } from '../bench/counted-requests.ts';

const item = (bytes: number) => ({ pk: { S: 'p' }, sk: { S: 's' }, d: { S: 'x'.repeat(bytes - 7) } });
const put = (counter: RequestCounter, bytes: number, status = 200) =>
  counter.note(
    'PutItem',
    JSON.stringify({ TableName: 'T', Item: item(bytes) }),
    status,
    status === 200 ? '{}' : '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}',
  );

describe('what requests to a table cost', () => {
  test('an item weighs its names and values: UTF-8, raw bytes, a byte for two digits and one more', () => {
    expect(itemBytes({ pk: { S: 'é' }, b: { B: Buffer.alloc(10).toString('base64') } })).toBe(2 + 2 + 1 + 10);
    expect(itemBytes({ n: { N: '1799999999999' } })).toBe(1 + 7 + 1);
    expect(itemBytes({ n: { N: '-1200' } })).toBe(1 + 1 + 1 + 1);
  });

  test('units round up: a write to 1 KB, a read to 4 KB, half of it if it need not be consistent', () => {
    expect([0, 1024, 1025].map(writeUnits)).toEqual([1, 1, 2]);
    expect([0, 4096, 4097].map((bytes) => readUnits(bytes, true))).toEqual([1, 1, 2]);
    expect(readUnits(4097, false)).toBe(1);
  });

  test('a write costs the larger of before and after, and costs when its condition refuses it', () => {
    const counter = requestCounter();
    put(counter, 2000);
    put(counter, 100);
    put(counter, 100, 400);
    expect(counter.counts().T).toMatchObject({ writes: 2, refused: 1, writeUnits: 2 + 2 + 1 });
    expect(counter.sizes('T')).toEqual({ s: [100] });
  });

  test('a batch of reads rounds each item up, those it does not find too; a Query rounds their sum', () => {
    const counter = requestCounter();
    counter.note(
      'BatchGetItem',
      JSON.stringify({ RequestItems: { T: { Keys: [{}, {}, {}], ConsistentRead: true } } }),
      200,
      JSON.stringify({ Responses: { T: [item(4097), item(100)] } }),
    );
    counter.note(
      'Query',
      JSON.stringify({ TableName: 'T' }),
      200,
      JSON.stringify({ Items: [item(3000), item(1096)] }),
    );
    expect(counter.counts().T).toMatchObject({ batchKeys: 3, queries: 1, readUnits: 2 + 1 + 1 + 0.5 });
  });

  test('what failed otherwise is not charged, and what it cannot count it refuses to pass over', () => {
    const counter = requestCounter();
    counter.note('PutItem', JSON.stringify({ TableName: 'T', Item: item(100) }), 500, '{}');
    expect(counter.counts()).toEqual({});
    expect(() => counter.note('Scan', '{}', 200, '{}')).toThrow('Scan is not counted');
  });
});
