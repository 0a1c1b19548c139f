import { createHash } from 'node:crypto';
import type { QuarantineEntry, RedriveStep } from '../../ports/quarantine.ts';

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
  return `${hourPrefix(arrivedAt)}${nameOf(group)}.json`;
}

/** What the keys of an hour's entries begin with whose ids begin with `start`: plain ones, such as records have. */
export function hourPrefixOf(ms: number, start: string): string {
  return `${hourPrefix(ms)}${encodeURIComponent(start)}`;
}

/** The id of a plain one's key. */
export function plainIdOf(key: string): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, ''));
}

/** Batches that an event source mapping gives up: `aws/lambda/<mapping>/<shard>/yyyy/mm/dd/<time>-<id>`, Lambda's choice. */
export const DISCARDED_PREFIX = 'aws/lambda/';

/** Where marks of a redrive lie, out of reach of the functions. */
export const redrivePrefix = (step: RedriveStep): string => `redrive/${step}/`;

/** `redrive/<step>/<yyyy-mm-dd>/<hh>/<id>`, by the entry's arrival: a mark is its key alone. */
export function redriveKey(
  { id, arrivedAt }: Pick<QuarantineEntry, 'id' | 'arrivedAt'>,
  step: RedriveStep,
): string {
  return hourPrefix(arrivedAt, redrivePrefix(step)) + nameOf(id);
}

/** What the keys of an hour's entries begin with; earlier hours sort before it. */
export function hourPrefix(ms: number, prefix: string = QUARANTINE_PREFIX): string {
  const [day, time = ''] = new Date(ms).toISOString().split('T');
  return `${prefix}${day}/${time.slice(0, 2)}/`;
}

function nameOf(id: string): string {
  return PLAIN_ID.test(id)
    ? encodeURIComponent(id)
    : createHash('sha256').update(id, 'utf16le').digest('hex');
}
