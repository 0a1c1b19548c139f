import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID } from './stacks.ts';

export interface HttpRequest {
  readonly method: string;
  /** As on the wire: path and query. */
  readonly target: string;
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  /** ms since the epoch. */
  readonly now: number;
}

export interface RoutedRequest {
  readonly apiId: string;
  readonly routeKey: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/**
 * An HTTP API decodes the path before it looks for a route, and takes what follows a decoded `?` for no part of it:
 * a variable can hold neither `/` nor `?` (sent encoded, they act as if they were not).
 */
export function decodedPath(target: string): string {
  const [encoded = '/'] = target.split('?');
  let path = encoded;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    // Not an encoding: it stands for itself.
  }
  return path.split('?')[0] ?? path;
}

/** A request as API Gateway's payload format 2.0 has it. */
export function toPayload(request: HttpRequest, route: RoutedRequest): APIGatewayProxyEventV2 {
  const { method, target, now } = request;
  const rawPath = decodedPath(target);
  const rawQueryString = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
  const { headers, cookies } = readHeaders(request);
  const query = readQuery(rawQueryString);
  const binary = isBinary(headers);
  const domainName = headers.host ?? 'localhost';
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(query ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: route.apiId,
      domainName,
      domainPrefix: domainName.split(/[.:]/)[0] ?? '',
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(Object.keys(route.parameters).length > 0 ? { pathParameters: { ...route.parameters } } : {}),
    ...(request.body.length > 0 ? { body: request.body.toString(binary ? 'base64' : 'utf8') } : {}),
    isBase64Encoded: request.body.length > 0 && binary,
  };
}

/**
 * What a function's result means to the browser; `undefined` for a result that is none. Without a `statusCode` the
 * whole result is the body of a 200.
 *
 * @param payload what the handler returned, as JSON
 */
export function fromPayload(payload: string): HttpReply | undefined {
  const result = JSON.parse(payload) as unknown;
  if (result === null || typeof result !== 'object' || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : payload;
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      cookies: [],
      body: Buffer.from(body),
    };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded } = result as ProxyResult;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || typeof body !== 'string') return undefined;
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status,
    headers: { 'content-type': 'text/plain;charset=utf-8', ...Object.fromEntries(named) },
    cookies,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

interface ProxyResult {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/** Names in lower case, repeated ones joined, cookies apart, and what the gateway adds. */
function readHeaders({ rawHeaders, sourceIp }: HttpRequest): {
  readonly headers: Record<string, string>;
  readonly cookies: string[];
} {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  const { 'x-forwarded-for': forwardedFor } = headers;
  headers['x-forwarded-for'] = forwardedFor === undefined ? sourceIp : `${forwardedFor}, ${sourceIp}`;
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-port'] = headers.host?.split(':')[1] ?? '80';
  return { headers, cookies };
}

function readQuery(raw: string): Record<string, string> | undefined {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(raw)) {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  }
  return Object.keys(query).length > 0 ? query : undefined;
}

/** Only these types come as text; a form, or no type at all, comes as base64. */
function isBinary(headers: Readonly<Record<string, string>>): boolean {
  const type = headers['content-type'] ?? '';
  return (
    headers['content-encoding'] !== undefined || !/^(text\/|application\/(json|xml|javascript)\b)/i.test(type)
  );
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
