import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { QuarantineUnavailable, type RedriveMarks } from '../../ports/quarantine.ts';
import { redriveKey } from './quarantine-key.ts';
import { loadS3, s3Client } from './s3-client.ts';
import type { S3QuarantineOptions } from './s3-quarantine.ts';

const PUTS_IN_FLIGHT = 8;

/** Small objects beside the entries, which stay as they are; needs `s3:PutObject` under `redrive/`, and no delete. */
export function s3RedriveMarks({ bucket, client = () => s3Client() }: S3QuarantineOptions): RedriveMarks {
  let connected: Promise<S3Client> | undefined;
  return {
    async mark(entries, step) {
      try {
        const { PutObjectCommand } = await loadS3();
        const s3 = await (connected ??= client());
        await pLimit(PUTS_IN_FLIGHT).map(entries, (entry) =>
          s3.send(new PutObjectCommand({ Bucket: bucket, Key: redriveKey(entry, step), Body: step })),
        );
      } catch (cause) {
        const name = cause instanceof Error ? cause.name : 'unknown error';
        throw new QuarantineUnavailable(`entries may not be marked as redriven (${name})`, { cause });
      }
    },
  };
}
