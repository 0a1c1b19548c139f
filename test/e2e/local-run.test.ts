import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'cartwright-run-'));
/** The folder of the first run: it synthesizes, and the others use its assembly and its data. */
const home = join(base, 'home');
const assembly = join(home, 'cdk.out');
const CHECKOUT = {
  payment: [
    { id: 'credit_card', kind: 'card' },
    { id: 'boleto', kind: 'voucher' },
  ],
};
const running = new Set<Run>();

interface Endpoints {
  readonly api: string;
  readonly dynamodb: string;
  readonly pids: Readonly<Record<string, number>>;
}

interface Status {
  readonly metrics: readonly { readonly name: string; readonly max: number }[];
  readonly alarms: readonly object[];
  readonly eventSources: readonly object[];
}

interface Run {
  readonly child: ChildProcess;
  readonly dir: string;
  /** Resolves to the API's URL. */
  readonly ready: Promise<string>;
  readonly exit: Promise<number | null>;
  out(): string;
  err(): string;
}

/** Starts a run as a shell does: a process group of its own. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, dir = join(base, 'other')): Run {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/start.ts', ...args], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', PORT: '0', CARTWRIGHT_LOCAL_DIR: dir, ...env },
  });
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const url = /^ready (\S+)$/m.exec(out)?.[1];
      if (url) resolve(url);
    });
    void exit.then((code) => reject(new Error(`ended with ${code}: ${out}${err}`)));
  });
  ready.catch(() => undefined);
  const started: Run = { child, dir, ready, exit, out: () => out, err: () => err };
  running.add(started);
  return started;
}

/** What Ctrl-C does: the signal reaches the whole group. */
async function interrupt(one: Run): Promise<number | null> {
  process.kill(-one.child.pid!, 'SIGINT');
  return one.exit;
}

function endpoints(dir: string): Endpoints {
  return JSON.parse(readFileSync(join(dir, 'endpoints.json'), 'utf8')) as Endpoints;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error('waited in vain');
    await sleep(50);
  }
}

interface Reply {
  readonly status: number;
  readonly body: { readonly source?: string; readonly success?: boolean };
}

const asServer = { authorization: `Basic ${Buffer.from('sk_local:').toString('base64')}` };
async function post(url: string, path: string, body: object): Promise<Reply> {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asServer },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Reply['body'] };
}
const decide = (url: string) => post(url, '/v1/decisions', { userId: 'ann', checkout: CHECKOUT });

let first: Run;
beforeAll(async () => {
  first = run([], {}, home);
  await first.ready;
}, 120_000);
afterAll(async () => {
  for (const { child, exit } of running) {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await exit;
  }
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
}, 30_000);

describe('the local run', () => {
  it('says one thing when all is up, and serves', async () => {
    const url = await first.ready;
    expect(first.out()).toBe(`ready ${url}\n`);
    expect(first.err()).toBe('');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await decide(url)).status).toBe(200);
    expect((await fetch(`${url}/no/such/route`)).status).toBe(404);
  });

  it('writes down where everything is', () => {
    expect(endpoints(home)).toEqual({
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      auditFunction: expect.stringMatching(/^ProfileAudit/),
      dynamodb: expect.stringMatching(/^http:/),
      kinesis: expect.stringMatching(/^http:/),
      lambda: expect.stringMatching(/^http:/),
      s3: expect.stringMatching(/^http:/),
      secretsManager: expect.stringMatching(/^http:/),
      region: expect.any(String),
      pids: { runner: expect.any(Number), dynamodb: expect.any(Number), kinesis: expect.any(Number) },
      profilesTable: expect.stringMatching(/^ProfilesTable/),
      suppressionsTable: expect.stringMatching(/^SuppressionsTable/),
      streams: {
        critical: expect.stringMatching(/^CriticalStream/),
        bulk: expect.stringMatching(/^BulkStream/),
      },
      quarantineBucket: expect.stringMatching(/^quarantinebucket/),
      subjectSecret: expect.any(String),
      apiKeysSecret: expect.any(String),
    });
  });

  it('carries an event to the profile, and counts it', async () => {
    const url = await first.ready;
    const bought = await post(url, '/v1/track', {
      userId: 'ann',
      event: 'Order Completed',
      properties: { order_id: 'o-1', total: 10, currency: 'BRL', payment_method: 'boleto' },
    });
    expect(bought).toEqual({ status: 200, body: { success: true } });
    await until(async () => (await decide(url)).body.source === 'personalized');
    const status = (await (await fetch(`${url}/_local/status`)).json()) as Status;
    const metric = (name: string) => status.metrics.find((one) => one.name === name);
    expect(metric('EventsAccepted')).toMatchObject({
      namespace: 'Cartwright',
      sum: 1,
      dimensions: { Lane: 'critical' },
    });
    expect(metric('SyncLag')?.max).toBeLessThan(5_000);
    expect(status.alarms).not.toHaveLength(0);
    expect(status.eventSources).toHaveLength(3);
    expect(status.eventSources[0]).toMatchObject({ idle: true, pending: 0, failures: 0 });
  });

  it('draws the dashboard of the template from what was measured, and names the alarms that it lists', async () => {
    const url = await first.ready;
    const { dashboards } = (await (await fetch(`${url}/_local/dashboard?minutes=5`)).json()) as {
      dashboards: readonly {
        widgets: readonly {
          title?: string;
          alarms?: readonly string[];
          lines?: readonly { label: string; points: readonly [number, number][] }[];
        }[];
      }[];
    };
    const widgets = dashboards.flatMap((dashboard) => dashboard.widgets);
    const events = widgets.find(({ title }) => title === 'Events, critical lane');
    const accepted = events?.lines?.find(({ label }) => label === 'accepted')?.points ?? [];
    expect(accepted.reduce((sum, [, value]) => sum + value, 0)).toBe(1);

    const { alarms } = (await (await fetch(`${url}/_local/alarms`)).json()) as {
      alarms: readonly { physicalName: string; state: string; kind: string; description: string }[];
    };
    const [listed = []] = widgets.flatMap((widget) => (widget.alarms ? [widget.alarms] : []));
    expect([...listed].sort()).toEqual(alarms.map(({ physicalName }) => physicalName).sort());
    expect(alarms.filter(({ kind }) => kind === 'composite')).toHaveLength(1);
  });

  it('has a clock that nobody can move unless it was started so', async () => {
    const url = await first.ready;
    const reply = await fetch(`${url}/_local/clock`, { method: 'POST', body: '{"advanceSeconds":60}' });
    expect(reply.status).toBe(404);
    const { now } = (await (await fetch(`${url}/_local/alarms`)).json()) as { now: number };
    expect(Math.abs(now - Date.now())).toBeLessThan(5_000);
  });

  it('answers a preflight from the template’s list of origins', async () => {
    const url = await first.ready;
    const preflight = (origin: string) =>
      fetch(`${url}/v1/batch`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('http://localhost:8787');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'http://localhost:8787',
    ]);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('refuses more than the gateway takes', async () => {
    const url = await first.ready;
    const reply = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      body: Buffer.alloc(10 * 1024 * 1024 + 1),
    });
    expect([reply.status, await reply.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  });

  it('survives its stores: defaults while the table is away, personalized again without a restart', async () => {
    const url = await first.ready;
    process.kill(endpoints(home).pids.dynamodb!, 'SIGKILL');
    await until(async () => (await decide(url)).body.source === 'default');
    await until(async () => (await decide(url)).body.source === 'personalized');
    expect(first.out()).toMatch(/^dynamodb has ended; it is started again in 5 s\.$/m);
    const { pids } = endpoints(home);
    expect(isRunning(pids.dynamodb!)).toBe(true);

    process.kill(pids.dynamodb!, 'SIGSTOP');
    expect(await decide(url)).toMatchObject({ status: 200, body: { source: 'default' } });
    process.kill(pids.dynamodb!, 'SIGCONT');
    await until(async () => (await decide(url)).body.source === 'personalized');
  });

  it('one folder takes one run: the second says so and goes', async () => {
    const second = run(['--assembly', assembly], {}, home);
    expect(await second.exit).toBe(1);
    expect(second.out()).toBe('');
    expect(second.err()).toBe(
      `Another run (process ${endpoints(home).pids.runner}) is using ${home}: stop it, or choose another folder with --dir or CARTWRIGHT_LOCAL_DIR.\n`,
    );
  });

  it('a port that is taken: one sentence', async () => {
    const { port } = new URL(await first.ready);
    const second = run(['--assembly', assembly], { PORT: port });
    expect(await second.exit).toBe(1);
    expect(second.err()).toBe(`Port ${port} is taken: stop what uses it, or choose another with PORT.\n`);
    expect(second.out()).toBe('');
  });

  it('a resource that it cannot honour: one sentence that names it', async () => {
    const odd = join(base, 'odd');
    cpSync(assembly, odd, { recursive: true });
    const file = join(
      odd,
      readdirSync(odd).find((name) => name.endsWith('Service.template.json'))!,
    );
    const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, object> };
    template.Resources.Jobs = { Type: 'AWS::SQS::Queue', Properties: {} };
    writeFileSync(file, JSON.stringify(template));
    const refused = run(['--assembly', odd]);
    expect(await refused.exit).toBe(1);
    expect(refused.err()).toBe(
      'The local run cannot honour the resource Jobs of type AWS::SQS::Queue: run it in the cloud, or teach local/ this type.\n',
    );
    expect(refused.out()).toBe('');
  });

  it('a stack that does not synthesize: one sentence with the cause', async () => {
    const bin = join(base, 'bin');
    cpSync(process.execPath, join(bin, 'node'));
    // Without the package manager the functions cannot be bundled.
    const failing = run([], { PATH: bin });
    expect(await failing.exit).toBe(1);
    expect(failing.err()).toMatch(/^The stack does not synthesize: .*bundle.*\(all of it: .*synth\.log\)\n$/);
    expect(failing.out()).toBe('');
  }, 60_000);

  it('a function’s worker that dies fails its own request; the next is served', async () => {
    const deadly = join(base, 'deadly');
    cpSync(assembly, deadly, { recursive: true });
    for (const asset of readdirSync(deadly).filter((name) => name.startsWith('asset.'))) {
      writeFileSync(
        join(deadly, asset, 'index.mjs'),
        `export const handler = async (event) => {
          if (event.rawPath === '/die') process.exit(1);
          return { statusCode: 200, body: event.rawPath };
        };`,
      );
    }
    const one = run(['--assembly', deadly, '--ephemeral']);
    const url = await one.ready;
    const died = await fetch(`${url}/die`);
    expect([died.status, await died.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    const replies = await Promise.all(['/a', '/b'].map((path) => fetch(url + path)));
    expect(await Promise.all(replies.map((reply) => reply.text()))).toEqual(['/a', '/b']);
    expect(await interrupt(one)).toBe(0);
  }, 60_000);

  it('uses a service that a standard variable names, and starts none of its own', async () => {
    const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
    const mine = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve) => mine.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(mine.address() as AddressInfo).port}`;
    const other = run(['--assembly', assembly], { AWS_ENDPOINT_URL_DYNAMODB: url });
    await other.ready;
    expect(endpoints(other.dir).dynamodb).toBe(url);
    expect(Object.keys(endpoints(other.dir).pids).sort()).toEqual(['kinesis', 'runner']);
    expect(await interrupt(other)).toBe(0);
    mine.close();
    mine.closeAllConnections();
  }, 60_000);

  it('Ctrl-C leaves nothing running, and the next start finds the data', async () => {
    const { pids } = endpoints(home);
    expect(await interrupt(first)).toBe(0);
    expect(Object.values(pids).filter(isRunning)).toEqual([]);
    expect(existsSync(join(home, 'endpoints.json'))).toBe(false);
    expect(first.err()).toBe('');

    first = run(['--assembly', assembly], {}, home);
    expect((await decide(await first.ready)).body.source).toBe('personalized');
  }, 60_000);

  it('killed without warning, nothing stays, and the next start finds the data', async () => {
    const { pids } = endpoints(home);
    process.kill(pids.runner!, 'SIGKILL');
    await until(() => !Object.values(pids).some(isRunning));
    first = run(['--assembly', assembly], {}, home);
    expect((await decide(await first.ready)).body.source).toBe('personalized');

    const again = endpoints(home).pids;
    first.child.kill('SIGKILL');
    await until(() => !Object.values(again).some(isRunning));
  }, 60_000);

  it.each([['SIGINT'], ['SIGKILL']] as const)(
    'an ephemeral run that ends by %s leaves no file',
    async (signal) => {
      const temporary = mkdtempSync(join(base, 'tmp-'));
      const one = run(['--assembly', assembly, '--ephemeral'], { TMPDIR: temporary });
      await one.ready;
      const ours = () => readdirSync(temporary).filter((name) => name.startsWith('cartwright-'));
      expect(ours()).toHaveLength(1);
      const { pids } = endpoints(join(temporary, ours()[0]!));
      process.kill(pids.runner!, signal);
      await until(() => ours().length === 0 && !Object.values(pids).some(isRunning));
    },
    60_000,
  );
});
