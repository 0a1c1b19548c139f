import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalFault } from './fault.ts';

export interface LocalOptions {
  /** Holds all state of the run. */
  readonly dir: string;
  /** `dir` is a temporary folder that goes away with the run. */
  readonly ephemeral: boolean;
  /** 0: any free one. */
  readonly port: number;
  /** An already synthesized assembly; absent: synthesize the `dev` stage. */
  readonly assembly?: string;
  /** The run's clock can be moved forward: for drills. */
  readonly movableClock: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line and the environment.
 *
 * @example readOptions(['--ephemeral'], { PORT: '9000' })
 * @throws {LocalFault} on an unknown flag or a port that is none
 */
export function readOptions(args: readonly string[], env: Env): LocalOptions {
  const flags = parseFlags(args);
  const port = Number(env.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new LocalFault(`PORT is "${env.PORT}", but a port is a number from 0 to 65535.`);
  }
  const movableClock = flags['movable-clock'] ?? false;
  const ephemeral = flags.ephemeral ?? false;
  const chosenDir = flags.dir ?? env.CARTWRIGHT_LOCAL_DIR;
  if (movableClock && !ephemeral && chosenDir === undefined) {
    throw new LocalFault(
      'What is received in a day to come makes no sense today: --movable-clock goes with --ephemeral or a folder of its own.',
    );
  }
  return {
    dir: ephemeral ? mkdtempSync(join(tmpdir(), 'cartwright-')) : resolve(chosenDir ?? '.local'),
    ephemeral,
    port,
    movableClock,
    ...(flags.assembly === undefined ? {} : { assembly: resolve(flags.assembly) }),
  };
}

function parseFlags(args: readonly string[]): {
  ephemeral?: boolean;
  dir?: string;
  assembly?: string;
  'movable-clock'?: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ephemeral: { type: 'boolean' },
        dir: { type: 'string' },
        assembly: { type: 'string' },
        'movable-clock': { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new LocalFault(
      `${(cause as Error).message.split('. ')[0]}; known are --ephemeral, --dir FOLDER, --assembly FOLDER and --movable-clock.`,
    );
  }
}
