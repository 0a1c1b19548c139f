import { credentialsOf, type Credentials } from '../../shared/protocol/credentials.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

test.each<[string, string | undefined, string | undefined, Credentials]>([
  [
    'Basic with the key as user name and no password',
    `Basic ${encoded('wk_1:')}`,
    undefined,
    { key: 'wk_1' },
  ],
  ['Basic without a colon', `Basic ${encoded('wk_1')}`, undefined, { key: 'wk_1' }],
  ['Basic with a password, which is ignored', `Basic ${encoded('wk_1:x:y')}`, undefined, { key: 'wk_1' }],
  ['a scheme in any case', `bAsIc ${encoded('wk_1:')}`, undefined, { key: 'wk_1' }],
  ['more than one blank', `  Basic   ${encoded('wk_1:')} `, undefined, { key: 'wk_1' }],
  ['Basic before the body', `Basic ${encoded('wk_1:')}`, 'wk_2', { key: 'wk_1' }],
  ['an empty user name, so the body', `Basic ${encoded(':secret')}`, 'wk_2', { key: 'wk_2' }],
  ['Bearer with a secret key', 'Bearer sk_1', undefined, { key: 'sk_1' }],
  ['Bearer with a secret key before the body', 'Bearer sk_1', 'wk_2', { key: 'sk_1' }],
  ['Bearer with a token and the key in the body', 'Bearer a.b.c', 'wk_2', { key: 'wk_2', bearer: 'a.b.c' }],
  ['Bearer with a token alone', 'bearer a.b.c', undefined, { bearer: 'a.b.c' }],
  ['the body alone', undefined, 'wk_2', { key: 'wk_2' }],
  ['another scheme, so the body', 'Digest username="wk_1"', 'wk_2', { key: 'wk_2' }],
  ['a scheme without a value', 'Basic', 'wk_2', { key: 'wk_2' }],
  ['nothing at all', undefined, undefined, {}],
  ['an empty header', '', undefined, {}],
])('%s', (_name, header, bodyKey, credentials) => {
  expect(credentialsOf(header, bodyKey)).toEqual(credentials);
});

test('a header made to keep a regular expression busy does not', () => {
  const startedAt = performance.now();
  credentialsOf(`Basic${' '.repeat(100_000)}`, undefined);
  credentialsOf('a'.repeat(100_000), undefined);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
