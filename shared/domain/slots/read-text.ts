import { nearestWord } from '../nearest-word.ts';
import { localizedText, placeholdersIn, type LocalizedText, type TextSource } from './localized-text.ts';
import { note, type Reading } from './reading.ts';

const LOCALE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** A text in every language that it is written in; what is wrong with it is noted. */
export function readText(
  source: TextSource,
  placeholders: readonly string[],
  path: string,
  reading: Reading,
): LocalizedText {
  const { defaultLocale } = reading;
  if (!Object.hasOwn(source, defaultLocale))
    note(
      reading,
      'missing_setting',
      `${path}.${defaultLocale}`,
      'is missing; it is said where no other language is nearer',
    );
  const texts: Record<string, string> = {};
  for (const [locale, text] of Object.entries(source)) {
    const at = `${path}.${locale}`;
    if (!isLocale(locale)) note(reading, 'not_a_locale', at, 'names no language; write e.g. "pt" or "pt-BR"');
    if (typeof text !== 'string' || text.trim() === '') {
      note(reading, 'missing_setting', at, 'is empty; write what is to be said');
      continue;
    }
    texts[locale] = text;
    for (const name of placeholdersIn(text)) {
      if (!placeholders.includes(name)) note(reading, 'unknown_placeholder', at, unknown(name, placeholders));
    }
  }
  return localizedText(texts, defaultLocale);
}

export function isLocale(text: string): boolean {
  return LOCALE.test(text);
}

function unknown(name: string, known: readonly string[]): string {
  const said = `speaks of {${name}}, which is not known here`;
  const nearest = nearestWord(name, known);
  if (nearest !== null) return `${said}: did you mean {${nearest}}?`;
  return known.length === 0
    ? `${said}; nothing is filled in`
    : `${said}; there are ${known.map((one) => `{${one}}`).join(', ')}`;
}
