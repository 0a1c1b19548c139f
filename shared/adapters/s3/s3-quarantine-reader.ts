import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import * as v from 'valibot';
import {
  QuarantineUnavailable,
  type QuarantineEntry,
  type QuarantineReader,
} from '../../ports/quarantine.ts';
import { hourPrefix, QUARANTINE_PREFIX } from './quarantine-key.ts';
import type { S3QuarantineOptions } from './s3-quarantine.ts';
import { loadS3, s3Client } from './s3-client.ts';

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
  arrivedAt: v.number(),
  quarantinedAt: v.number(),
  bytes: v.string(),
});

/** Reads back what {@link s3Quarantine} kept; needs `s3:ListBucket` and `s3:GetObject`. */
export function s3QuarantineReader({
  bucket,
  client = () => s3Client(),
}: S3QuarantineOptions): QuarantineReader {
  let connected: Promise<S3Client> | undefined;

  async function get(Key: string): Promise<readonly QuarantineEntry[]> {
    const { GetObjectCommand } = await loadS3();
    const s3 = await (connected ??= client());
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const lines = ((await Body?.transformToString()) ?? '').split('\n');
    return lines.map((line) => v.parse(entrySchema, JSON.parse(line)));
  }

  async function* keysSince(since: number): AsyncGenerator<readonly string[]> {
    const { ListObjectsV2Command } = await loadS3();
    const s3 = await (connected ??= client());
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: QUARANTINE_PREFIX,
          ...(token === undefined ? { StartAfter: hourPrefix(since) } : { ContinuationToken: token }),
        }),
      );
      yield (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  return {
    async *list(since) {
      const limit = pLimit(GETS_IN_FLIGHT);
      try {
        for await (const keys of keysSince(since)) {
          for (const entry of (await limit.map(keys, get)).flat()) if (entry.arrivedAt >= since) yield entry;
        }
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new QuarantineUnavailable(`the quarantine cannot be read (${name})`, { cause });
      }
    },
  };
}
