import { importJWK, type CryptoKey } from 'jose';
import * as v from 'valibot';

/** More keys than any issuer has at a time; each costs an import and perhaps a signature's check. */
const MAX_KEYS = 32;
/** Shorter RSA keys can be broken: https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const MIN_RSA_BITS = 2_048;

export interface VerificationKey {
  readonly kid?: string;
  readonly algorithm: 'RS256' | 'ES256';
  readonly key: CryptoKey;
}

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(4_096));
const common = {
  kid: v.optional(v.string()),
  use: v.optional(v.literal('sig')),
  key_ops: v.optional(v.pipe(v.array(v.string()), v.includes('verify'))),
};
/**
 * What of a published key is taken: the public half of a signing key of these two kinds. Whatever else stands in the
 * document, symmetric keys before all, could only be there to be mistaken for one.
 */
const publicKey = v.variant('kty', [
  v.object({ ...common, kty: v.literal('RSA'), alg: v.optional(v.literal('RS256')), n: text, e: text }),
  v.object({
    ...common,
    kty: v.literal('EC'),
    crv: v.literal('P-256'),
    alg: v.optional(v.literal('ES256')),
    x: text,
    y: text,
  }),
]);
const keySet = v.object({ keys: v.array(v.unknown()) });

/**
 * The keys of a JWK set (RFC 7517) that can check an identity token; keys of other kinds are passed over.
 *
 * @throws Error if it is no JWK set
 */
export async function verificationKeysOf(document: unknown): Promise<readonly VerificationKey[]> {
  const set = v.safeParse(keySet, document);
  if (!set.success) throw new Error('what came is no JWK set');
  const keys = await Promise.all(set.output.keys.slice(0, MAX_KEYS).map(importKey));
  return keys.filter((key) => key !== null);
}

async function importKey(jwk: unknown): Promise<VerificationKey | null> {
  const parsed = v.safeParse(publicKey, jwk);
  if (!parsed.success) return null;
  const { kid, use: _use, key_ops: _operations, alg: _algorithm, ...material } = parsed.output;
  const algorithm = material.kty === 'RSA' ? 'RS256' : 'ES256';
  try {
    const key = await importJWK(material, algorithm);
    if (key instanceof Uint8Array || isTooShort(key)) return null;
    return { ...(kid !== undefined && { kid }), algorithm, key };
  } catch {
    return null;
  }
}

function isTooShort({ algorithm }: CryptoKey): boolean {
  return 'modulusLength' in algorithm && Number(algorithm.modulusLength) < MIN_RSA_BITS;
}
