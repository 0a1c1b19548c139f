import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import {
  errorReply,
  httpHandler,
  type HttpReply,
  type HttpRequest,
} from '../../shared/adapters/http/http-handler.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';

/** An event of API Gateway, payload format 2.0, as far as the handlers look at it. */
const eventOf = (fields: Partial<APIGatewayProxyEventV2>): APIGatewayProxyEventV2 =>
  ({
    rawPath: '/v1/track',
    headers: {},
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', http: { method: 'POST' } },
    ...fields,
  }) as APIGatewayProxyEventV2;

/** What the handler got to see, and what API Gateway gets back. */
async function passThrough(
  fields: Partial<APIGatewayProxyEventV2>,
  reply: HttpReply = { status: 200, body: {} },
) {
  const seen: HttpRequest[] = [];
  const handler = httpHandler((request) => {
    seen.push(request);
    return Promise.resolve(reply);
  }, memoryLog());
  return { answer: await handler(eventOf(fields)), request: seen[0] };
}

describe('a request', () => {
  test('is what API Gateway says of it', async () => {
    const { request } = await passThrough({
      pathParameters: { call: 'track' },
      queryStringParameters: { debug: '1' },
      headers: { authorization: 'Basic x' },
      body: 'é',
    });
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/track',
      parameters: { call: 'track' },
      query: { debug: '1' },
      headers: { authorization: 'Basic x' },
      requestId: 'request-1',
    });
    expect(Buffer.from(request?.body ?? []).toString()).toBe('é');
  });

  test('may have its bytes in base64, a body of gzip for one', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
    const { request } = await passThrough({ body: bytes.toString('base64'), isBase64Encoded: true });
    expect(Buffer.from(request?.body ?? [])).toEqual(bytes);
  });

  test('may have neither body nor parameters', async () => {
    const { request } = await passThrough({});
    expect(request).toMatchObject({ parameters: {}, query: {} });
    expect(request?.body).toHaveLength(0);
  });
});

describe('a reply', () => {
  test('is JSON that nobody keeps', async () => {
    const { answer } = await passThrough(
      {},
      { status: 503, body: { a: [1] }, headers: { 'retry-after': '1' } },
    );
    expect(answer).toEqual({
      statusCode: 503,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-correlation-id': 'request-1',
        'retry-after': '1',
      },
      body: '{"a":[1]}',
    });
  });

  test('of an error has its code, its sentence and, where there is one, its path', () => {
    expect(errorReply(400, { code: 'invalid', message: 'must be text', path: 'a.b' })).toEqual({
      status: 400,
      body: { error: { code: 'invalid', message: 'must be text', path: 'a.b' } },
    });
    expect(errorReply(404, { code: 'not_found', message: 'nothing here' }).body).toEqual({
      error: { code: 'not_found', message: 'nothing here' },
    });
  });
});

test.each<[string, () => Promise<HttpReply>]>([
  ['rejects', () => Promise.reject(new Error('the password is hunter2'))],
  [
    'throws at once',
    () => {
      throw new Error('the password is hunter2');
    },
  ],
  ['makes what cannot be written', () => Promise.resolve({ status: 200, body: { big: 1n } })],
])(
  'a handler that %s becomes a constant 500, the error going to the log under the request’s id',
  async (_name, handle) => {
    const log = memoryLog();
    const answer = await httpHandler(handle, log)(eventOf({}));

    expect(answer.statusCode).toBe(500);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({
      error: { code: 'internal', message: expect.stringContaining('request-1') as string },
    });
    expect(answer.body).not.toContain('hunter2');
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { requestId: 'request-1' }, cause: expect.any(Error) as Error },
    ]);
  },
);
