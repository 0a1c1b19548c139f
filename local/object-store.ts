import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { readBody } from './http-server.ts';

const MAX_OBJECT_BYTES = 64 * 1024 * 1024;
/** Marks files: `encodeURIComponent` leaves no `;`, so no folder can have this name. */
const FILE_MARK = ';';

/**
 * The part of S3 that functions here use, path style, objects as files under `dir`: CreateBucket, HeadBucket,
 * PutObject, GetObject, HeadObject, ListObjectsV2. Whatever else is asked is answered 501.
 */
export function objectStore(dir: string): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(dir, request, response).catch((cause: unknown) => {
      fail(response, 500, 'InternalError', cause instanceof Error ? cause.message : 'unknown');
    });
  };
}

async function answer(dir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Not through URL, which would resolve the `..` of a key.
  const [path = '/', search] = (request.url ?? '/').split('?');
  const query = new URLSearchParams(search);
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = decodeURIComponent(rest.join('/'));
  const folder = join(dir, encodeURIComponent(bucket));
  const method = request.method ?? 'GET';

  if (method === 'PUT' && key === '') {
    await mkdir(folder, { recursive: true });
    response.writeHead(200).end();
    return;
  }
  if (!bucket || !existsSync(folder))
    return fail(response, 404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (method === 'HEAD' && key === '') return void response.writeHead(200).end();
  if (method === 'GET' && query.get('list-type') === '2') {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(await list(bucket, folder, query));
    return;
  }
  if (key === '') return fail(response, 501, 'NotImplemented', `${method} on a bucket is not offered here`);
  if (method === 'PUT') return put(join(folder, fileOf(key)), request, response);
  if (method === 'GET' || method === 'HEAD') return get(join(folder, fileOf(key)), method, response);
  return fail(response, 501, 'NotImplemented', `${method} is not offered here`);
}

async function put(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (/aws-chunked/.test(String(request.headers['content-encoding']))) {
    return fail(response, 501, 'NotImplemented', 'Streams of unknown length are not offered here');
  }
  const body = await readBody(request, MAX_OBJECT_BYTES);
  if (!body) return fail(response, 400, 'EntityTooLarge', 'The object is too large');
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}${process.hrtime.bigint()}`;
  await writeFile(part, body);
  await rename(part, file);
  response.writeHead(200, { etag: etagOf(body) }).end();
}

async function get(file: string, method: string, response: ServerResponse): Promise<void> {
  if (!existsSync(file)) return fail(response, 404, 'NoSuchKey', 'The specified key does not exist.');
  const [body, { mtime }] = await Promise.all([readFile(file), stat(file)]);
  response.writeHead(200, {
    'content-length': body.length,
    'content-type': 'application/octet-stream',
    'last-modified': mtime.toUTCString(),
    etag: etagOf(body),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

async function list(bucket: string, folder: string, query: URLSearchParams): Promise<string> {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const files = await readdir(folder, { recursive: true });
  const found = files
    .filter((file) => file.endsWith(FILE_MARK))
    .map((file) => ({ path: join(folder, file), key: keyOf(file) }))
    .filter(({ key }) => key.startsWith(prefix) && key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = found.slice(0, limit);
  const contents = await Promise.all(
    page.map(async ({ path, key }) => {
      const { mtime, size } = await stat(path);
      const fields = { Key: key, LastModified: mtime.toISOString(), Size: size, StorageClass: 'STANDARD' };
      return `<Contents>${xml(fields)}</Contents>`;
    }),
  );
  const truncated = found.length > page.length;
  const head = {
    Name: bucket,
    Prefix: prefix,
    KeyCount: page.length,
    MaxKeys: limit,
    IsTruncated: truncated,
    ...(truncated ? { NextContinuationToken: page.at(-1)?.key ?? '' } : {}),
  };
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${xml(head)}${contents.join('')}</ListBucketResult>`;
}

function fileOf(key: string): string {
  return `${key.split('/').map(encodeSegment).join('/')}${FILE_MARK}`;
}

function keyOf(file: string): string {
  return file
    .slice(0, -FILE_MARK.length)
    .split('/')
    .map((segment) => (segment === '%' ? '' : decodeURIComponent(segment)))
    .join('/');
}

/** A name that is safe as one folder or file: no `.`, `..`, empty ones. */
function encodeSegment(segment: string): string {
  return segment === ''
    ? '%'
    : encodeURIComponent(segment).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
}

function xml(fields: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error>${xml({ Code: code, Message: message })}</Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}
