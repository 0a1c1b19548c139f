import { gunzipSync } from 'node:zlib';
import type { ListedEntry } from '../../shared/ports/quarantine.ts';

const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;

/** One line an entry: time, function, code, path, id. */
export function entryLine(entry: ListedEntry): string {
  const { arrivedAt, functionName, code, path = '-', id, redrive } = entry;
  const fields = [new Date(arrivedAt).toISOString(), functionName, code, path, id];
  return printable([...fields, ...(redrive === 'done' ? ['(redriven)'] : [])].join('  '));
}

/** @example sumLine([…]) // '3 entries: too_deep 2, missing 1' */
export function sumLine(entries: readonly Pick<ListedEntry, 'code'>[]): string {
  if (entries.length === 0) return 'nothing is in quarantine';
  const counts = new Map<string, number>();
  for (const { code } of entries) counts.set(code, (counts.get(code) ?? 0) + 1);
  const sums = [...counts].sort((one, other) => other[1] - one[1]).map(([code, count]) => `${code} ${count}`);
  return printable(`${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}: ${sums.join(', ')}`);
}

/** All that an entry says, and its bytes: as indented JSON where they are JSON, else as they are. */
export function entryText(entry: ListedEntry): string {
  const { arrival, redrive } = entry;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['id', entry.id],
    ['function', entry.functionName],
    ['code', entry.code],
    ['reason', entry.reason],
    ['path', entry.path],
    ['lane', entry.lane],
    ['sequence', entry.sequence],
    ['correlation', entry.correlationId],
    ['source', arrival?.source],
    ['proven', arrival?.provenUserId],
    ['arrived', new Date(entry.arrivedAt).toISOString()],
    ['quarantined', new Date(entry.quarantinedAt).toISOString()],
    ['redrive', redrive],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(12)} ${value}`],
  );
  return printable([...lines, '', bytesText(Buffer.from(entry.bytes, 'base64'))].join('\n'));
}

function bytesText(bytes: Buffer): string {
  const text = unpacked(bytes);
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(text);
    return indented(decoded) ?? decoded;
  } catch {
    return `(not text; in base64) ${bytes.toString('base64')}`;
  }
}

/** JSON that nests too deep to be written out again stays as it is. */
function indented(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    return bytes;
  }
}

/** Entries hold what the public sent: nothing in them may steer the terminal that shows them. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) =>
    one === '\n' ? one : `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
