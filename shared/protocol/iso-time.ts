const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * An ISO 8601 date or time in ms since the epoch, or null. Without a zone it is UTC: what it means must not depend
 * on where the code runs. A day that does not exist (30 February) is no time; nothing is guessed at.
 */
export function parseIsoTime(text: string): number | null {
  const parts = ISO_TIME.exec(text);
  if (!parts) return null;
  const [, year, month, day, zone] = parts;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCDate() !== Number(day)) return null;
  const isDate = text.length === 10;
  const millis = Date.parse(isDate || zone !== undefined ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(millis) ? null : millis;
}
