import type { Json } from '../json.ts';

/** What is longer is no version, and would take long to be taken apart. */
const MAX_LENGTH = 256;

/**
 * A version as a text that sorts as versions do: numbers padded, a release after its pre-releases, the build left out.
 * What is no version is `0`.
 *
 * @example sortableVersion('v1.10.0+build') // → '    1-   10-    0-~'
 */
export function sortableVersion(version: Json): string {
  const said = typeof version === 'number' ? String(version) : typeof version === 'string' ? version : '';
  const text = said.length > MAX_LENGTH ? '' : said;
  const parts = (text === '' ? '0' : text).replace(/^v|\+.*$/g, '').split(/[-.]/);
  if (parts.length === 3) parts.push('~');
  return parts.map((part) => (/^\d+$/.test(part) ? part.padStart(5, ' ') : part)).join('-');
}
