import type { S3Client } from '@aws-sdk/client-s3';
import { loadS3 } from './s3-client.ts';

/** What reading a bucket takes. */
export interface S3Objects {
  /** The object's text. Rejects as the SDK does, with `NoSuchKey` where there is none. */
  text(key: string): Promise<string>;
  /** All keys under a prefix in their order, a page of the service's at a time; `after`: behind this key. */
  keysUnder(prefix: string, after?: string): AsyncGenerator<readonly string[]>;
}

/** @param client asked for once, when the first object is */
export function s3Objects(bucket: string, client: () => Promise<S3Client>): S3Objects {
  let connected: Promise<S3Client> | undefined;
  return {
    async text(Key) {
      const { GetObjectCommand } = await loadS3();
      const s3 = await (connected ??= client());
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    async *keysUnder(prefix, after) {
      const { ListObjectsV2Command } = await loadS3();
      const s3 = await (connected ??= client());
      let token: string | undefined;
      do {
        const page = await s3.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(token !== undefined && { ContinuationToken: token }),
            ...(token === undefined && after !== undefined && { StartAfter: after }),
          }),
        );
        yield (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
  };
}
