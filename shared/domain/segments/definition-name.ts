import { hashText } from '../hash.ts';
import type { Condition } from './condition.ts';

/**
 * Names what a segment means: the same as long as its condition, and those of the segments that it refers to, ask the
 * same. Its description may change.
 *
 * @param conditionOf the condition of a segment; no segment hangs on itself
 */
export function definitionName(id: string, conditionOf: (id: string) => Condition | undefined): string {
  const text = (of: string): string =>
    JSON.stringify(conditionOf(of), (_, value: unknown): unknown => {
      if (value instanceof RegExp) return String(value);
      return isMember(value) ? text(value.segment) : value;
    }) ?? '';
  return hashText(text(id), 8);
}

function isMember(value: unknown): value is Extract<Condition, { readonly kind: 'member' }> {
  return typeof value === 'object' && value !== null && (value as Condition).kind === 'member';
}
