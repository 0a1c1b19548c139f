import { pureRow, type Row, type Trial } from './row.ts';

const FAILING_SEED = 3;

const failing = (name: string, fail: () => Promise<Trial>): Row =>
  pureRow({
    name,
    input: `seed ${FAILING_SEED}`,
    holds: 'its seed is named',
    runs: { short: 1, long: 1 },
    run: (seed) =>
      seed === FAILING_SEED ? fail() : Promise.resolve({ counts: { runs: 1 }, violations: [] }),
  });

export const throws = failing('throws', () => {
  throw new RangeError('the shard is blocked');
});
export const waits = failing('waits for ever', () => new Promise(() => undefined));
export const loops = failing('loops for ever', () => {
  for (;;);
});
export const dies = failing('dies', () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
});

/** Rows of which one seed fails as no row should: a campaign must name it and end. */
export const ROWS: readonly Row[] = [throws, waits, loops, dies];
