import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { s3Client } from '../../shared/adapters/s3/s3-client.ts';
import { listen, type Emulator } from './emulator.ts';

const PAGE_SIZE = 1_000;

export interface S3Stub extends Emulator {
  /** Keys and bodies of a bucket's objects. */
  objects(bucket: string): ReadonlyMap<string, string>;
  client(): ReturnType<typeof s3Client>;
}

/** As much of S3 as the quarantine uses: PutObject, GetObject, ListObjectsV2 by prefix and start, in pages. */
export async function s3Stub(): Promise<S3Stub> {
  const buckets = new Map<string, Map<string, string>>();
  const objectsOf = (bucket: string) => {
    const objects = buckets.get(bucket) ?? new Map<string, string>();
    buckets.set(bucket, objects);
    return objects;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stub');
    const [bucket = '', ...rest] = url.pathname.slice(1).split('/');
    const key = decodeURIComponent(rest.join('/'));
    const objects = objectsOf(decodeURIComponent(bucket));
    if (request.method === 'PUT') {
      objects.set(key, await bodyOf(request));
      response.end();
    } else if (key === '') {
      response
        .setHeader('content-type', 'application/xml')
        .end(listing([...objects.keys()], url.searchParams));
    } else if (objects.has(key)) {
      response.end(objects.get(key));
    } else {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const emulator = await listen(server);
  return {
    ...emulator,
    objects: objectsOf,
    client: () =>
      s3Client({
        endpoint: emulator.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function listing(keys: readonly string[], query: URLSearchParams): string {
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const matching = keys.filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort();
  const page = matching.slice(0, PAGE_SIZE);
  const next = matching.length > PAGE_SIZE ? page.at(-1) : undefined;
  const contents = page.map((key) => `<Contents><Key>${escaped(key)}</Key></Contents>`).join('');
  const token = next === undefined ? '' : `<NextContinuationToken>${escaped(next)}</NextContinuationToken>`;
  return `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${token}${contents}</ListBucketResult>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
