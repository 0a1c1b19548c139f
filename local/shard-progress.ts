import type { ShardRecord } from './batch-rules.ts';

/**
 * How far a shard is done. Concurrent batches end in any order; the checkpoint moves only over records before which
 * nothing is left to do.
 */
export class ShardProgress {
  /** Read and not yet behind the checkpoint, in the shard's order. */
  readonly #open: ShardRecord[] = [];
  readonly #done = new Set<string>();
  #checkpoint: string | undefined;

  /** Sequence number of the last record before which, and with which, all is done. */
  get checkpoint(): string | undefined {
    return this.#checkpoint;
  }

  get pending(): number {
    return this.#open.length - this.#done.size;
  }

  /** When the oldest record that is not done arrived, ms since the epoch. */
  get oldestArrival(): number | undefined {
    return this.#open[0]?.arrivedAt;
  }

  begin(records: readonly ShardRecord[]): void {
    this.#open.push(...records);
  }

  finish(records: readonly ShardRecord[]): void {
    for (const { sequence } of records) this.#done.add(sequence);
    let behind = 0;
    for (const { sequence } of this.#open) {
      if (!this.#done.delete(sequence)) break;
      this.#checkpoint = sequence;
      behind += 1;
    }
    this.#open.splice(0, behind);
  }
}
