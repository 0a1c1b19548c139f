import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  type QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { heedSignals } from '../aws/heed-signals.ts';
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

/** One attempt a query, which ends when its signal aborts. */
export type ImpatientQuery = (command: QueryCommand, signal: AbortSignal) => Promise<QueryCommandOutput>;

/**
 * Queries with the same endpoint, credentials and connections, with one attempt a call. By a client of its own because the
 * SDK has no attempts per call, and because a call with options of its own throws away the cached middleware.
 */
export function impatientQueries(client: DynamoDBClient): ImpatientQuery {
  const query = impatientOf.get(client) ?? newImpatientQueries(client);
  impatientOf.set(client, query);
  return query;
}

/** Making a client takes milliseconds of a cold start: all stores of one share its impatient twin. */
const impatientOf = new WeakMap<DynamoDBClient, ImpatientQuery>();

function newImpatientQueries(client: DynamoDBClient): ImpatientQuery {
  const { region, credentials, endpoint, requestHandler } = client.config;
  const signals = heedSignals(requestHandler);
  const impatient = dynamodbClient({
    region,
    credentials,
    requestHandler: signals.requestHandler,
    maxAttempts: 1,
    ...(endpoint && { endpoint }),
  });
  impatient.middlewareStack.add(
    (next) => (args) => {
      signals.send(args.input, args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'heedSignals' },
  );
  return (command, signal) => {
    signals.heed(command.input, signal);
    return impatient.send(command);
  };
}
