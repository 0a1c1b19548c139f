import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { leanClient } from '../aws/lean-client.ts';
import { timedRequests } from '../aws/timed-requests.ts';

/** More writes in flight than any batch allows itself. */
const MAX_SOCKETS = 128;
const REQUEST_TIMEOUT_MS = 1_500;
const MAX_ATTEMPTS = 3;

/**
 * A DynamoDB client for the hot path: requests time out, connections stay open, and the SDK resolves its
 * middleware once a command instead of once a call.
 *
 * @example
 * const store = dynamodbProfileStore({ client: dynamodbClient(), table: 'Profiles' });
 */
export function dynamodbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return leanClient(
    new DynamoDBClient({
      requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: MAX_SOCKETS }),
      maxAttempts: MAX_ATTEMPTS,
      cacheMiddleware: true,
      ...config,
    }),
  );
}

/**
 * The same endpoint, credentials and connections, with one attempt a call. A client of its own because the SDK
 * has no attempts per call, and because a call with options of its own throws away the cached middleware.
 */
export function singleAttemptClient(client: DynamoDBClient): DynamoDBClient {
  const { region, credentials, endpoint, requestHandler } = client.config;
  return dynamodbClient({
    region,
    credentials,
    requestHandler,
    maxAttempts: 1,
    ...(endpoint && { endpoint }),
  });
}
