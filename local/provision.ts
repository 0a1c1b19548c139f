import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { LocalFault } from './fault.ts';
import type { AwsClients } from './aws-clients.ts';
import { GenerateSecretString, generateSecret, withLocalKeys } from './generated-secret.ts';
import type { Resource, StackSet } from './stacks.ts';
import type { NameBook } from './state.ts';

const READY_WITHIN_MS = 10_000;

/**
 * Makes the tables, streams, buckets and secrets that the stacks have and the services do not yet.
 *
 * @param keys values for JSON keys of secrets, in place of generated ones
 * @throws {LocalFault} naming the resource that cannot be made
 */
export async function provision(
  stacks: StackSet,
  names: NameBook,
  clients: AwsClients,
  keys: Readonly<Record<string, string>>,
): Promise<void> {
  const makers: Readonly<Record<string, Maker>> = {
    'AWS::DynamoDB::Table': tableMaker(clients),
    'AWS::Kinesis::Stream': streamMaker(clients),
    'AWS::S3::Bucket': bucketMaker(clients),
  };
  await Promise.all(
    stacks.resources.map((resource) => provide(resource).catch((cause: unknown) => refuse(resource, cause))),
  );

  async function provide(resource: Resource): Promise<void> {
    const maker = makers[resource.type];
    if (maker && !(await exists(() => maker.find(resource.name())))) {
      // What was there under this name is gone, and with it the name.
      names.renew(resource.key);
      await maker.create(resource, resource.name());
    }
    if (resource.type === 'AWS::SecretsManager::Secret') {
      stacks.setReference(resource.key, await provideSecret(resource, clients, keys));
    }
  }
}

function refuse({ id, type }: Resource, cause: unknown): never {
  const { name, message } = cause as Error;
  throw new LocalFault(`${id} (${type}) cannot be set up: ${message || name}.`);
}

interface Maker {
  /** Rejects with a "not found" of the service's kind. */
  find(name: string): Promise<unknown>;
  create(resource: Resource, name: string): Promise<void>;
}

async function exists(find: () => Promise<unknown>): Promise<boolean> {
  try {
    await find();
    return true;
  } catch (cause) {
    if (/^(ResourceNotFound|NotFound|NoSuchBucket)/.test((cause as Error).name)) return false;
    throw cause;
  }
}

const CREATE_TABLE_PROPERTIES = [
  'AttributeDefinitions',
  'KeySchema',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'BillingMode',
  'ProvisionedThroughput',
];

function tableMaker({ dynamodb }: AwsClients): Maker {
  const describe = (TableName: string) => dynamodb.send(new DescribeTableCommand({ TableName }));
  return {
    find: describe,
    async create(resource, TableName) {
      const known = Object.entries(resource.properties()).filter(([name]) =>
        CREATE_TABLE_PROPERTIES.includes(name),
      );
      await dynamodb.send(
        new CreateTableCommand({
          ...(Object.fromEntries(known) as object as CreateTableCommandInput),
          TableName,
        }),
      );
      await until(async () => (await describe(TableName)).Table?.TableStatus === 'ACTIVE');
    },
  };
}

const StreamProperties = v.object({
  /** Absent for an on-demand stream, which starts with four. */
  ShardCount: v.optional(v.number(), 4),
  RetentionPeriodHours: v.optional(v.number(), 24),
});

function streamMaker({ kinesis }: AwsClients): Maker {
  const describe = (StreamName: string) => kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return {
    find: describe,
    async create(resource, StreamName) {
      const { ShardCount, RetentionPeriodHours } = v.parse(StreamProperties, resource.properties());
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
      await until(async () => {
        const { StreamDescriptionSummary } = await describe(StreamName);
        return StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
      });
      if (RetentionPeriodHours > 24) {
        await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
      }
    },
  };
}

function bucketMaker({ s3 }: AwsClients): Maker {
  return {
    find: (Bucket) => s3.send(new HeadBucketCommand({ Bucket })),
    create: async (_, Bucket) => void (await s3.send(new CreateBucketCommand({ Bucket }))),
  };
}

const SecretProperties = v.object({
  SecretString: v.optional(v.string()),
  GenerateSecretString: v.optional(GenerateSecretString),
});

/** Resolves to the secret's ARN, by which functions ask for it. */
async function provideSecret(
  resource: Resource,
  { secretsManager }: AwsClients,
  keys: Readonly<Record<string, string>>,
): Promise<string> {
  const Name = resource.name();
  if (!(await exists(() => secretsManager.send(new DescribeSecretCommand({ SecretId: Name }))))) {
    const { SecretString, GenerateSecretString: rule } = v.parse(SecretProperties, resource.properties());
    const value = SecretString ?? generateSecret(rule ?? v.parse(GenerateSecretString, {}));
    await secretsManager.send(new CreateSecretCommand({ Name, SecretString: withLocalKeys(value, keys) }));
  }
  const { ARN = Name, SecretString = '' } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: Name }),
  );
  const wanted = withLocalKeys(SecretString, keys);
  if (wanted !== SecretString) {
    await secretsManager.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: wanted }));
  }
  return ARN;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`not ready within ${READY_WITHIN_MS} ms`);
    await sleep(20);
  }
}
