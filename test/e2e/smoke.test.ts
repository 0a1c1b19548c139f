import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { memoryStage } from '../memory-stage.ts';
import { freePort, ROOT, startLocalStack, type LocalStack } from './local-stack.ts';

interface Endpoints {
  readonly profilesTable: string;
  readonly streams: { readonly critical: string; readonly bulk: string };
  readonly quarantineBucket: string;
  readonly apiKeysSecret: string;
  readonly secretsManager: string;
  readonly region: string;
}

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function smoke(...args: readonly string[]): Promise<Run> {
  return smokeIn({}, ...args);
}

async function smokeIn(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Run> {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/smoke.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, errors };
}

describe('the smoke test of a stack that is up', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await startLocalStack();
  }, 120_000);
  afterAll(() => stack.stop());

  test('goes from an event to its decision and leaves only its test subject behind', async () => {
    const { code, output, errors } = await smoke(`${stack.url}/`);

    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [sent = '', ...seen] = output.trim().split('\n');
    expect(sent).toMatch(/^ok +\d+ ms {2}send an event: accepted for u:smoke-test-[0-9a-f-]{36}$/);
    expect(seen).toEqual([
      expect.stringMatching(/^ok +\d+ ms {2}see it in the profile: smoke_test_method used once$/),
      expect.stringMatching(/^ok +\d+ ms {2}get a personal decision: smoke_test_method first, \d+ ms after/),
      expect.stringMatching(/^all is well, in \d+ ms$/),
    ]);
    const [subject = ''] = /u:smoke-test-\S+/.exec(sent) ?? [];
    const { body } = await stack.get(`/v1/profiles/${encodeURIComponent(subject)}`);
    expect(body).toMatchObject({ exists: true, orders: { count: 0 } });
  });

  test('finds a deployed stage, and its key, by what the deploy has put out', async () => {
    const endpoints = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as Endpoints;
    const outputs = join(stack.dir, 'outputs.json');
    const { profilesTable, streams, quarantineBucket, apiKeysSecret, secretsManager, region } = endpoints;
    const state = {
      ProfilesTable: profilesTable,
      CriticalStream: streams.critical,
      BulkStream: streams.bulk,
      QuarantineBucket: quarantineBucket,
      ApiKeysSecret: apiKeysSecret,
    };
    writeFileSync(outputs, JSON.stringify({ State: state, Service: { ApiUrl: `${stack.url}/` } }));
    const aws = {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      CARTWRIGHT_SECRET_KEY: 'sk_of_another_stage',
    };
    const { code, output, errors } = await smokeIn(aws, '--outputs', outputs);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^all is well/m);
  });

  test('with a wrong key fails at its first step, and does not show the key', async () => {
    const { code, output, errors } = await smoke(stack.url, '--secret-key', 'sk_wrong');
    expect(code).toBe(1);
    expect(output).toBe('');
    expect(errors).toMatch(/^failed at "send an event": answered 401: /);
    expect(errors).not.toContain('sk_wrong');
  });
});

describe('the smoke test of a stack that is not well', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  test('fails at the event where nobody answers', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, errors } = await smoke(url);
    expect(code).toBe(1);
    expect(errors).toBe(`failed at "send an event": nobody answers at ${url}\n`);
  });

  test('fails at the profile where events are taken and never folded', async () => {
    const { body: unknown } = await memoryStage().profile('u:nobody');
    server = createServer((request, reply) => {
      reply.end(JSON.stringify(request.method === 'POST' ? { success: true } : unknown));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const { code, output, errors } = await smoke(url, '--within', '1');

    expect(code).toBe(1);
    expect(output).toMatch(/^ok +\d+ ms {2}send an event: .*\n$/);
    expect(errors).toBe(
      'failed at "see it in the profile": the profile says that smoke_test_method was used 0 times, not once, after 1000 ms\n',
    );
  });
});
