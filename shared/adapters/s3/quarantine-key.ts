import { createHash } from 'node:crypto';
import type { QuarantineEntry } from '../../ports/quarantine.ts';

export const QUARANTINE_PREFIX = 'quarantine/';

/** Ids that are part of a key as they are; escaped they stay well within S3's 1,024 bytes. */
const PLAIN_ID = /^[\x21-\x7e]{1,300}$/;

/**
 * `quarantine/<yyyy-mm-dd>/<hh>/<group or id>.json`, day and hour (UTC) of the poison's arrival. Nothing in a key depends
 * on the attempt, so an entry that is kept twice lies there once. Ids that are long or not plain ASCII are hashed;
 * the object holds the id itself.
 */
export function quarantineKey({
  id,
  group = id,
  arrivedAt,
}: Pick<QuarantineEntry, 'id' | 'group' | 'arrivedAt'>): string {
  const name = PLAIN_ID.test(group)
    ? encodeURIComponent(group)
    : createHash('sha256').update(group, 'utf16le').digest('hex');
  return `${hourPrefix(arrivedAt)}${name}.json`;
}

/** What the keys of an hour's entries begin with; earlier hours sort before it. */
export function hourPrefix(ms: number): string {
  const [day, time = ''] = new Date(ms).toISOString().split('T');
  return `${QUARANTINE_PREFIX}${day}/${time.slice(0, 2)}/`;
}
