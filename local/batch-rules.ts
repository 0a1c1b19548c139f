import { createHash } from 'node:crypto';

/** One record of a shard, as much of it as the rules look at. */
export interface ShardRecord {
  readonly sequence: string;
  readonly partitionKey: string;
  /** ms since the epoch. */
  readonly arrivedAt: number;
}

export interface BatchPolicy {
  readonly bisect: boolean;
  /** -1: none. */
  readonly maxAgeSeconds: number;
  /** -1: none. */
  readonly maxRetries: number;
  readonly partialResponses: boolean;
}

/** Records to hand to the function together; `retries` of them have been spent. */
export interface Work<R extends ShardRecord> {
  readonly records: readonly R[];
  readonly retries: number;
}

export interface Verdict<R extends ShardRecord> {
  /** Need not be handed over again. */
  readonly done: readonly R[];
  /** To be handed over next, in this order, before any later record. */
  readonly next: readonly Work<R>[];
  /** Given up; they go to the on-failure destination. */
  readonly discarded: readonly R[];
}

/** What a function call came to: its JSON reply, or that it failed. */
export type CallOutcome = { readonly ok: true; readonly payload: string } | { readonly ok: false };

/**
 * What follows from a function call: all done; after a partial failure again from the lowest failed record; after
 * a failure in two halves (which spends no retry) or the same again, unless the retries are spent.
 */
export function judge<R extends ShardRecord>(
  work: Work<R>,
  outcome: CallOutcome,
  policy: BatchPolicy,
): Verdict<R> {
  const { records, retries } = work;
  const failure = outcome.ok ? failureIn(records, outcome.payload, policy) : 'all';
  if (failure === 'none') return { done: records, next: [], discarded: [] };

  const from = failure === 'all' ? 0 : failure;
  const done = records.slice(0, from);
  const rest = records.slice(from);
  if (failure === 'all' && policy.bisect && rest.length > 1) {
    const middle = Math.ceil(rest.length / 2);
    return {
      done,
      next: [
        { records: rest.slice(0, middle), retries },
        { records: rest.slice(middle), retries },
      ],
      discarded: [],
    };
  }
  if (policy.maxRetries >= 0 && retries >= policy.maxRetries) return { done, next: [], discarded: rest };
  return { done, next: [{ records: rest, retries: retries + 1 }], discarded: [] };
}

/** Sorts out the records that are too old to be handed to the function. */
export function splitExpired<R extends ShardRecord>(
  records: readonly R[],
  { maxAgeSeconds }: BatchPolicy,
  nowMs: number,
): { readonly expired: readonly R[]; readonly fresh: readonly R[] } {
  if (maxAgeSeconds < 0) return { expired: [], fresh: records };
  const oldest = nowMs - maxAgeSeconds * 1000;
  return {
    expired: records.filter(({ arrivedAt }) => arrivedAt < oldest),
    fresh: records.filter(({ arrivedAt }) => arrivedAt >= oldest),
  };
}

/**
 * Which of `factor` concurrent batches of a shard a record belongs to: all records of a partition key to the same,
 * so that they stay in order.
 */
export function laneOf(partitionKey: string, factor: number): number {
  return factor === 1 ? 0 : createHash('md5').update(partitionKey).digest().readUInt32BE(0) % factor;
}

/** Index of the lowest failed record, or that all or none failed. A reply that cannot be read means all. */
function failureIn(
  records: readonly ShardRecord[],
  payload: string,
  policy: BatchPolicy,
): number | 'all' | 'none' {
  if (!policy.partialResponses) return 'none';
  const reply = JSON.parse(payload) as { readonly batchItemFailures?: unknown } | null;
  const failures = reply?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 'all';
  const indexes = failures.map((failure: { readonly itemIdentifier?: unknown } | null) =>
    records.findIndex(({ sequence }) => sequence === failure?.itemIdentifier),
  );
  if (indexes.length === 0) return 'none';
  return indexes.includes(-1) ? 'all' : Math.min(...indexes);
}
