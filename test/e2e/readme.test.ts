import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { ROOT } from './local-stack.ts';

/** A fenced block of README that is a command, and the block after it, which shows what it printed. */
interface Shown {
  readonly command: string;
  readonly output: string;
}

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...README.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const shown = blocks.flatMap(({ language, text }, index): readonly Shown[] => {
  const next = blocks[index + 1];
  return language === 'sh' && next !== undefined && next.language !== 'sh'
    ? [{ command: text, output: next.text }]
    : [];
});
const [start, purchase, decision, replay, audit] = shown;

/** The ids and times that differ from run to run. */
const VOLATILE = new Set(['decisionId', 'asOf', 'lagMs']);
const settled = (json: string): unknown =>
  JSON.parse(json, (name, value: unknown) => (VOLATILE.has(name) ? `(${name})` : value));

let folder: string;
let stack: ChildProcess;
let printed = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cartwright-readme-'));
  const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .stdout.trim()
    .split('\n');
  for (const file of files) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
});
afterAll(async () => {
  if (stack?.exitCode === null) {
    process.kill(-(stack.pid ?? 0), 'SIGINT');
    await new Promise((resolve) => stack.once('exit', resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => {
  const { CARTWRIGHT_LOCAL_DIR: _dir, PORT: _port, ...env } = process.env;
  return env;
};
const run = (command = '') => {
  const { stdout, stderr, status } = spawnSync('bash', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
  });
  return { stdout, stderr, status };
};

describe("README's first screen, command by command, in a fresh copy", () => {
  test('installs and starts the stack', async () => {
    stack = spawn('bash', ['-c', start?.command ?? ''], { cwd: folder, env: environment(), detached: true });
    stack.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    stack.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      stack.stdout?.on('data', () => /^ready /m.test(printed) && resolve());
      stack.once('exit', () => reject(new Error(`it ended: ${printed}`)));
    });

    expect(printed.split('\n')).toContain(start?.output.trim());
    // What npm itself says of the machine's own settings is not ours; what libraries say would be.
    const afterInstall = printed.slice(printed.indexOf('tsx local/start.ts') + 'tsx local/start.ts'.length);
    expect(afterInstall.trim()).toBe(start?.output.trim());
  }, 240_000);

  test('takes the purchase', () => {
    const { stdout, stderr } = run(purchase?.command);
    expect(settled(stdout)).toEqual(settled(purchase?.output ?? ''));
    expect(stderr).toBe('');
  });

  test("decides that person's checkout, as shown", () => {
    const { stdout, stderr } = run(decision?.command);
    expect(settled(stdout)).toEqual(settled(decision?.output ?? ''));
    expect(stderr).toBe('');
  });

  test('replays the shipped events without a gap, as shown', () => {
    const { stdout, status } = run(replay?.command);
    expect(stdout).toBe(replay?.output);
    expect(status).toBe(0);
  }, 60_000);

  test('accounts for all of it when asked, as shown', () => {
    const { stdout, status } = run(audit?.command);
    expect(stdout).toBe(audit?.output);
    expect(status).toBe(0);
  }, 60_000);

  test('every file that it links to is there', () => {
    const links = [...README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(10);
    for (const target of links)
      expect(spawnSync('test', ['-e', join(folder, target)]).status === 0 ? '' : target).toBe('');
  });
});
