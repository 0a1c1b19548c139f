import { gzipSync } from 'node:zlib';
import { isTooDeep, MAX_BODY_BYTES, MAX_DEPTH, parseBody } from '../../shared/protocol/body.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
/** A JSON text of exactly so many bytes. */
const textOf = (bytes: number) => Buffer.from(`"${'a'.repeat(bytes - 2)}"`);
const codeOf = (bytes: Uint8Array) => {
  const parsed = parseBody(bytes);
  return parsed.ok ? 'accepted' : parsed.rejection.code;
};

describe('a body', () => {
  test('is JSON, plain or in gzip, and nothing has to say which', () => {
    const value = { batch: [{ event: 'Café ☕' }] };
    expect(parseBody(json(value))).toEqual({ ok: true, value });
    expect(parseBody(gzipSync(json(value)))).toEqual({ ok: true, value });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a form', Buffer.from('writeKey=wk&event=x')],
    ['half a JSON', Buffer.from('{"batch":[')],
    ['a UTF-8 sequence that is cut off', Buffer.from([0x22, 0xc3, 0x22])],
    ['Latin-1', Buffer.from('"café"', 'latin1')],
    ['gzip in gzip', gzipSync(gzipSync(json({})))],
  ])('of %s is no JSON', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('invalid_json');
  });

  test('of gzip that is cut off or broken is said to be so', () => {
    const zipped = gzipSync(json({ batch: Array.from({ length: 100 }, (_, index) => index) }));
    const broken = Buffer.from(zipped);
    broken[20] = (broken[20] ?? 0) ^ 0xff;
    expect(codeOf(zipped.subarray(0, -10))).toBe('invalid_gzip');
    expect(codeOf(broken)).toBe('invalid_gzip');
    expect(codeOf(Buffer.from([0x1f, 0x8b]))).toBe('invalid_gzip');
  });

  test('may have 500 KB and not a byte more, unpacked or not', () => {
    expect(MAX_BODY_BYTES).toBe(500 * 1024);
    expect(codeOf(textOf(MAX_BODY_BYTES))).toBe('accepted');
    expect(codeOf(textOf(MAX_BODY_BYTES + 1))).toBe('body_too_large');
    expect(codeOf(gzipSync(textOf(MAX_BODY_BYTES)))).toBe('accepted');
    expect(codeOf(gzipSync(textOf(MAX_BODY_BYTES + 1)))).toBe('body_too_large');
  });

  test('that unpacks to 200 MB is turned down before it is unpacked', () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(MAX_BODY_BYTES);
    global.gc?.();
    const before = process.memoryUsage();
    expect(codeOf(bomb)).toBe('body_too_large');
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(20e6);
  });

  test('of thousands of brackets is read without overflowing, and found too deep afterwards', () => {
    const parsed = parseBody(Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)));
    expect(parsed.ok && isTooDeep(parsed.value)).toBe(true);
  });

  test('never echoes what it held', () => {
    const parsed = parseBody(Buffer.from('{"token":"secret'));
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });
});

describe('depth', () => {
  const nested = (levels: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = wrap(value);
    return value;
  };

  test.each([
    ['lists', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ a: inner })],
    ['both in turn', (inner: unknown) => ({ a: [1, inner][1] })],
  ])('of %s is bounded exactly', (_name, wrap) => {
    expect(isTooDeep(nested(MAX_DEPTH, wrap))).toBe(false);
    expect(isTooDeep(nested(MAX_DEPTH + 1, wrap))).toBe(true);
  });

  test('is not width', () => {
    expect(isTooDeep(Array.from({ length: 200_000 }, () => ({ a: null })))).toBe(false);
  });

  test.each([null, undefined, 0, '', 'text', true])('of %j is none', (value) => {
    expect(isTooDeep(value)).toBe(false);
  });
});
