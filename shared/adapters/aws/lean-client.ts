/** What of a client is needed here: every SDK client has it. */
interface WithMiddleware {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * Steps of the SDK that every call pays for and nobody here uses; together a quarter of what a PutItem costs in CPU:
 * the logger redacts and copies every input and output, the user agent is put together anew, and the recursion guard
 * marks loops through services that we do not call.
 */
const BALLAST = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'] as const;

/**
 * Takes the ballast out of a client for a hot path, in place.
 *
 * @throws Error if the SDK does not know one of the steps any more: then it is time to measure again
 * @example
 * const client = leanClient(new DynamoDBClient({ cacheMiddleware: true }));
 */
export function leanClient<Client extends WithMiddleware>(client: Client): Client {
  for (const step of BALLAST) {
    if (!client.middlewareStack.remove(step)) throw new Error(`the SDK has no ${step} to take out`);
  }
  return client;
}
