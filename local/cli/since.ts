import { parseIsoTime } from '../../shared/protocol/iso-time.ts';
import { LocalFault } from '../fault.ts';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A point in time as people write it: so long before `now` (`30m`, `24h`, `7d`), or an ISO 8601 time. Answers in ms.
 *
 * @throws {LocalFault} if it is neither
 */
export function sinceOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  const time = parseIsoTime(text);
  if (time === null)
    throw new LocalFault(`--since is "${text}", but it is a time like 24h, 7d or 2026-01-31`);
  return Math.max(0, time);
}
