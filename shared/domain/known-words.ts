import type { ConfigFault } from './check-store-config.ts';
import { nearestWord } from './nearest-word.ts';

/** Words that there are. As a record over a type's own words, it does not compile until a new one stands in it. */
export type KnownWords = Readonly<Record<string, true>>;

const NONE: ReadonlySet<string> = new Set();

/** Settings that there are none of, with the nearest one that there is, and settings that are left out. */
export function settingFaults(
  settings: object | undefined,
  words: KnownWords,
  root: string,
  optional: ReadonlySet<string> = NONE,
): readonly ConfigFault[] {
  const known = Object.keys(words);
  const at = (name: string): string => (root === '' ? name : `${root}.${name}`);
  const given = Object.keys(settings ?? {});
  const unknown = given.filter((name) => !known.includes(name));
  const meant = unknown.map((name) => nearestWord(name, known));
  // A misspelt setting is missing too; once is enough to say so.
  const missing = known.filter(
    (name) => !optional.has(name) && !given.includes(name) && !meant.includes(name),
  );
  return [
    ...unknown.map((name): ConfigFault => ({
      code: 'unknown_setting',
      path: at(name),
      message: `There is no setting ${at(name)}${hint(name, known)}`,
    })),
    ...missing.map((name): ConfigFault => ({
      code: 'missing_setting',
      path: at(name),
      message: `${at(name)} is missing; store.config.ts must set it.`,
    })),
  ];
}

/** A choice that there is not, with the nearest one that there is. */
export function choiceFaults(choice: unknown, words: KnownWords, path: string): readonly ConfigFault[] {
  const known = Object.keys(words);
  if (typeof choice === 'string' && known.includes(choice)) return [];
  const said = JSON.stringify(choice) ?? 'missing';
  return [{ code: 'not_a_choice', path, message: `${path} is ${said}${hint(String(choice), known)}` }];
}

function hint(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  const words = known.map((one) => `"${one}"`).join(', ');
  return nearest === null ? `; write one of ${words}.` : `: did you mean "${nearest}"?`;
}
