import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { memoryProfileStore } from '../../shared/adapters/memory/memory-profile-store.ts';
import { dynaliteTables, type DynaliteTables } from './dynalite-table.ts';
import { behavesLikeAProfileStore } from './profile-store.behaviour.ts';

describe('the profile store in memory', () => {
  behavesLikeAProfileStore(() => Promise.resolve(memoryProfileStore()));
});

describe('the profile store in DynamoDB', () => {
  let tables: DynaliteTables;
  beforeAll(async () => {
    tables = await dynaliteTables();
  });
  afterAll(() => tables.close());

  behavesLikeAProfileStore(async () =>
    dynamodbProfileStore({ client: tables.client, table: await tables.createTable() }),
  );

  test('a table that is not there is out of reach, not a refusal', async () => {
    const store = dynamodbProfileStore({ client: tables.client, table: 'elsewhere' });
    const unavailable = { name: 'StoreUnavailable' };

    await expect(store.query('subject-1')).rejects.toMatchObject(unavailable);
    await expect(store.read([{ key: 'subject-1', item: 'checkout' }])).rejects.toMatchObject(unavailable);
    await expect(
      store.write({ key: 'subject-1', item: 'checkout', v: 1, state: '{}' }),
    ).rejects.toMatchObject(unavailable);
  });
});
