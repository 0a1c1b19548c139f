import {
  BatchGetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  type SecretValueEntry,
} from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { timedRequests } from '../aws/timed-requests.ts';

const REQUEST_TIMEOUT_MS = 2_000;

const secretText = v.pipe(v.string(), v.nonEmpty());
const SECRETS = {
  apiKeys: v.object({ writeKey: secretText, secretKey: secretText }),
  identity: v.object({ identitySecret: secretText }),
  subject: v.object({ subjectSecret: secretText }),
};

type SecretName = keyof typeof SECRETS;
/** ARNs (or names) of the secrets a function has; it asks for no other. */
export type SecretArns = Readonly<Partial<Record<SecretName, string>>>;
export type Keys<Arns extends SecretArns> = {
  readonly [Name in keyof Arns & SecretName]: Readonly<v.InferOutput<(typeof SECRETS)[Name]>>;
};

/** A secret that is missing, out of reach or not what it should be. Its message never holds a value. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  readonly code = 'keys_unavailable';
}

/**
 * Reads the stage's secrets with one call, checked. For the cold start: a function without its keys cannot serve.
 * Rejects with {@link KeysUnavailable}.
 *
 * @example
 * const { apiKeys, subject } = await loadKeys({ apiKeys: 'arn:…', subject: 'arn:…' });
 */
export async function loadKeys<Arns extends SecretArns>(
  arns: Arns,
  client: SecretsManagerClient = secretsClient(),
): Promise<Keys<Arns>> {
  const wanted = Object.entries(arns) as [SecretName, string][];
  const entries = await readSecrets(
    wanted.map(([, arn]) => arn),
    client,
  );
  const keys = wanted.map(([name, arn]) => [name, parseSecret(name, arn, entries)]);
  return Object.fromEntries(keys) as Keys<Arns>;
}

async function readSecrets(
  arns: string[],
  client: SecretsManagerClient,
): Promise<readonly SecretValueEntry[]> {
  try {
    const reply = await client.send(new BatchGetSecretValueCommand({ SecretIdList: arns }));
    const [error] = reply.Errors ?? [];
    if (error) throw new KeysUnavailable(`a secret cannot be read: ${error.ErrorCode}`);
    return reply.SecretValues ?? [];
  } catch (cause) {
    if (cause instanceof KeysUnavailable) throw cause;
    const name = cause instanceof Error ? cause.name : 'unknown error';
    throw new KeysUnavailable(`the secrets cannot be read: ${name}`, { cause });
  }
}

function parseSecret(name: SecretName, arn: string, entries: readonly SecretValueEntry[]): unknown {
  const entry = entries.find(({ ARN, Name }) => ARN === arn || Name === arn);
  if (!entry) throw new KeysUnavailable(`the secret ${name} is missing from the answer`);
  const parsed = v.safeParse(SECRETS[name], parseJson(entry.SecretString));
  if (parsed.success) return parsed.output;
  // Issues of the schema quote what they found; only their paths are safe to show.
  const paths = parsed.issues.map((issue) => v.getDotPath(issue) ?? '(the whole)').join(', ');
  throw new KeysUnavailable(`the secret ${name} is not what it should be at: ${paths}`);
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

/** A Secrets Manager client with time-outs. */
export function secretsClient(config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  return new SecretsManagerClient({
    requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: 4 }),
    ...config,
  });
}
