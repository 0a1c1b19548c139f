/** What one run came to. */
export interface Trial {
  /** What was done, by what it is called in the figures: `{ schedules: 1, invocations: 31 }`. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was measured, of which the most over all runs is told. */
  readonly most?: Readonly<Record<string, number>>;
  /** What was measured, of which percentiles over all runs are told. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  /** What must not be and is; empty: all is well. */
  readonly violations: readonly string[];
}

/** How much of it the campaign is to come to, by what it is called in the figures: `{ atLeast: 100_000, of: 'events' }`. */
export interface Aim {
  readonly atLeast: number;
  readonly of: string;
}

/** A row that is ready to run; whoever opened it closes it. */
export interface OpenRow {
  /** @param seed the same seed is the same run */
  run(seed: number): Promise<Trial>;
  close(): Promise<void>;
}

/** One kind of input and fault, and what must hold. */
export interface Row {
  readonly name: string;
  readonly input: string;
  readonly holds: string;
  /** Absent: whatever the time allows. */
  readonly aim?: Aim;
  /** Runs in `npm test`, and in `npm run campaign -- --long`. */
  readonly runs: { readonly short: number; readonly long: number };
  open(): Promise<OpenRow>;
}

/** A row that needs nothing but its seed. */
export function pureRow(row: Omit<Row, 'open'> & { readonly run: OpenRow['run'] }): Row {
  const { run, ...rest } = row;
  return { ...rest, open: () => Promise.resolve({ run, close: () => Promise.resolve() }) };
}

/** What many runs came to. */
export interface Figures {
  readonly runs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly most: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, readonly number[]>>;
  readonly seconds: number;
  /** At most {@link ENOUGH}, each with the seed that makes it again. */
  readonly violations: readonly string[];
}

export interface Finding extends Figures {
  readonly row: Row;
}

const ENOUGH = 5;
/** Many times what the longest run takes on a busy machine. */
export const RUN_LIMIT_MS = 5 * 60_000;
/** What hangs may hang its row's end, too. */
const CLOSE_LIMIT_MS = 10_000;

export interface TryOptions {
  /** Default: 1. */
  readonly firstSeed?: number;
  /** From one seed to the next; default: 1. */
  readonly step?: number;
  /** ms; default: as long as it takes. */
  readonly limitMs?: number;
  /** ms that one run may take; default: {@link RUN_LIMIT_MS}. */
  readonly runLimitMs?: number;
  /** Ends it after the run that it is in. */
  readonly signal?: AbortSignal;
  /** Hears of each run before it begins. */
  readonly onRun?: (seed: number) => void;
}

/**
 * Runs a row for as many seeds as told, one after the other, or until its time is up. A run that throws is a violation like
 * any other; so is one that does not end, and none is begun after it: it may be at work still.
 */
export async function tryRow(
  row: Row,
  runs: number,
  {
    firstSeed = 1,
    step = 1,
    limitMs = Number.POSITIVE_INFINITY,
    runLimitMs = RUN_LIMIT_MS,
    signal,
    onRun,
  }: TryOptions = {},
): Promise<Finding> {
  const sums: Sums = { counts: {}, most: {}, samples: {} };
  const violations: string[] = [];
  const startedAt = performance.now();
  const isOver = (): boolean => signal?.aborted === true || performance.now() - startedAt >= limitMs;
  const open = await row.open();
  let done = 0;
  let hangs = false;
  try {
    while (!hangs && done < runs && violations.length < ENOUGH && !isOver()) {
      const seed = firstSeed + step * done++;
      onRun?.(seed);
      const trial = await runOnce(open, seed, runLimitMs);
      hangs = trial === null;
      const { violations: found, ...figures } = trial ?? hanging(runLimitMs);
      add(sums, figures);
      violations.push(...found.map((what) => violationOf(row.name, seed, what)));
    }
  } finally {
    await (hangs ? within(open.close(), CLOSE_LIMIT_MS) : open.close());
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { row, runs: done, ...sums, seconds, violations: violations.slice(0, ENOUGH) };
}

interface Sums {
  readonly counts: Record<string, number>;
  readonly most: Record<string, number>;
  readonly samples: Record<string, number[]>;
}

function add(sums: Sums, { counts, most = {}, samples = {} }: Omit<Trial, 'violations'>): void {
  for (const [name, count] of Object.entries(counts)) sums.counts[name] = (sums.counts[name] ?? 0) + count;
  for (const [name, value] of Object.entries(most)) sums.most[name] = Math.max(sums.most[name] ?? 0, value);
  for (const [name, values] of Object.entries(samples)) {
    const all = (sums.samples[name] ??= []);
    for (const value of values) all.push(value);
  }
}

/** `poison, seed 3: …`: the row and seed to make it again. */
export function violationOf(row: string, seed: number, what: string): string {
  return `${row}, seed ${seed}: ${what}`;
}

/** @returns null: it has not ended in time */
async function runOnce(open: OpenRow, seed: number, limitMs: number): Promise<Trial | null> {
  try {
    return await within(open.run(seed), limitMs);
  } catch (error) {
    return { counts: {}, violations: [`ends with ${described(error)}`] };
  }
}

const hanging = (limitMs: number): Trial => ({
  counts: {},
  violations: [`has not ended after ${limitMs / 1000} s`],
});

async function within<Value>(work: Promise<Value>, limitMs: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** `RangeError: the message (at where it was thrown)` */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [where] = error.stack?.match(/^ +at .+$/m) ?? [];
  return `${error.name}: ${error.message}${where === undefined ? '' : ` (${where.trim()})`}`;
}

/** What was tried at the same time, or earlier and later, as one. */
export function together(row: Row, findings: readonly Figures[], seconds: number): Finding {
  const sums: Sums = { counts: {}, most: {}, samples: {} };
  for (const finding of findings) add(sums, finding);
  const runs = findings.reduce((sum, finding) => sum + finding.runs, 0);
  const violations = findings.flatMap((finding) => finding.violations).slice(0, ENOUGH);
  return { row, runs, ...sums, seconds, violations };
}

/** `12,000 schedules, 31,022 invocations, 4,100 crashes; 402 events a second` */
export function figuresOf({ counts, most, samples, seconds }: Finding): string {
  const done = Object.entries(counts).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
  done.push(...Object.entries(most).map(([name, value]) => `at most ${value.toLocaleString('en')} ${name}`));
  done.push(...Object.entries(samples).map(([name, values]) => `${percentilesOf(values)} ${name}`));
  const { events } = counts;
  const rate =
    events === undefined ? '' : `; ${Math.round(events / seconds).toLocaleString('en')} events a second`;
  return done.join(', ') + rate;
}

function percentilesOf(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, max ${at(1)}`;
}
