import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StubReplies } from './dynamodb-stub-process.ts';
import { NATIVE, PROFILES, queryReply, REGIONS, SUBJECT_SECRET, type LeanShopper } from './lean-shop.ts';

export interface LeanStub {
  /** What a function of the bench finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  end(): void;
}

/** Starts the stub with what both designs store of the shoppers. */
export async function startLeanStub(shoppers: readonly LeanShopper[]): Promise<LeanStub> {
  const child: ChildProcess = fork(fileURLToPath(new URL('dynamodb-stub-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const replies: StubReplies = {
    queries: {
      [PROFILES]: Object.fromEntries(shoppers.map(({ key, items }) => [key, queryReply(items)])),
      [NATIVE]: Object.fromEntries(
        shoppers.map(({ nativeKey, nativeItems }) => [nativeKey, queryReply(nativeItems)]),
      ),
    },
    secrets: {
      'lean-api-keys': JSON.stringify({ writeKey: 'wk_lean', secretKey: 'sk_lean' }),
      'lean-subject': JSON.stringify({ subjectSecret: SUBJECT_SECRET }),
      'lean-identity': JSON.stringify({ identitySecret: 'lean-identity-secret' }),
    },
  };
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the stub ended with ${code}`)));
    child.once('message', (message) => resolve(Number(message)));
    child.send(replies);
  });
  return {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'lean',
      AWS_SECRET_ACCESS_KEY: 'lean',
      AWS_LAMBDA_FUNCTION_NAME: 'lean',
      POWERTOOLS_SERVICE_NAME: 'lean',
      POWERTOOLS_METRICS_NAMESPACE: 'Lean',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      STAGE: 'dev',
      TRACE_SAMPLE_RATE: '0',
      DECISION_DEADLINE_MS: '5000',
      PROFILES_TABLE: PROFILES,
      REGIONS_TABLE: REGIONS,
      NATIVE_TABLE: NATIVE,
      API_KEYS_SECRET: 'lean-api-keys',
      SUBJECT_SECRET: 'lean-subject',
      IDENTITY_SECRET: 'lean-identity',
      LEAN_SECRET_KEY: 'sk_lean',
    },
    end: () => child.disconnect(),
  };
}
