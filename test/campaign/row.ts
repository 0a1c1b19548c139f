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

export interface TryOptions {
  /** Default: 1. */
  readonly firstSeed?: number;
  /** From one seed to the next; default: 1. */
  readonly step?: number;
  /** ms; default: as long as it takes. */
  readonly limitMs?: number;
  /** Ends it after the run that it is in. */
  readonly signal?: AbortSignal;
}

/** Runs a row for as many seeds as told, one after the other, or until its time is up. */
export async function tryRow(
  row: Row,
  runs: number,
  { firstSeed = 1, step = 1, limitMs = Number.POSITIVE_INFINITY, signal }: TryOptions = {},
): Promise<Finding> {
  const counts: Record<string, number> = {};
  const most: Record<string, number> = {};
  const samples: Record<string, number[]> = {};
  const violations: string[] = [];
  const startedAt = performance.now();
  const isOver = (): boolean => signal?.aborted === true || performance.now() - startedAt >= limitMs;
  const open = await row.open();
  let done = 0;
  try {
    while (done < runs && violations.length < ENOUGH && !isOver()) {
      const seed = firstSeed + step * done++;
      const trial = await open.run(seed);
      for (const [name, count] of Object.entries(trial.counts)) counts[name] = (counts[name] ?? 0) + count;
      for (const [name, value] of Object.entries(trial.most ?? {}))
        most[name] = Math.max(most[name] ?? 0, value);
      for (const [name, values] of Object.entries(trial.samples ?? {}))
        (samples[name] ??= []).push(...values);
      violations.push(...trial.violations.map((what) => `${row.name}, seed ${seed}: ${what}`));
    }
  } finally {
    await open.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { row, runs: done, counts, most, samples, seconds, violations: violations.slice(0, ENOUGH) };
}

/** What was tried at the same time, or earlier and later, as one. */
export function together(row: Row, findings: readonly Figures[], seconds: number): Finding {
  const counts: Record<string, number> = {};
  const most: Record<string, number> = {};
  const samples: Record<string, readonly number[]> = {};
  for (const finding of findings) {
    for (const [name, count] of Object.entries(finding.counts)) counts[name] = (counts[name] ?? 0) + count;
    for (const [name, value] of Object.entries(finding.most)) most[name] = Math.max(most[name] ?? 0, value);
    for (const [name, values] of Object.entries(finding.samples))
      samples[name] = [...(samples[name] ?? []), ...values];
  }
  const runs = findings.reduce((sum, finding) => sum + finding.runs, 0);
  const violations = findings.flatMap((finding) => finding.violations).slice(0, ENOUGH);
  return { row, runs, counts, most, samples, seconds, violations };
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
