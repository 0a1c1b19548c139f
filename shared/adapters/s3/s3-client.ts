import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { timedRequests } from '../aws/timed-requests.ts';

const MAX_SOCKETS = 32;
const REQUEST_TIMEOUT_MS = 5_000;

/** The S3 SDK, loaded only once somebody needs it: most invocations never do, and cold starts must not pay for it. */
export const loadS3 = () => import('@aws-sdk/client-s3');

/** An S3 client with time-outs. An endpoint that is no bucket's own host is addressed by path. */
export async function s3Client(config: S3ClientConfig = {}): Promise<S3Client> {
  const { S3Client } = await loadS3();
  return new S3Client({
    requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: MAX_SOCKETS }),
    forcePathStyle: Boolean(
      config.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL,
    ),
    ...config,
  });
}
