import { localizedText, placeholdersIn, say } from '../../shared/domain/slots/localized-text.ts';

const greeting = localizedText(
  { en: 'Hello', pt: 'Olá', 'pt-BR': 'Oi', 'zh-Hant': '你好', 'en-GB': 'Good day' },
  'en',
);

test.each([
  ['pt-BR', 'Oi', 'pt-BR'],
  ['PT-br', 'Oi', 'pt-BR'],
  ['pt_BR', 'Oi', 'pt-BR'],
  ['pt-PT', 'Olá', 'pt'],
  ['pt', 'Olá', 'pt'],
  ['zh-Hant-TW', '你好', 'zh-Hant'],
  ['zh', 'Hello', 'en'],
  ['sv', 'Hello', 'en'],
  [undefined, 'Hello', 'en'],
  ['', 'Hello', 'en'],
  ['-', 'Hello', 'en'],
  ['__proto__', 'Hello', 'en'],
  ['portuguese', 'Hello', 'en'],
])('to somebody who speaks %j it says %s, which is %s', (asked, text, locale) => {
  expect(say(greeting, asked)).toEqual({ text, locale });
});

test('placeholders are filled in as they are: what is filled in is read no second time', () => {
  const text = localizedText({ en: '{tier}: {points} of {tier} { } {1}' }, 'en');
  expect(say(text, 'en', { tier: '<b>{points}</b>', points: 0 })?.text).toBe(
    '<b>{points}</b>: 0 of <b>{points}</b> { } {1}',
  );
});

test('a text that speaks of what is not known says nothing, in that language', () => {
  const text = localizedText({ en: 'You are {tier}', de: 'Willkommen' }, 'en');
  expect([say(text, 'en', { tier: undefined }), say(text, 'de')?.text]).toEqual([undefined, 'Willkommen']);
});

test('placeholders are letters in braces', () => {
  expect(placeholdersIn('{a} b {c}{d} {e f} {1} {} {')).toEqual(['a', 'c', 'd']);
});
