import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type Configured = NonNullable<DynamoDBClientConfig['retryStrategy']>;
type RetryStrategy = Extract<Configured, { acquireInitialRetryToken: unknown }>;

/**
 * Tries again what the SDK's own strategy would, at once, and never runs out of tokens: what one schedule has used up must not
 * be missing in the next.
 */
export function instantRetries(maxAttempts: number): RetryStrategy {
  const token = (retries: number) => ({
    getRetryCount: () => retries,
    getRetryDelay: () => 0,
    getRetryCost: () => undefined,
  });
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0)),
    refreshRetryTokenForRetry(last, { errorType }) {
      const retries = last.getRetryCount() + 1;
      const isPassing = errorType === 'TRANSIENT' || errorType === 'THROTTLING';
      if (!isPassing || retries >= maxAttempts) return Promise.reject(new Error('tried often enough'));
      return Promise.resolve(token(retries));
    },
    recordSuccess: () => undefined,
  };
}
