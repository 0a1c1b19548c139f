import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface RequestLimits {
  /** From sending a request to the head of its reply, and the longest silence within the reply. */
  readonly requestTimeoutMs: number;
  /** Connections kept open at a time; further requests queue. */
  readonly maxSockets: number;
}

const CONNECTION_TIMEOUT_MS = 1_000;

/**
 * HTTP/1.1 with keep-alive and with time-outs that end a request: left alone the SDK waits minutes for a peer
 * that says nothing, and a bare `requestTimeout` only warns.
 */
export function timedRequests(limits: RequestLimits): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: limits.requestTimeoutMs,
    throwOnRequestTimeout: true,
    socketTimeout: limits.requestTimeoutMs,
    httpAgent: { keepAlive: true, maxSockets: limits.maxSockets },
    httpsAgent: { keepAlive: true, maxSockets: limits.maxSockets },
  });
}
