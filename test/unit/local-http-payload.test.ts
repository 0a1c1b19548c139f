import { corsHeaders, preflightHeaders } from '../../local/cors.ts';
import { fromPayload, type HttpRequest, toPayload } from '../../local/http-payload.ts';

const request: HttpRequest = {
  method: 'POST',
  target: '/v1/track?a=1&a=2&b=x%20y',
  httpVersion: '1.1',
  rawHeaders: [
    'Host',
    'localhost:8787',
    'Content-Type',
    'application/json',
    'X-Two',
    'a',
    'x-two',
    'b',
    'Cookie',
    'c=1; d=2',
  ],
  body: Buffer.from('{"ä":1}'),
  sourceIp: '127.0.0.1',
  now: Date.UTC(2020, 2, 12, 19, 3, 58),
};
const route = { apiId: 'api', routeKey: 'POST /v1/{call}', parameters: { call: 'track' } };
const withType = (...headers: string[]) => toPayload({ ...request, rawHeaders: headers }, route);

describe('a request in payload format 2.0', () => {
  it('has what API Gateway makes of it', () => {
    expect(toPayload(request, route)).toMatchObject({
      version: '2.0',
      routeKey: 'POST /v1/{call}',
      rawPath: '/v1/track',
      rawQueryString: 'a=1&a=2&b=x%20y',
      queryStringParameters: { a: '1,2', b: 'x y' },
      cookies: ['c=1', 'd=2'],
      headers: {
        host: 'localhost:8787',
        'content-type': 'application/json',
        'x-two': 'a,b',
        'x-forwarded-for': '127.0.0.1',
      },
      pathParameters: { call: 'track' },
      body: '{"ä":1}',
      isBase64Encoded: false,
      requestContext: {
        http: {
          method: 'POST',
          path: '/v1/track',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: '',
        },
        routeKey: 'POST /v1/{call}',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: request.now,
      },
    });
    expect(toPayload(request, route).headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['text/plain;charset=UTF-8'],
    ['application/json; charset=utf-8'],
    ['application/xml'],
    ['application/javascript'],
  ])('a body of %s comes as text', (type) => {
    expect(withType('Content-Type', type)).toMatchObject({ body: '{"ä":1}', isBase64Encoded: false });
  });

  it.each([
    ['a form', ['Content-Type', 'application/x-www-form-urlencoded']],
    ['no type', []],
    ['bytes', ['Content-Type', 'application/octet-stream']],
    ['an encoding', ['Content-Type', 'application/json', 'Content-Encoding', 'gzip']],
  ])('%s: the body comes as base64', (_, headers) => {
    expect(withType(...headers)).toMatchObject({
      body: request.body.toString('base64'),
      isBase64Encoded: true,
    });
  });

  it('without a body, a query, cookies or parameters there is none of them', () => {
    const payload = toPayload(
      { ...request, target: '/', rawHeaders: [], body: Buffer.alloc(0) },
      { ...route, parameters: {} },
    );
    expect(Object.keys(payload).sort()).toEqual(
      [
        'headers',
        'isBase64Encoded',
        'rawPath',
        'rawQueryString',
        'requestContext',
        'routeKey',
        'version',
      ].sort(),
    );
  });

  it('the path is decoded, as an HTTP API does it', () => {
    const pathOf = (target: string) => toPayload({ ...request, target }, route).rawPath;
    expect(pathOf('/v1/profiles/u%3A42')).toBe('/v1/profiles/u:42');
    expect(pathOf('/v1/profiles/u%3Fx?y=1')).toBe('/v1/profiles/u');
    expect(pathOf('/100%')).toBe('/100%');
  });
});

describe('a function’s result', () => {
  it('with a status says all itself', () => {
    const result = {
      statusCode: 201,
      headers: { 'X-A': 1 },
      cookies: ['a=1'],
      body: 'aGk=',
      isBase64Encoded: true,
    };
    expect(fromPayload(JSON.stringify(result))).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain;charset=utf-8', 'x-a': '1' },
      cookies: ['a=1'],
      body: Buffer.from('hi'),
    });
  });

  it('without one is the JSON body of a 200', () => {
    expect(fromPayload('{"a":1}')).toMatchObject({ status: 200, body: Buffer.from('{"a":1}') });
    expect(fromPayload('"text"')).toMatchObject({ body: Buffer.from('text') });
  });

  it('that makes no sense is none', () => {
    expect(fromPayload('{"statusCode":"soon"}')).toBeUndefined();
    expect(fromPayload('{"statusCode":200,"body":{"a":1}}')).toBeUndefined();
  });
});

describe('CORS', () => {
  const cors = {
    allowOrigins: ['https://shop.example', 'http://localhost*'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['content-type', 'authorization'],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeSeconds: 60,
  };

  it('tells an allowed origin what it may send', () => {
    expect(preflightHeaders(cors, 'https://shop.example')).toEqual({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'content-type,authorization',
      'access-control-max-age': '60',
      vary: 'origin',
    });
    expect(corsHeaders(cors, 'http://localhost:3000')['access-control-allow-origin']).toBe(
      'http://localhost:3000',
    );
  });

  it('tells any other nothing', () => {
    expect(preflightHeaders(cors, 'https://shop.example.evil.example')).toEqual({});
    expect(corsHeaders(cors, undefined)).toEqual({});
  });
});
