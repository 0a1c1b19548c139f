import { ar } from './ar.ts';
import { en } from './en.ts';
import { ptBr } from './pt-br.ts';
import { sv } from './sv.ts';

/** Everything that the shop says, in any language. */
export type Words = Said<typeof en>;
type Said<Text> = Text extends string ? string : { readonly [Key in keyof Text]: Said<Text[Key]> };

export const LOCALES = ['en', 'pt-BR', 'sv', 'ar'] as const;
export type Locale = (typeof LOCALES)[number];

/** Languages as they call themselves. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = {
  en: 'English',
  'pt-BR': 'Português',
  sv: 'Svenska',
  ar: 'العربية',
};

const WORDS: Readonly<Record<Locale, Words>> = { en, 'pt-BR': ptBr, sv, ar };

export function wordsOf(locale: Locale): Words {
  return WORDS[locale];
}

export function isLocale(text: string): text is Locale {
  return (LOCALES as readonly string[]).includes(text);
}

/**
 * Fills the gaps of a text.
 *
 * @example filled('Hello, {name}.', { name: 'Ann' }) // 'Hello, Ann.'
 */
export function filled(text: string, gaps: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => gaps[name] ?? gap);
}
