/** Lambda's limit on what one invocation is given, less room for what frames the data. */
const MAX_BATCH_BYTES = 6 * 1024 * 1024 - 256 * 1024;
/** What a record weighs in the event beside its data. */
const FRAME_BYTES = 600;

export interface BatchLimits {
  readonly records: number;
  /** How long to wait for more after the first, ms. */
  readonly windowMs: number;
}

/** Records waiting to become batches, in order. */
export class BatchQueue<R extends { readonly data: string }> {
  readonly #records: R[] = [];
  #changed: (() => void) | undefined;
  #closed = false;

  get size(): number {
    return this.#records.length;
  }

  push(record: R): void {
    this.#records.push(record);
    this.#changed?.();
  }

  /** No more will come: a batch under way is not waited for. */
  close(): void {
    this.#closed = true;
    this.#changed?.();
  }

  /** The next batch, at least one record; `undefined` once closed and empty. */
  async take({ records, windowMs }: BatchLimits): Promise<readonly R[] | undefined> {
    while (this.#records.length === 0 && !this.#closed) await this.#change();
    const until = Date.now() + windowMs;
    while (this.#records.length < records && !this.#closed) {
      const left = until - Date.now();
      if (left <= 0) break;
      await this.#change(left);
    }
    let count = 0;
    let bytes = 0;
    for (const { data } of this.#records.slice(0, records)) {
      bytes += data.length + FRAME_BYTES;
      if (count > 0 && bytes > MAX_BATCH_BYTES) break;
      count += 1;
    }
    return count === 0 ? undefined : this.#records.splice(0, count);
  }

  async #change(withinMs?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#changed = undefined;
  }
}
