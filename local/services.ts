import { join } from 'node:path';
import type { Credentials, Endpoints } from './aws-clients.ts';
import type { EmulatorSample } from './emulator-front.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { type HttpServer, listen } from './http-server.ts';
import { objectStore } from './object-store.ts';
import type { LocalOptions } from './options.ts';
import { secretStore } from './secret-store.ts';
import { ACCOUNT_ID } from './stacks.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Services {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  /** Process ids of what was started. */
  pids(): Readonly<Record<string, number>>;
  end(): Promise<void>;
}

/**
 * Starts what the functions need of AWS, each unless a standard variable names one that is there:
 * `AWS_ENDPOINT_URL_DYNAMODB`, `_KINESIS`, `_S3`, `_SECRETS_MANAGER`.
 */
export async function startServices(
  { dir, ephemeral }: LocalOptions,
  env: Env,
  region: string,
  say: (line: string) => void,
  onRestart: () => void,
  onSample: (sample: EmulatorSample) => void,
): Promise<Services> {
  const emulators = new Map<string, Emulator>();
  const servers: HttpServer[] = [];
  const emulator = async (name: string, package_: 'dynalite' | 'kinesalite'): Promise<string> => {
    const common = { dir, ephemeral, region, accountId: ACCOUNT_ID, say, onRestart, onSample };
    const started = await startEmulator({ ...common, name, package: package_ });
    emulators.set(name, started);
    return started.url;
  };
  const server = async (listener: Parameters<typeof listen>[1]): Promise<string> => {
    const started = await listen(0, listener);
    servers.push(started);
    return started.url;
  };
  const end = async (): Promise<void> => {
    await Promise.all([...emulators.values(), ...servers].map((one) => one.end()));
  };

  const started = await Promise.allSettled([
    env.AWS_ENDPOINT_URL_DYNAMODB ?? emulator('dynamodb', 'dynalite'),
    env.AWS_ENDPOINT_URL_KINESIS ?? emulator('kinesis', 'kinesalite'),
    env.AWS_ENDPOINT_URL_S3 ?? server(objectStore(join(dir, 'objects'))),
    env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? server(secretStore(join(dir, 'secrets.json'), region)),
  ]);
  const fault = started.find((one) => one.status === 'rejected');
  if (fault) {
    await end();
    throw fault.reason;
  }
  const [dynamodb = '', kinesis = '', s3 = '', secretsManager = ''] = started.map((one) =>
    one.status === 'fulfilled' ? one.value : '',
  );
  return {
    endpoints: { dynamodb, kinesis, s3, secretsManager },
    credentials: credentialsFor(env),
    pids() {
      const running = [...emulators].map(([name, one]) => [name, one.pid()] as const);
      return Object.fromEntries(running.filter((entry): entry is [string, number] => entry[1] !== undefined));
    },
    end,
  };
}

/** The person's own keys are used only for services that the person has named. */
function credentialsFor(env: Env): Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  const named = Object.keys(env).some((name) => name.startsWith('AWS_ENDPOINT_URL_'));
  return named && accessKeyId && secretAccessKey
    ? { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}) }
    : { accessKeyId: 'local', secretAccessKey: 'local' };
}
