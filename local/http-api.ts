import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { decodedPath, fromPayload, type HttpReply, toPayload } from './http-payload.ts';
import { readBody } from './http-server.ts';
import type { InvocationResult } from './lambda-protocol.ts';
import type { AwsMeters } from './aws-meters.ts';
import type { ApiPlan } from './plan.ts';
import { matchRoute } from './routes.ts';

const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** Lambda's own, on the whole event and on the whole result. */
const MAX_INVOCATION_BYTES = 6 * 1024 * 1024;

export type Invoke = (functionName: string, event: object) => Promise<InvocationResult>;

/** Answers requests as an HTTP API with these routes does. */
export function httpApi(
  plan: ApiPlan,
  invoke: Invoke,
  meters: Pick<AwsMeters, 'answered'>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { cors } = plan;
  return async (request, response) => {
    const origin = request.headers.origin;
    const method = request.method ?? 'GET';
    if (cors && method === 'OPTIONS' && origin && request.headers['access-control-request-method']) {
      response.writeHead(204, preflightHeaders(cors, origin)).end();
      return;
    }
    const startedAt = performance.now();
    const reply = await replyTo(plan, invoke, request, method);
    meters.answered(plan.id, {
      status: reply.status,
      latencyMs: Math.round(performance.now() - startedAt),
    });
    const own = Object.entries(reply.headers).filter(
      ([name]) => !cors || !name.startsWith('access-control-'),
    );
    response.writeHead(reply.status, {
      'apigw-requestid': randomUUID(),
      ...Object.fromEntries(own),
      ...(cors ? corsHeaders(cors, origin) : {}),
      ...(reply.cookies.length > 0 ? { 'set-cookie': [...reply.cookies] } : {}),
      'content-length': reply.body.length,
    });
    response.end(method === 'HEAD' ? undefined : reply.body);
  };
}

async function replyTo(
  plan: ApiPlan,
  invoke: Invoke,
  request: IncomingMessage,
  method: string,
): Promise<HttpReply> {
  const target = request.url ?? '/';
  const match = matchRoute(plan.routes, method, decodedPath(target));
  if (!match) return gatewayReply(404, 'Not Found');
  const body = await readBody(request, MAX_REQUEST_BYTES);
  if (!body) return gatewayReply(413, 'Request Entity Too Large');

  const { route, parameters } = match;
  const event = toPayload(
    {
      method,
      target,
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      body,
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      now: Date.now(),
    },
    { apiId: plan.id, routeKey: route.key, parameters },
  );
  if (body.length * (event.isBase64Encoded ? 4 / 3 : 1) > MAX_INVOCATION_BYTES) {
    return gatewayReply(413, 'Request Entity Too Large');
  }
  const result = await within(invoke(route.functionName, event), route.timeoutMs);
  if (!result) return gatewayReply(503, 'Service Unavailable');
  if (!result.ok || result.payload.length > MAX_INVOCATION_BYTES)
    return gatewayReply(500, 'Internal Server Error');
  return fromPayload(result.payload) ?? gatewayReply(500, 'Internal Server Error');
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What API Gateway says itself. */
function gatewayReply(status: number, message: string): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
