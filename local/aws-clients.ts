import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface Endpoints {
  readonly dynamodb: string;
  readonly kinesis: string;
  readonly s3: string;
  readonly secretsManager: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
}

/** Clients of the services of this run. A request that a stopped emulator leaves hanging ends after `timeoutMs`. */
export function awsClients(
  endpoints: Endpoints,
  region: string,
  credentials: Credentials,
  timeoutMs = 5_000,
): AwsClients {
  const common = {
    region,
    credentials,
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({
      requestTimeout: timeoutMs,
      connectionTimeout: 1_000,
      throwOnRequestTimeout: true,
    }),
    // The default logger copies every input and output.
    logger: {} as never,
  };
  return {
    dynamodb: new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }),
    // One attempt: its callers wait and try again for ever.
    kinesis: new KinesisClient({ ...common, endpoint: endpoints.kinesis, maxAttempts: 1 }),
    s3: new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true }),
    secretsManager: new SecretsManagerClient({ ...common, endpoint: endpoints.secretsManager }),
  };
}
