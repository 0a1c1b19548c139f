import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from './state.ts';

const SAVE_AFTER_MS = 100;

/** How far a shard has been handed to its function: up to and with a sequence number, or to its end. */
export type Checkpoint = { readonly sequence: string } | { readonly finished: true };

export interface Checkpoints {
  get(shard: string): Checkpoint | undefined;
  set(shard: string, checkpoint: Checkpoint): void;
  /** Forgets the shards that `keep` does not take. */
  prune(keep: (shard: string) => boolean): void;
  /** Writes what is not written yet. */
  flush(): void;
}

/**
 * Kept in a file, written soon after a change: what a crash loses of it is handed over again.
 *
 * @param file of one event source mapping
 */
export function openCheckpoints(file: string): Checkpoints {
  const known = new Map<string, Checkpoint>(
    existsSync(file)
      ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Checkpoint>)
      : [],
  );
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    if (timer === undefined) return;
    timer = undefined;
    writeWhole(file, JSON.stringify(Object.fromEntries(known), undefined, 2));
  };
  const saveSoon = (): void => {
    timer ??= setTimeout(flush, SAVE_AFTER_MS);
  };
  return {
    get: (shard) => known.get(shard),
    set(shard, checkpoint) {
      known.set(shard, checkpoint);
      saveSoon();
    },
    prune(keep) {
      for (const shard of known.keys()) {
        if (keep(shard)) continue;
        known.delete(shard);
        saveSoon();
      }
    },
    flush,
  };
}
