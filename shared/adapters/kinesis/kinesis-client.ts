import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { leanClient } from '../aws/lean-client.ts';
import { timedRequests } from '../aws/timed-requests.ts';

const MAX_SOCKETS = 32;
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * A Kinesis client with one attempt a call: the adapters try again themselves, each within one budget and only
 * what failed. HTTP/1.1, because emulators speak no HTTP/2 and short calls gain nothing from it.
 */
export function kinesisClient(config: KinesisClientConfig = {}): KinesisClient {
  return leanClient(
    new KinesisClient({
      requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: MAX_SOCKETS }),
      maxAttempts: 1,
      cacheMiddleware: true,
      ...config,
    }),
  );
}
