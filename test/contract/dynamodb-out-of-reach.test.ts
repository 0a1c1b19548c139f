import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { timedRequests } from '../../shared/adapters/aws/timed-requests.ts';
import { answering, blackHole, type Trap } from './http-trap.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const unavailable = { name: 'StoreUnavailable', code: 'store_unavailable' };
const item = { key: 'subject-1', item: 'checkout', v: 2, state: '{}' } as const;
/** Far above any delay of a busy machine, far below any time-out of the SDK's. */
const SOON_MS = 700;

async function elapsedMs(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

const pause = () => new Promise((resolve) => setImmediate(resolve));

describe('a store out of reach', () => {
  let trap: Trap;
  afterEach(() => trap.close());

  test('a query that is given 50 ms by a black hole ends then, after one connection at most', async () => {
    trap = await blackHole();
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    const took = await elapsedMs(() =>
      expect(store.query('subject-1', { signal: AbortSignal.timeout(50) })).rejects.toMatchObject(
        unavailable,
      ),
    );

    expect(took).toBeLessThan(SOON_MS);
    // On a busy machine the time can be over before the first.
    expect(trap.count()).toBeLessThanOrEqual(1);
    client.destroy();
  });

  test('a query that is given 50 ms ends then even while credentials are looked for', async () => {
    trap = await blackHole();
    const never = () => new Promise<never>(() => undefined);
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials: never });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    const took = await elapsedMs(() =>
      expect(store.query('subject-1', { signal: AbortSignal.timeout(50) })).rejects.toMatchObject(
        unavailable,
      ),
    );

    expect(took).toBeLessThan(SOON_MS);
    client.destroy();
  });

  test('a query whose time is up is taken back from the store, and no other', async () => {
    const closed: string[] = [];
    let waiting = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (waiting = resolve));
    trap = await answering((_request, response, count) => {
      response.once('close', () =>
        closed.push(`${count} ${response.writableFinished ? 'answered' : 'aborted'}`),
      );
      if (count === 2) waiting();
      else void arrived.then(() => response.end('{"Items":[]}'));
    });
    // Only the signal ends a request here.
    const requestHandler = timedRequests({ requestTimeoutMs: 600_000, maxSockets: 4 });
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials, requestHandler });
    const store = dynamodbProfileStore({ client, table: 'profiles' });
    const kept = store.query('subject-1', { signal: new AbortController().signal });
    while (trap.count() < 1) await pause();
    const over = new AbortController();
    const given = store.query('subject-2', { signal: over.signal });
    await arrived;

    over.abort();
    await expect(given).rejects.toMatchObject(unavailable);
    expect(await kept).toEqual([]);
    while (closed.length < 2) await pause();

    expect(closed.sort()).toEqual(['1 answered', '2 aborted']);
    client.destroy();
  });

  test('a query with a signal makes one attempt, one without makes three', async () => {
    trap = await answering((_request, response) => response.writeHead(500).end('{}'));
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    const signal = AbortSignal.timeout(20_000);
    await expect(store.query('subject-1', { signal })).rejects.toMatchObject(unavailable);
    const impatient = trap.count();
    await expect(store.query('subject-1')).rejects.toMatchObject(unavailable);

    expect(impatient).toBe(1);
    expect(trap.count() - impatient).toBe(3);
    client.destroy();
  });

  test('without a signal a black hole is given up on by time-out', async () => {
    trap = await blackHole();
    const requestHandler = timedRequests({ requestTimeoutMs: 40, maxSockets: 4 });
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials, requestHandler });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    await expect(store.write(item)).rejects.toMatchObject(unavailable);
    await expect(store.read([item])).rejects.toMatchObject(unavailable);
    await expect(store.query('subject-1')).rejects.toMatchObject(unavailable);
    client.destroy();
  });

  test('a write whose reply was lost and that the condition then refuses is a conflict, not a failure', async () => {
    trap = await answering((_request, response, count) => {
      if (count === 1) _request.socket.destroy();
      else {
        const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
        response.writeHead(400).end(JSON.stringify({ __type, message: 'The conditional request failed' }));
      }
    });
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    expect(await store.write(item)).toBe('conflict');
    expect(trap.count()).toBe(2);
    client.destroy();
  });

  test('nobody listening is out of reach', async () => {
    trap = await blackHole();
    await trap.close();
    const client = dynamodbClient({ endpoint: trap.endpoint, region: 'local', credentials });
    const store = dynamodbProfileStore({ client, table: 'profiles' });

    await expect(store.query('subject-1', { signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject(
      unavailable,
    );
    await expect(store.write(item)).rejects.toMatchObject(unavailable);
    client.destroy();
  });
});
