import pLimit from 'p-limit';
import * as v from 'valibot';
import type { Lane } from '../../domain/stream-event.ts';
import {
  QuarantineUnavailable,
  type ListedEntry,
  type QuarantineEntry,
  type QuarantineReader,
  type RedriveStep,
} from '../../ports/quarantine.ts';
import { discardedAt, discardedEntries } from './discarded-batch.ts';
import {
  DISCARDED_PREFIX,
  hourPrefix,
  QUARANTINE_PREFIX,
  redriveKey,
  redrivePrefix,
} from './quarantine-key.ts';
import type { S3QuarantineOptions } from './s3-quarantine.ts';
import { s3Client } from './s3-client.ts';
import { s3Objects } from './s3-objects.ts';

const GETS_IN_FLIGHT = 8;

const entrySchema = v.object({
  id: v.string(),
  group: v.exactOptional(v.string()),
  code: v.string(),
  reason: v.string(),
  path: v.exactOptional(v.string()),
  functionName: v.string(),
  lane: v.exactOptional(v.string()),
  sequence: v.exactOptional(v.string()),
  correlationId: v.exactOptional(v.string()),
  arrivedAt: v.number(),
  quarantinedAt: v.number(),
  arrival: v.exactOptional(
    v.object({
      source: v.picklist(['browser', 'server']),
      provenUserId: v.exactOptional(v.string()),
      sentAt: v.exactOptional(v.number()),
      indexes: v.exactOptional(v.array(v.number())),
    }),
  ),
  bytes: v.string(),
});

export interface S3QuarantineReaderOptions extends S3QuarantineOptions {
  /** Stream names by lane: what Lambda discards says only which stream it is from. */
  readonly streams: Readonly<Record<Lane, string>>;
}

/**
 * Reads back what {@link s3Quarantine} kept and what Lambda discarded; needs `s3:ListBucket` and `s3:GetObject`.
 *
 * @example
 * for await (const { id, code } of reader.list(Date.now() - 3_600_000)) console.log(id, code);
 */
export function s3QuarantineReader({
  bucket,
  streams,
  client = () => s3Client(),
}: S3QuarantineReaderOptions): QuarantineReader {
  const { text, keysUnder } = s3Objects(bucket, client);

  async function kept(key: string): Promise<readonly QuarantineEntry[]> {
    return (await text(key)).split('\n').map((line) => v.parse(entrySchema, JSON.parse(line)));
  }

  async function discarded(key: string): Promise<readonly QuarantineEntry[]> {
    return discardedEntries(await text(key), streams);
  }

  async function marks(since: number): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const step of ['begun', 'done'] as const) {
      const prefix = redrivePrefix(step);
      for await (const keys of keysUnder(prefix, hourPrefix(since, prefix)))
        for (const key of keys) found.add(key);
    }
    return found;
  }

  async function* entriesSince(since: number): AsyncGenerator<QuarantineEntry> {
    const limit = pLimit(GETS_IN_FLIGHT);
    for await (const keys of keysUnder(QUARANTINE_PREFIX, hourPrefix(since))) {
      yield* (await limit.map(keys, kept)).flat();
    }
    for await (const keys of keysUnder(DISCARDED_PREFIX)) {
      // A record was there before it was discarded.
      const recent = keys.filter((key) => (discardedAt(key) ?? since) >= since);
      yield* (await limit.map(recent, discarded)).flat();
    }
  }

  return {
    async *list(since) {
      try {
        const marked = await marks(since);
        const stepOf = (entry: QuarantineEntry): RedriveStep | undefined =>
          (['done', 'begun'] as const).find((step) => marked.has(redriveKey(entry, step)));
        for await (const entry of entriesSince(since)) {
          if (entry.arrivedAt < since) continue;
          const redrive = stepOf(entry);
          yield { ...entry, ...(redrive && { redrive }) } satisfies ListedEntry;
        }
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new QuarantineUnavailable(`the quarantine cannot be read (${name})`, { cause });
      }
    },
  };
}
