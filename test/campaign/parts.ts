import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { together, type Figures, type Finding, type Row } from './row.ts';

/** What a process is told to try: every so-manieth seed of a row. */
export interface Part {
  readonly row: string;
  readonly runs: number;
  readonly firstSeed: number;
  readonly step: number;
  /** Absent: as long as it takes. */
  readonly limitMs?: number;
}

/**
 * Tries a row in several processes, each with seeds of its own, and adds up what came out. Interrupted (Ctrl-C reaches them
 * too), each ends after the run that it is in and tells what it has.
 */
export async function tryInParts(
  row: Row,
  runs: number,
  { jobs, firstSeed, limitMs }: { jobs: number; firstSeed: number; limitMs: number },
): Promise<Finding & { readonly lastSeed: number }> {
  const startedAt = performance.now();
  const parts = Array.from({ length: Math.min(jobs, runs) }, (_, index): Part => ({
    row: row.name,
    runs: Math.ceil((runs - index) / jobs),
    firstSeed: firstSeed + index,
    step: jobs,
    ...(Number.isFinite(limitMs) && { limitMs }),
  }));
  const figures = await Promise.all(parts.map(tryPart));
  // One that ends early leaves seeds out, which costs nothing.
  const lastSeed = Math.max(...figures.map(({ runs: done }, index) => firstSeed + index + jobs * (done - 1)));
  return { ...together(row, figures, (performance.now() - startedAt) / 1000), lastSeed };
}

function tryPart(part: Part): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('part.ts', import.meta.url)), [JSON.stringify(part)], {
      execArgv: ['--import', 'tsx'],
    });
    child.once('message', (figures) => {
      resolve(figures as Figures);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`a part of “${part.row}” ended with ${code} and told nothing`));
    });
  });
}
