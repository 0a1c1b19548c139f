import { createSecretKey } from 'node:crypto';
import type { TokenVerifier } from '../../ports/identity.ts';
import { judgeToken } from './judge-token.ts';

export interface Hs256TokenVerifierOptions {
  readonly secret: string;
  /** If set, the token's `aud` must name it. */
  readonly audience?: string;
}

/**
 * Checks identity tokens that the shop signs with HS256: `sub` the user's id, `exp` within a day.
 *
 * @example
 * const verdict = await hs256TokenVerifier({ secret }).verify(token, Date.now());
 * if (verdict.ok) verdict.userId;
 */
export function hs256TokenVerifier({ secret, audience }: Hs256TokenVerifierOptions): TokenVerifier {
  const key = createSecretKey(Buffer.from(secret));
  return { verify: (token, nowMs) => judgeToken(token, nowMs, { key, algorithm: 'HS256', audience }) };
}
