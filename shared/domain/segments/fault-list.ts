import { nearestWord } from '../nearest-word.ts';
import type { ConditionFault } from './condition.ts';

/** What is wrong with a condition, gathered on the way: all of it is said at once. */
export class FaultList {
  readonly #faults: ConditionFault[] = [];

  add(code: ConditionFault['code'], path: string, message: string): void {
    const end = message.endsWith('?') ? '' : '.';
    this.#faults.push({ code, path, message: `${path}: ${message}${end}` });
  }

  get all(): readonly ConditionFault[] {
    return this.#faults;
  }
}

/** The path of `name` in what stands at `path`. */
export function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The word that was probably meant, or all there are if they are few. */
export function wordHint(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  if (nearest !== null) return `: did you mean "${nearest}"?`;
  return known.length === 0 ? '' : `; there are ${known.slice(0, 40).join(', ')}`;
}

export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
