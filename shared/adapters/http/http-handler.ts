import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Rejection } from '../../protocol/rejection.ts';
import { traceIdOf } from '../../protocol/trace-context.ts';
import type { Log } from '../../ports/telemetry.ts';

/** An HTTP request as the handlers see it. Header names are in lower case. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Ends up in logs and, when something unexpected happens, in the answer: how the two are brought together. */
  readonly requestId: string;
  /** The trace-id of its `traceparent` header, or else its `requestId`. */
  readonly correlationId: string;
}

export interface HttpReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the logs know it by, where the body says it better than the request did; answered as `x-correlation-id`. */
  readonly correlationId?: string;
}

export type ApiGatewayHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Turns API Gateway's payload 2.0 into a request and a reply into its answer, and is the one place where the
 * unexpected ends: a constant 500 to the caller, the error and its id to the log.
 *
 * @example
 * export const handler = httpHandler((request) => decideCheckout(request, dependencies), log);
 */
export function httpHandler(
  handle: (request: HttpRequest) => Promise<HttpReply>,
  log: Log,
): ApiGatewayHandler {
  return async (event) => {
    const { requestId } = event.requestContext;
    const correlationId = traceIdOf(event.headers.traceparent) ?? requestId;
    try {
      return replyOf(await handle(requestOf(event, correlationId)), correlationId);
    } catch (error) {
      log.error('unexpected', { correlation_id: correlationId, requestId }, error);
      const message = `something went wrong here; it is logged under ${requestId}`;
      return replyOf({ status: 500, body: { error: { code: 'internal', message } } }, correlationId);
    }
  };
}

export function errorReply(status: number, rejection: Rejection, headers?: HttpReply['headers']): HttpReply {
  const { code, message, path } = rejection;
  return {
    status,
    body: { error: { code, message, ...(path !== undefined && { path }) } },
    ...(headers && { headers }),
  };
}

function requestOf(event: APIGatewayProxyEventV2, correlationId: string): HttpRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    parameters: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: event.requestContext.requestId,
    correlationId,
  };
}

function replyOf(reply: HttpReply, requestCorrelationId: string): APIGatewayProxyStructuredResultV2 {
  const { status, body, headers, correlationId = requestCorrelationId } = reply;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-correlation-id': correlationId,
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
