/** One process of a campaign: tries the part that it is told, tells of each run and then what came out, and ends. */
import type { Part, Told } from './parts.ts';
import { tryRow, type Row } from './row.ts';

/** What hangs would keep the process from ending by itself. */
const END_MS = 1_000;

const part = JSON.parse(process.argv[2] ?? '') as Part;
const { ROWS } = (await import(part.rows)) as { readonly ROWS: readonly Row[] };
const row = ROWS.find(({ name }) => name === part.row);
if (row === undefined) throw new Error(`there is no row “${part.row}”`);

const interrupted = new AbortController();
const interrupt = (): void => {
  interrupted.abort();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
// Nobody is there any more to hear what comes out.
process.once('disconnect', interrupt);

const tell = (told: Told): void => {
  if (process.connected) process.send?.(told);
};
const { row: _, ...figures } = await tryRow(row, part.runs, {
  ...part,
  signal: interrupted.signal,
  // Written at once, so that it is out before the run can be in a loop without end.
  onRun(seed) {
    tell({ seed });
  },
});
tell({ figures });
if (process.connected) process.disconnect();
setTimeout(() => process.exit(1), END_MS).unref();
