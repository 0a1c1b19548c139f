import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TableCounts } from './counted-requests.ts';

export interface CountedDynalite {
  /** What comes this way is counted … */
  readonly url: string;
  /** … and what comes this way is not, and must not write. */
  readonly uncountedUrl: string;
  readonly pid: number;
  /** By table, since the start. */
  counts(): Promise<Readonly<Record<string, TableCounts>>>;
  /** Bytes of every item of a table, by sort key. */
  sizes(table: string): Promise<Readonly<Record<string, readonly number[]>>>;
  end(): Promise<void>;
}

/** Starts an empty dynalite in a process of its own, with everything that it is asked for counted. */
export async function startCountedDynalite(): Promise<CountedDynalite> {
  const child = fork(fileURLToPath(new URL('counted-dynalite-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const answer = async <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`dynalite ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message as Answer);
      });
    });
  const { counted, uncounted } = await answer<{ readonly counted: string; readonly uncounted: string }>();
  return {
    url: counted,
    uncountedUrl: uncounted,
    pid: child.pid ?? 0,
    async counts() {
      child.send({ ask: 'counts' });
      return answer();
    },
    async sizes(table) {
      child.send({ ask: 'sizes', table });
      return answer();
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await gone;
    },
  };
}
