const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/**
 * A number with its unit, short enough for an axis.
 *
 * @param unit an axis's label: `ms`, `%`, `USD an hour`; none: a count
 * @example quantity(1234, 'ms') // '1.2 s'
 */
export function quantity(value: number, unit = ''): string {
  if (unit === 'ms') return duration(value);
  if (unit === '%') return `${number(value)} %`;
  if (unit.startsWith('USD')) return `$${number(value)}`;
  return unit === '' ? number(value) : `${number(value)} ${unit}`;
}

/** @example duration(90_000) // '1.5 min' */
export function duration(ms: number): string {
  if (ms < 1000) return `${number(ms)} ms`;
  if (ms < 60_000) return `${exact.format(ms / 1000)} s`;
  if (ms < 3_600_000) return `${exact.format(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${exact.format(ms / 3_600_000)} h`;
  return `${exact.format(ms / 86_400_000)} d`;
}

function number(value: number): string {
  if (value !== 0 && Math.abs(value) < 1)
    return Math.abs(value) < 1e-6 ? value.toExponential(0) : fine.format(value);
  return Math.abs(value) < 10_000 ? exact.format(value) : compact.format(value);
}
