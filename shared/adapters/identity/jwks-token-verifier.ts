import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type { TokenVerdict, TokenVerifier } from '../../ports/identity.ts';
import { judgeToken, MAX_TOKEN_LENGTH, rejected } from './judge-token.ts';
import type { FoundKeys, PublishedKeys } from './published-keys.ts';

/** Keys tried for one token; a token that names its key needs one. */
const MAX_TRIES = 4;

export interface JwksTokenVerifierOptions {
  readonly keys: PublishedKeys;
  /** If set, the token's `aud` must name it. */
  readonly audience?: string | undefined;
  /** If set, the token's `iss` must be it. */
  readonly issuer?: string | undefined;
}

/**
 * Checks identity tokens that an issuer signs with RS256 or ES256, by the keys that it publishes. Of a token's header only
 * `alg` and `kid` are looked at: where keys come from is the shop's to say (`jku`, `x5u`, `jwk` are not).
 *
 * @example
 * const verifier = jwksTokenVerifier({ keys, issuer: 'https://login.shop.example/', audience: 'checkout' });
 * await verifier.verify(token, Date.now(), { signal: AbortSignal.timeout(30) });
 */
export function jwksTokenVerifier({ keys, audience, issuer }: JwksTokenVerifierOptions): TokenVerifier {
  async function judgeBy(
    found: FoundKeys,
    {
      token,
      nowMs,
      algorithm,
    }: { readonly token: string; readonly nowMs: number; readonly algorithm: string },
  ): Promise<TokenVerdict> {
    if (found.status === 'unavailable') return rejected('unavailable');
    let verdict = rejected('signature');
    if (found.status === 'absent') return verdict;
    const candidates = found.keys.filter((key) => key.algorithm === algorithm).slice(0, MAX_TRIES);
    for (const candidate of candidates) {
      verdict = await judgeToken(token, nowMs, { ...candidate, audience, issuer });
      if (verdict.ok || verdict.reason !== 'signature') break;
    }
    return verdict;
  }

  return {
    async verify(token, nowMs, { signal } = {}) {
      const header = headerOf(token);
      if (header === null) return rejected('malformed');
      const { alg: algorithm, kid } = header;
      if (algorithm !== 'RS256' && algorithm !== 'ES256') return rejected('algorithm');
      const asked = { token, nowMs, algorithm };
      const verdict = await judgeBy(await keys.find(kid, signal), asked);
      const isNameless = kid === undefined && !verdict.ok && verdict.reason === 'signature';
      return isNameless ? judgeBy(await keys.findNewer(kid, signal), asked) : verdict;
    },
  };
}

function headerOf(token: string): ProtectedHeaderParameters | null {
  if (token.length > MAX_TOKEN_LENGTH || token.split('.').length !== 3) return null;
  try {
    const header = decodeProtectedHeader(token);
    return header.kid === undefined || typeof header.kid === 'string' ? header : null;
  } catch {
    return null;
  }
}
