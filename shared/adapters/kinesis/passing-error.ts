import { KinesisServiceException } from '@aws-sdk/client-kinesis';

const THROTTLES = new Set([
  'KMSThrottlingException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Whether a failed call may succeed when it is made again: a throttle, a fault of the service, a lost reply. */
export function isPassingError(error: unknown): boolean {
  if (!(error instanceof KinesisServiceException)) return true;
  return (
    error.$fault === 'server' || THROTTLES.has(error.name) || (error.$metadata.httpStatusCode ?? 0) >= 500
  );
}
