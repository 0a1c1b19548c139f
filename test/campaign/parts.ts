import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RUN_LIMIT_MS, together, violationOf, type Figures, type Finding, type Row } from './row.ts';

/** What a process is told to try: every so-manieth seed of a row. */
export interface Part {
  readonly row: string;
  /** Address of the module whose `ROWS` it is one of. */
  readonly rows: string;
  readonly runs: number;
  readonly firstSeed: number;
  readonly step: number;
  /** Absent: as long as it takes. */
  readonly limitMs?: number;
  readonly runLimitMs: number;
}

/** What a process tells: the run that it begins; in the end what came out of all. */
export type Told = { readonly seed: number } | { readonly figures: Figures };

export interface PartsOptions {
  readonly jobs: number;
  readonly firstSeed: number;
  /** ms */
  readonly limitMs: number;
  /** ms that one run may take. Default: {@link RUN_LIMIT_MS}. */
  readonly runLimitMs?: number;
  /** ms without a word after which a process is killed. Default: a minute more than a run may take. */
  readonly silenceMs?: number;
  /** Default: the campaign's. */
  readonly rows?: URL;
}

const GRACE_MS = 60_000;

/**
 * Tries a row in several processes, each with seeds of its own, and adds up what came out. Interrupted (Ctrl-C reaches them
 * too), each ends after the run that it is in and tells what it has. A process that dies, or that must be killed since it says
 * nothing any more (it is in a loop without end), takes along what it had counted, but its last seed is a violation.
 *
 * @throws {Error} if a process dies before its first run
 */
export async function tryInParts(
  row: Row,
  runs: number,
  {
    jobs,
    firstSeed,
    limitMs,
    runLimitMs = RUN_LIMIT_MS,
    silenceMs = runLimitMs + GRACE_MS,
    rows = new URL('rows.ts', import.meta.url),
  }: PartsOptions,
): Promise<Finding & { readonly lastSeed: number }> {
  const startedAt = performance.now();
  const parts = Array.from({ length: Math.min(jobs, runs) }, (_, index): Part => ({
    row: row.name,
    rows: rows.href,
    runs: Math.ceil((runs - index) / jobs),
    firstSeed: firstSeed + index,
    step: jobs,
    ...(Number.isFinite(limitMs) && { limitMs }),
    runLimitMs,
  }));
  const figures = await Promise.all(parts.map((part) => tryPart(part, silenceMs)));
  // One that ends early leaves seeds out, which costs nothing.
  const lastSeed = Math.max(...figures.map(({ runs: done }, index) => firstSeed + index + jobs * (done - 1)));
  return { ...together(row, figures, (performance.now() - startedAt) / 1000), lastSeed };
}

async function tryPart(part: Part, silenceMs: number): Promise<Figures> {
  const child = fork(fileURLToPath(new URL('part.ts', import.meta.url)), [JSON.stringify(part)], {
    execArgv: ['--import', 'tsx'],
  });
  const heard: { seed?: number; figures?: Figures; isSilent: boolean } = { isSilent: false };
  const silence = setTimeout(() => {
    heard.isSilent = true;
    // In a loop without end it hears of no gentler signal.
    child.kill('SIGKILL');
  }, silenceMs);
  child.on('message', (told: Told) => {
    silence.refresh();
    Object.assign(heard, told);
  });
  try {
    const how = await ended(child);
    if (heard.figures !== undefined) return heard.figures;
    const { seed } = heard;
    const end = heard.isSilent
      ? `said nothing for ${silenceMs / 1000} s and was killed`
      : `ended with ${how}`;
    if (seed === undefined) throw new Error(`a part of “${part.row}” ${end} before its first run`);
    return {
      runs: (seed - part.firstSeed) / part.step + 1,
      counts: {},
      most: {},
      samples: {},
      seconds: 0,
      violations: [violationOf(part.row, seed, `its process ${end}`)],
    };
  } finally {
    clearTimeout(silence);
  }
}

/** Waits until it is gone and all that it said is heard. @returns its exit code, or the signal that ended it */
async function ended(child: ChildProcess): Promise<string> {
  const [[code, signal]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  return String(code ?? signal);
}
