import { createHmac } from 'node:crypto';
import type { SubjectKeys } from '../../ports/identity.ts';

/** 128 bits: no two subjects meet. */
const KEY_BYTES = 16;

/**
 * HMAC-SHA256 under the stage's subject secret, cut to 16 bytes: what a subject's record is stored under. The
 * secret must never change, or everybody's record is lost.
 *
 * @example
 * subjectKeys('local-subject-secret').keyOf('u:42'); // 22 characters of base64url
 */
export function subjectKeys(secret: string): SubjectKeys {
  return {
    keyOf: (subject) =>
      createHmac('sha256', secret)
        .update(bytesOf(subject))
        .digest()
        .subarray(0, KEY_BYTES)
        .toString('base64url'),
  };
}

/** UTF-8, except for ids with half a surrogate pair: UTF-8 would make all of those one and the same. */
function bytesOf(subject: string): Buffer {
  const bytes = Buffer.from(subject);
  return bytes.toString() === subject ? bytes : Buffer.from(subject, 'utf16le');
}
