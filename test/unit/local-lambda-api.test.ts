import { functionInvoker } from '../../local/cli/invoke-function.ts';
import { LocalFault } from '../../local/fault.ts';
import { type HttpServer, listen } from '../../local/http-server.ts';
import { lambdaApi } from '../../local/lambda-api.ts';
import type { InvocationResult } from '../../local/lambda-protocol.ts';

const calls: { readonly name: string; readonly event: object }[] = [];
const answers: Readonly<Record<string, InvocationResult>> = {
  audit: { ok: true, payload: '{"gap":0}' },
  broken: {
    ok: false,
    error: { errorType: 'StoreUnavailable', errorMessage: 'DynamoDB read: TimeoutError', trace: [] },
  },
};
let server: HttpServer;
beforeAll(async () => {
  server = await listen(
    0,
    lambdaApi(async (name, event) => {
      calls.push({ name, event });
      const answer = answers[name];
      if (!answer) throw new LocalFault(`No stack has the function ${name}.`);
      return await Promise.resolve(answer);
    }),
  );
});
afterAll(() => server.end());

const names = {
  profilesTable: 'p',
  streams: { critical: 'c', bulk: 'b' },
  quarantineBucket: 'q',
  api: 'http://127.0.0.1:1',
  region: 'us-east-1',
};
const invoke = (name: string, event: object = {}) =>
  functionInvoker({ ...names, lambda: server.url })(name, event);

describe('Invoke, as the SDK asks for it', () => {
  test('gives the function its event, and whoever asks its answer', async () => {
    expect(await invoke('audit', { audit: { since: 5 } })).toEqual({ gap: 0 });
    expect(calls.at(-1)).toEqual({ name: 'audit', event: { audit: { since: 5 } } });
  });

  test('finds a function by its ARN too', async () => {
    expect(await invoke('arn:aws:lambda:us-east-1:000000000000:function:audit')).toEqual({ gap: 0 });
  });

  test('a function that fails says of what', async () => {
    await expect(invoke('broken')).rejects.toThrow(
      'the function broken failed: StoreUnavailable: DynamoDB read: TimeoutError',
    );
  });

  test('a function that is not there is not found', async () => {
    await expect(invoke('nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each([
    ['GET', '/2015-03-31/functions/audit/invocations', {}],
    ['POST', '/2015-03-31/functions', {}],
    ['POST', '/2015-03-31/functions/audit/invocations', { 'x-amz-invocation-type': 'Event' }],
  ])('%s %s %j is not offered', async (method, path, headers: Readonly<Record<string, string>>) => {
    const before = calls.length;
    const reply = await fetch(server.url + path, {
      method,
      headers,
      ...(method === 'POST' && { body: '{}' }),
    });
    expect([reply.status, calls.length]).toEqual([501, before]);
  });
});
