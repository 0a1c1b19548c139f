import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import {
  decisionResponseSchema,
  erasedResponseSchema,
  errorSchema,
  exportResponseSchema,
  ingestionResponseSchema,
  profileResponseSchema,
} from '../../shared/protocol/responses.ts';

export const ROOT = new URL('../..', import.meta.url).pathname;

export interface Reply {
  readonly status: number;
  readonly body: Record<string, any>; // eslint-disable-line typescript/no-explicit-any -- what a test asserts on is what the wire says
}

/** What the document of the API promises for an answer: every answer that a test gets is held to it. */
function schemaFor(path: string, status: number, method = 'GET'): v.GenericSchema {
  if (status !== 200) return errorSchema;
  if (method === 'DELETE') return erasedResponseSchema;
  if (path.endsWith('/export')) return exportResponseSchema;
  if (path === '/v1/decisions') return decisionResponseSchema;
  return path.startsWith('/v1/profiles/') ? profileResponseSchema : ingestionResponseSchema;
}

/** The local run in a process of its own, as a person starts it. */
export interface LocalStack {
  readonly url: string;
  readonly dir: string;
  readonly pids: Readonly<Record<string, number>>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  get(path: string): Promise<Reply>;
  erase(path: string): Promise<Reply>;
  /** Runs `npm run replay` and answers with what it printed. */
  replay(file: string, input?: string): Promise<{ readonly code: number | null; readonly output: string }>;
  /** Runs `npm run cli` and answers with what it printed, by stream. */
  cli(...args: readonly string[]): Promise<CliResult>;
  stop(): Promise<void>;
}

export interface CliResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export const SERVER = { authorization: `Basic ${Buffer.from('sk_local:').toString('base64')}` } as const;
export const BROWSER = { authorization: `Basic ${Buffer.from('wk_local:').toString('base64')}` } as const;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts the local run in a folder of its own and waits until it says that it is ready.
 *
 * @param environment beside this process's own, such as `AWS_ENDPOINT_URL_DYNAMODB`
 * @param flags of the command line, such as `--assembly`
 */
export async function startLocalStack(
  environment: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<LocalStack> {
  const dir = mkdtempSync(join(tmpdir(), 'cartwright-e2e-'));
  const port = await freePort();
  const env = { ...process.env, ...environment, PORT: String(port), CARTWRIGHT_LOCAL_DIR: dir };
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/start.ts', ...flags], {
    cwd: ROOT,
    env,
  });
  await readyLine(child);
  const url = `http://127.0.0.1:${port}`;
  const { pids } = JSON.parse(readFileSync(join(dir, 'endpoints.json'), 'utf8')) as {
    pids: Record<string, number>;
  };

  const request = async (path: string, init: RequestInit): Promise<Reply> => {
    const reply = await fetch(url + path, init);
    const body = (await reply.json()) as Reply['body'];
    v.parse(schemaFor(path, reply.status, init.method), body);
    return { status: reply.status, body };
  };
  return {
    url,
    dir,
    pids,
    post: (path, body, headers = SERVER) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path) => request(path, { headers: SERVER }),
    erase: (path) => request(path, { method: 'DELETE', headers: SERVER }),
    replay: (file, input) => runReplay(file, url, env, input),
    cli: (...args) => runCli(args, env),
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function readyLine(child: ChildProcess): Promise<void> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (/^ready http/m.test(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the local run ended with ${code}: ${output}`)));
  });
}

async function runReplay(file: string, url: string, env: NodeJS.ProcessEnv, input?: string) {
  const child = spawn(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'local/replay.ts', file, '--url', url],
    { cwd: ROOT, env },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.resume();
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, output: output.trim() };
}

async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliResult> {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/cli.ts', ...args], {
    cwd: ROOT,
    env,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: output.trim(), errors: errors.trim() };
}

/** Asks again until the answer is as wanted; what is eventually so has no better question. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  withinMs = 15_000,
): Promise<Value> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (isWanted(value) || Date.now() > giveUpAt) return value;
    await sleep(50);
  }
}
