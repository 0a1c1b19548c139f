import {
  dynamodbSuppressionReader,
  dynamodbSuppressions,
} from '../../shared/adapters/dynamodb/dynamodb-suppressions.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import type { Suppression } from '../../shared/domain/erasure.ts';
import type { SuppressionReader, Suppressions } from '../../shared/ports/suppressions.ts';
import { dynaliteTables, type DynaliteTables } from './dynalite-table.ts';

type Table = Suppressions & SuppressionReader;

const ANN: Suppression = { key: 'ann', kind: 'user', erasedAt: 2_000 };
const PHONE: Suppression = { key: 'phone', kind: 'device', erasedAt: 1_000 };

async function allIn(table: Table): Promise<readonly Suppression[]> {
  const all: Suppression[] = [];
  for await (const one of table.all()) all.push(one);
  return all.sort((one, other) => (one.key < other.key ? -1 : 1));
}

function behaveLikeSuppressions(make: () => Promise<Table>): void {
  test('what is put down is there, and nothing else', async () => {
    const table = await make();
    expect(await allIn(table)).toEqual([]);

    await table.record(ANN);
    await table.record(PHONE);

    expect(await allIn(table)).toEqual([ANN, PHONE]);
  });

  test('of one subject the latest time counts, in whatever order they come', async () => {
    const table = await make();
    const counts: number[] = [];
    for (const erasedAt of [2_000, 3_000, 1_000, 3_000])
      counts.push(await table.record({ ...ANN, erasedAt }));

    expect(counts).toEqual([2_000, 3_000, 3_000, 3_000]);
    expect(await allIn(table)).toEqual([{ ...ANN, erasedAt: 3_000 }]);
  });

  test('one is found by its key, and nobody else is', async () => {
    const table = await make();
    await table.record(ANN);

    expect([await table.find('ann'), await table.find('phone')]).toEqual([ANN, undefined]);
  });

  test('all are read, also when they fill more than one page', async () => {
    const table = await make();
    const many = Array.from({ length: 600 }, (_, index) => ({
      ...PHONE,
      key: `${'x'.repeat(1_900)}${String(index).padStart(3, '0')}`,
    }));
    for (const one of many) await table.record(one);

    expect((await allIn(table)).map(({ key }) => key)).toEqual(many.map(({ key }) => key));
  });
}

describe('suppressions in memory', () => {
  behaveLikeSuppressions(() => Promise.resolve(memorySuppressions()));
});

describe('suppressions in DynamoDB', () => {
  let tables: DynaliteTables;
  beforeAll(async () => {
    tables = await dynaliteTables();
  });
  afterAll(() => tables.close());

  const at = (table: string): Table => {
    const options = { client: tables.client, table };
    return { ...dynamodbSuppressions(options), ...dynamodbSuppressionReader(options) };
  };
  behaveLikeSuppressions(async () => at(await tables.createTable()));

  test('a table that is not there is out of reach', async () => {
    const unavailable = { name: 'StoreUnavailable' };
    await expect(at('elsewhere').record(ANN)).rejects.toMatchObject(unavailable);
    await expect(at('elsewhere').find('ann')).rejects.toMatchObject(unavailable);
    await expect(allIn(at('elsewhere'))).rejects.toMatchObject(unavailable);
  });
});
