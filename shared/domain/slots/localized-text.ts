/** A text by locale (BCP 47), e.g. `{ en: 'Welcome', 'pt-BR': 'Boas-vindas' }`; `{name}` is filled in. */
export type TextSource = Readonly<Record<string, string>>;

/** A text cut at its placeholders, one for each locale. */
export interface LocalizedText {
  readonly byLocale: ReadonlyMap<string, TextIn>;
  readonly fallback: TextIn;
}

interface TextIn {
  /** As the shop writes it. */
  readonly locale: string;
  /** Alternately a literal and the name of a placeholder. */
  readonly parts: readonly string[];
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/;

/** @param defaultLocale one that the text is written in */
export function localizedText(source: TextSource, defaultLocale: string): LocalizedText {
  const texts = Object.entries(source).map(([locale, text]) => ({ locale, parts: text.split(PLACEHOLDER) }));
  return {
    byLocale: new Map(texts.map((text) => [text.locale.toLowerCase(), text])),
    fallback: texts.find(({ locale }) => locale === defaultLocale) ?? { locale: defaultLocale, parts: [''] },
  };
}

export function placeholdersIn(text: string): readonly string[] {
  return text.split(PLACEHOLDER).filter((_part, index) => index % 2 === 1);
}

/**
 * Says a text in the language nearest to the one that is asked for: `pt-BR`, else `pt`, else the shop's default. Plain
 * text: what is filled in stays what it is. Undefined: something that it speaks of is not known.
 *
 * @example say(text, 'pt-BR', { tier: 'gold' }) // → { text: 'Seu nível: gold', locale: 'pt' }
 */
export function say(
  { byLocale, fallback }: LocalizedText,
  asked: string | undefined,
  values: Readonly<Record<string, string | number | undefined>> = {},
): { readonly text: string; readonly locale: string } | undefined {
  let said: TextIn | undefined;
  for (let tag = (asked ?? '').toLowerCase().replaceAll('_', '-'); tag !== '' && !said; tag = parentOf(tag))
    said = byLocale.get(tag);
  const { parts, locale } = said ?? fallback;
  let text = '';
  for (const [index, part] of parts.entries()) {
    const shown = index % 2 === 0 ? part : values[part];
    if (shown === undefined) return undefined;
    text += shown;
  }
  return { text, locale };
}

/** `zh-hant-tw` → `zh-hant` → `zh` → nothing */
function parentOf(tag: string): string {
  return tag.slice(0, Math.max(0, tag.lastIndexOf('-')));
}
