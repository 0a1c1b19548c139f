const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest that a condition looks back: two years. */
export const MAX_DAYS = 731;
export const MAX_DURATION_MS = MAX_DAYS * 86_400_000;

/** `durationMs('90d')` → 7776000000; minutes, hours or days (`m`, `h`, `d`). Undefined: it is none. */
export function durationMs(text: unknown): number | undefined {
  const parts = typeof text === 'string' ? /^([1-9]\d{0,6})([mhd])$/.exec(text) : null;
  return parts ? Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? 0) : undefined;
}
