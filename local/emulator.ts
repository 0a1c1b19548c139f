import { type ChildProcess, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EmulatorSample } from './emulator-front.ts';
import { LocalFault } from './fault.ts';

const RESTART_AFTER_MS = 5_000;
const FIRST_TRIES = 20;

export interface Emulator {
  readonly url: string;
  /** Changes when the emulator had to be started again. */
  readonly pid: () => number | undefined;
  end(): Promise<void>;
}

export interface EmulatorOptions {
  /** As it is called in messages, and its folder's name. */
  readonly name: string;
  readonly package: 'dynalite' | 'kinesalite';
  readonly dir: string;
  /** Whether `dir` goes away when this process is killed. */
  readonly ephemeral: boolean;
  readonly region: string;
  readonly accountId: string;
  readonly say: (line: string) => void;
  /** Called whenever the process is a new one. */
  readonly onRestart: () => void;
  /** What AWS would have measured of the requests. */
  readonly onSample?: (sample: EmulatorSample) => void;
}

/**
 * Starts an emulator in a process of its own, its data under `dir`, and starts it again on the same port when it
 * ends by itself.
 *
 * @throws {LocalFault} if it does not come up at all
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { name, dir, say } = options;
  const log = openSync(join(dir, 'logs', `${name}.log`), 'w');
  let ending = false;
  let child: ChildProcess | undefined;

  const launch = async (port: number): Promise<number | undefined> => {
    const process_ = fork(
      fileURLToPath(new URL('emulator-process.ts', import.meta.url)),
      [options.package, String(port), join(dir, name), options.ephemeral ? dir : ''],
      {
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...process.env, AWS_REGION: options.region, AWS_ACCOUNT_ID: options.accountId },
      },
    );
    child = process_;
    process_.on('message', (message) => {
      const { samples = [] } = message as { samples?: readonly EmulatorSample[] };
      samples.forEach((sample) => options.onSample?.(sample));
    });
    return new Promise((resolve) => {
      process_.once('message', (message) => resolve((message as { port: number }).port));
      process_.once('exit', () => resolve(undefined));
      process_.once('error', () => resolve(undefined));
    });
  };

  const watch = (port: number): void => {
    child?.once('exit', () => {
      if (ending) return;
      say(`${name} has ended; it is started again in ${RESTART_AFTER_MS / 1000} s.`);
      void restart(port);
    });
  };

  const restart = async (port: number): Promise<void> => {
    await sleep(RESTART_AFTER_MS, undefined, { ref: false });
    if (ending) return;
    if ((await launch(port)) === undefined) {
      if (!ending) void restart(port);
      return;
    }
    say(`${name} is back.`);
    watch(port);
    options.onRestart();
  };

  // The emulator of a run that was just killed may still hold the data for a moment.
  let port: number | undefined;
  for (let tries = 0; port === undefined && tries < FIRST_TRIES; tries++) {
    if (tries > 0) await sleep(250);
    port = await launch(0);
  }
  if (port === undefined)
    throw new LocalFault(`${name} does not start; see ${join(dir, 'logs', `${name}.log`)}.`);
  watch(port);

  return {
    url: `http://127.0.0.1:${port}`,
    pid: () => child?.pid,
    async end() {
      ending = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      if (child.connected) child.send('end');
      const patience = setTimeout(() => child?.kill('SIGKILL'), 3_000);
      await gone;
      clearTimeout(patience);
    },
  };
}
