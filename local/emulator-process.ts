import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type EmulatorSample, standBefore } from './emulator-front.ts';

type Create = (options: object) => Server;
const require = createRequire(import.meta.url);
const EMULATORS: Readonly<Record<string, () => Create>> = {
  dynalite: () => require('dynalite') as Create,
  kinesalite: () => require('kinesalite') as Create,
};

/**
 * A process of its own for one emulator: `tsx emulator-process.ts PACKAGE PORT FOLDER [FOLDER TO REMOVE AT THE END]`.
 * It tells its parent the port and ends with it, however the parent ends.
 */
const [name = '', port, path, leftover] = process.argv.slice(2);
const server = EMULATORS[name]!()({
  path,
  createTableMs: 0,
  createStreamMs: 0,
  deleteStreamMs: 0,
  updateStreamMs: 0,
  shardLimit: 1000,
});

/** Samples are told together: often enough for a minute's statistics. */
const TELL_EVERY_MS = 100;
let samples: EmulatorSample[] = [];
standBefore(server, (sample) => {
  if (samples.push(sample) > 1) return;
  setTimeout(() => {
    process.send?.({ samples });
    samples = [];
  }, TELL_EVERY_MS).unref();
});

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  const leave = (): void => {
    // The parent removes its folder itself unless it was killed.
    if (!process.connected && leftover) rmSync(leftover, { recursive: true, force: true });
    process.exit(0);
  };
  server.close(leave);
  server.closeAllConnections();
  setTimeout(leave, 2_000);
}

server.once('error', (cause: NodeJS.ErrnoException) => {
  console.error(cause);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
process.on('message', end);
process.on('disconnect', end);
process.on('SIGTERM', end);
// Ctrl-C reaches the whole process group; the parent says when it is time.
process.on('SIGINT', () => undefined);
