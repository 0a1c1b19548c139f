/** One process of a campaign: tries the part that it is told, tells what came out, and ends. */
import type { Part } from './parts.ts';
import { tryRow, type Figures } from './row.ts';
import { ROWS } from './rows.ts';

const part = JSON.parse(process.argv[2] ?? '') as Part;
const row = ROWS.find(({ name }) => name === part.row);
if (row === undefined) throw new Error(`there is no row “${part.row}”`);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interrupted.abort();
  });

const { row: _, ...figures } = await tryRow(row, part.runs, { ...part, signal: interrupted.signal });
process.send?.(figures satisfies Figures);
process.disconnect();
