import type { Json } from './json.ts';
import type { JsonObject } from './stream-event.ts';

/** Longest id or name that a fact keeps; longer ones are somebody's mistake or attack. */
const MAX_TEXT = 128;

/** A short text or number as text; anything else, the empty text included, is absent. */
export function textOf(value: Json | undefined): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return text !== '' && text.length <= MAX_TEXT ? text : undefined;
}

/** A finite number, also from its decimal text. */
export function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The objects of a list, at most `limit`. */
export function objectsOf(value: Json | undefined, limit: number): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).slice(0, limit).filter(isObject) : [];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
