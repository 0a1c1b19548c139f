import { dynamodbRegionStore } from '../../shared/adapters/dynamodb/dynamodb-region-store.ts';
import { memoryRegionStore } from '../../shared/adapters/memory/memory-region-store.ts';
import { dynaliteTables, type DynaliteTables } from './dynalite-table.ts';
import { behavesLikeARegionStore } from './region-store.behaviour.ts';

describe('the region store in memory', () => {
  behavesLikeARegionStore(() => Promise.resolve(memoryRegionStore()));
});

describe('the region store in DynamoDB', () => {
  let tables: DynaliteTables;
  beforeAll(async () => {
    tables = await dynaliteTables();
  });
  afterAll(() => tables.close());

  behavesLikeARegionStore(async () =>
    dynamodbRegionStore({ client: tables.client, table: await tables.createTable() }),
  );

  test('a table that is not there is out of reach', async () => {
    const store = dynamodbRegionStore({ client: tables.client, table: 'elsewhere' });
    const ref = { place: 'BR#SP', part: '2026-01#0' } as const;
    const unavailable = { name: 'StoreUnavailable' };
    await expect(store.newest('BR#SP', 1)).rejects.toMatchObject(unavailable);
    await expect(store.read(ref)).rejects.toMatchObject(unavailable);
    await expect(store.write({ ...ref, v: 1, state: '{}', expiresAt: 1 })).rejects.toMatchObject(unavailable);
  });
});
