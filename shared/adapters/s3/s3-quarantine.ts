import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { QuarantineUnavailable, type Quarantine, type QuarantineEntry } from '../../ports/quarantine.ts';
import { quarantineKey } from './quarantine-key.ts';
import { loadS3, s3Client } from './s3-client.ts';

const PUTS_IN_FLIGHT = 8;

export interface S3QuarantineOptions {
  readonly bucket: string;
  /** Default: {@link s3Client}, made when the first entry is kept. */
  readonly client?: () => Promise<S3Client>;
}

/**
 * One object an entry or group of entries, a line of JSON each; needs `s3:PutObject` only.
 *
 * @example
 * const quarantine = s3Quarantine({ bucket: 'quarantine-bucket' });
 * await quarantine.keep([entry]);
 */
export function s3Quarantine({ bucket, client = () => s3Client() }: S3QuarantineOptions): Quarantine {
  let connected: Promise<S3Client> | undefined;

  async function put([Key, entries]: readonly [string, readonly QuarantineEntry[]]): Promise<void> {
    const { PutObjectCommand } = await loadS3();
    const s3 = await (connected ??= client());
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body: entries.map((entry) => JSON.stringify(entry)).join('\n'),
        ContentType: 'application/x-ndjson',
      }),
    );
  }

  return {
    async keep(entries) {
      try {
        await pLimit(PUTS_IN_FLIGHT).map([...byKey(entries)], put);
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new QuarantineUnavailable(`entries may not be kept (${name})`, { cause });
      }
    },
  };
}

function byKey(entries: readonly QuarantineEntry[]): ReadonlyMap<string, readonly QuarantineEntry[]> {
  const objects = new Map<string, QuarantineEntry[]>();
  for (const entry of entries) {
    const key = quarantineKey(entry);
    const object = objects.get(key) ?? [];
    if (!object.some(({ id }) => id === entry.id)) object.push(entry);
    objects.set(key, object);
  }
  return objects;
}
