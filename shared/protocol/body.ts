import { gunzipSync } from 'node:zlib';
import { accept, reject, type Parsed } from './rejection.ts';

/** The largest body taken, after unpacking: Segment's limit for a batch. */
export const MAX_BODY_BYTES = 500 * 1024;

/** The deepest JSON taken. Deeper input parses well but overflows the stack of whoever writes it out again. */
export const MAX_DEPTH = 32;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * The JSON in a body, whatever its content type says: clients send it as text, form or gzip, some without telling.
 * Unpacking stops at the limit, so that 200 KB of gzip cannot become 200 MB.
 */
export function parseBody(bytes: Uint8Array): Parsed<unknown> {
  if (bytes.length > MAX_BODY_BYTES) return tooLarge();
  let text: Uint8Array = bytes;
  if (bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1]) {
    try {
      text = gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
    } catch (error) {
      const isTooLarge = (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      return isTooLarge ? tooLarge() : reject('invalid_gzip', 'the body is not valid gzip');
    }
  }
  try {
    return accept(JSON.parse(UTF8.decode(text)) as unknown);
  } catch {
    return reject('invalid_json', 'the body must be JSON in UTF-8');
  }
}

/** Whether a value nests deeper than `limit`; walks without recursion, since that is what it protects. */
export function isTooDeep(value: unknown, limit: number = MAX_DEPTH): boolean {
  let level: object[] = isNested(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= limit) return level.some((item) => Object.keys(item).length > 0);
    const next: object[] = [];
    for (const item of level)
      for (const name in item) {
        const inner = (item as Readonly<Record<string, unknown>>)[name];
        if (isNested(inner)) next.push(inner);
      }
    level = next;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tooLarge(): Parsed<never> {
  return reject('body_too_large', `the body may have ${MAX_BODY_BYTES} bytes, unpacked`);
}
