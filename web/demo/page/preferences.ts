import { isCountryCode, type CountryCode } from '../catalogue/countries.ts';
import { isLocale, LOCALES, type Locale } from '../words/words.ts';
import { keep, readKept } from './kept.ts';

export interface Preferences {
  readonly locale: Locale;
  readonly country: CountryCode;
}

const HOME: Readonly<Record<Locale, CountryCode>> = { en: 'IE', 'pt-BR': 'BR', sv: 'SE', ar: 'AE' };

/** What the shopper chose, or else what their browser asks for. */
export function readPreferences(languages: readonly string[]): Preferences {
  return readKept('preferences', (said) => {
    const { locale, country } = (said ?? {}) as { readonly locale?: unknown; readonly country?: unknown };
    const spoken = typeof locale === 'string' && isLocale(locale) ? locale : localeFor(languages);
    const isKnown = typeof country === 'string' && isCountryCode(country);
    return { locale: spoken, country: isKnown ? country : HOME[spoken] };
  });
}

export function keepPreferences(preferences: Preferences): void {
  keep('preferences', preferences);
}

function localeFor(languages: readonly string[]): Locale {
  for (const language of languages) {
    const [spoken] = language.split('-');
    const found = LOCALES.find((locale) => locale.split('-')[0] === spoken);
    if (found) return found;
  }
  return 'en';
}
