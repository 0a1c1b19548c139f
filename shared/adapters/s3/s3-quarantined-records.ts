import pLimit from 'p-limit';
import type { Lane } from '../../domain/stream-event.ts';
import { QuarantineUnavailable, type QuarantinedRecords } from '../../ports/quarantine.ts';
import { discardedAt, discardedEntries } from './discarded-batch.ts';
import { DISCARDED_PREFIX, hourPrefixOf, plainIdOf } from './quarantine-key.ts';
import { s3Client } from './s3-client.ts';
import { s3Objects } from './s3-objects.ts';
import type { S3QuarantineReaderOptions } from './s3-quarantine-reader.ts';

const GETS_IN_FLIGHT = 8;

export interface S3QuarantinedRecordsOptions extends S3QuarantineReaderOptions {
  /**
   * Ids of the folds' event source mappings by lane. Batches that another reader of the same stream gave up are
   * none of theirs: a record whose regions could not be counted may well be in its profile, or not.
   */
  readonly mappings: Readonly<Record<Lane, string>>;
}

/**
 * Ids of what folds kept are in the keys: entries themselves are not read. Needs `s3:ListBucket`, and `s3:GetObject`
 * for discarded batches, whose keys do not say what is in them.
 */
export function s3QuarantinedRecords({
  bucket,
  streams,
  mappings,
  client = () => s3Client(),
}: S3QuarantinedRecordsOptions): QuarantinedRecords {
  const { text, keysUnder } = s3Objects(bucket, client);

  async function keptInHour(lane: Lane, at: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const keys of keysUnder(hourPrefixOf(at, `${lane}/`))) {
      for (const key of keys) ids.add(plainIdOf(key));
    }
    return ids;
  }

  async function discardedSince(lane: Lane, since: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const limit = pLimit(GETS_IN_FLIGHT);
    for await (const keys of keysUnder(`${DISCARDED_PREFIX}${mappings[lane]}/`)) {
      const recent = keys.filter((key) => (discardedAt(key) ?? since) >= since);
      const entries = await limit.map(recent, async (key) => discardedEntries(await text(key), streams));
      for (const { id } of entries.flat()) ids.add(id);
    }
    return ids;
  }

  return {
    keptInHour: (lane, at) => orUnavailable(keptInHour(lane, at)),
    discardedSince: (lane, since) => orUnavailable(discardedSince(lane, since)),
  };
}

async function orUnavailable<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'unknown error';
    throw new QuarantineUnavailable(`the quarantine cannot be read (${name})`, { cause });
  }
}
