import { randomInt } from 'node:crypto';
import * as v from 'valibot';

/** `GenerateSecretString` of AWS::SecretsManager::Secret. */
export const GenerateSecretString = v.object({
  SecretStringTemplate: v.optional(v.string()),
  GenerateStringKey: v.optional(v.string()),
  PasswordLength: v.optional(v.number(), 32),
  ExcludeCharacters: v.optional(v.string(), ''),
  ExcludeLowercase: v.optional(v.boolean(), false),
  ExcludeUppercase: v.optional(v.boolean(), false),
  ExcludeNumbers: v.optional(v.boolean(), false),
  ExcludePunctuation: v.optional(v.boolean(), false),
  IncludeSpace: v.optional(v.boolean(), false),
});

/** A secret's text as Secrets Manager would generate it. */
export function generateSecret(rule: v.InferOutput<typeof GenerateSecretString>): string {
  const alphabet = [
    rule.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    rule.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    rule.ExcludeNumbers ? '' : '0123456789',
    rule.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    rule.IncludeSpace ? ' ' : '',
  ]
    .join('')
    .split('')
    .filter((character) => !rule.ExcludeCharacters.includes(character));
  const password = Array.from(
    { length: rule.PasswordLength },
    () => alphabet[randomInt(alphabet.length)],
  ).join('');
  if (rule.GenerateStringKey === undefined) return password;
  const template = JSON.parse(rule.SecretStringTemplate ?? '{}') as object;
  return JSON.stringify({ ...template, [rule.GenerateStringKey]: password });
}

/**
 * What README tells people to use on their own machine, in place of generated values. Each can be set by the
 * environment.
 */
export function localKeys(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<'writeKey' | 'secretKey' | 'identitySecret', string>> {
  return {
    writeKey: env.CARTWRIGHT_WRITE_KEY || 'wk_local',
    secretKey: env.CARTWRIGHT_SECRET_KEY || 'sk_local',
    identitySecret: env.CARTWRIGHT_IDENTITY_SECRET || 'local-identity-secret',
  };
}

/**
 * The secret with the values in place that it has a key for; any other secret stays as it is.
 *
 * @example withLocalKeys('{"writeKey":"wk_9f"}', { writeKey: 'wk_local' }) // '{"writeKey":"wk_local"}'
 */
export function withLocalKeys(secret: string, keys: Readonly<Record<string, string>>): string {
  if (!secret.startsWith('{')) return secret;
  const values = JSON.parse(secret) as Record<string, unknown>;
  const known = Object.entries(keys).filter(([key]) => key in values);
  return known.length > 0 ? JSON.stringify({ ...values, ...Object.fromEntries(known) }) : secret;
}
