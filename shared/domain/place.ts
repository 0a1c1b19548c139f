/** A country, or a region of one: `BR#` or `BR#SP`. What counts are kept under. */
export type Place = `${string}#${string}`;

/** Where somebody is, as far as it is known; the country as two letters (ISO 3166-1). */
export interface Whereabouts {
  readonly country?: string;
  readonly region?: string;
}

/**
 * The places that somebody is in, the nearest first. A region is told apart within its country, with or without the
 * country's prefix (ISO 3166-2), in any case.
 *
 * @example placesOf({ country: 'br', region: 'BR-SP' }) // → { region: 'BR#SP', country: 'BR#' }
 */
export function placesOf({ country, region }: Whereabouts): {
  readonly region?: Place;
  readonly country?: Place;
} {
  const land = country?.trim().toUpperCase() ?? '';
  if (!/^[A-Z]{2}$/.test(land)) return {};
  const name = region?.trim().toUpperCase() ?? '';
  const within = name.startsWith(`${land}-`) ? name.slice(land.length + 1) : name;
  return { ...(within !== '' && { region: `${land}#${within}` as const }), country: `${land}#` };
}
