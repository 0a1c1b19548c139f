import { errors, jwtVerify, type CryptoKey, type JWTPayload, type KeyObject } from 'jose';
import { usableId } from '../../protocol/message.ts';
import type { TokenRejection, TokenVerdict } from '../../ports/identity.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
/** A token names a logged-in shopper to a page; one that lives longer than a day is a password. */
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;
/** Longer ones are not worth hashing. */
export const MAX_TOKEN_LENGTH = 8_192;

/** What a token must be signed with and say. */
export interface TokenDemands {
  readonly key: KeyObject | CryptoKey;
  /** The one algorithm of that key: it is ours to choose, never the token's. */
  readonly algorithm: 'HS256' | 'RS256' | 'ES256';
  /** If set, the token's `aud` must name it. */
  readonly audience?: string | undefined;
  /** If set, the token's `iss` must be it. */
  readonly issuer?: string | undefined;
}

/** Judges one token by one key. Never rejects. @param nowMs the time it must be valid at */
export async function judgeToken(
  token: string,
  nowMs: number,
  { key, algorithm, audience, issuer }: TokenDemands,
): Promise<TokenVerdict> {
  if (token.length > MAX_TOKEN_LENGTH) return rejected('malformed');
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp'],
      ...(audience !== undefined && { audience }),
      ...(issuer !== undefined && { issuer }),
    });
    return verdictOf(payload, nowMs);
  } catch (error) {
    return rejected(reasonOf(error));
  }
}

export function rejected(reason: TokenRejection): TokenVerdict {
  return { ok: false, reason };
}

function verdictOf({ sub, exp }: JWTPayload, nowMs: number): TokenVerdict {
  const latestExp = nowMs / 1000 + MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS;
  const userId = usableId(typeof sub === 'string' ? sub.trim() : null);
  if (userId === undefined) return rejected('claims');
  if (exp === undefined || exp > latestExp) return rejected('claims');
  return { ok: true, userId };
}

function reasonOf(error: unknown): TokenRejection {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'aud' ? 'audience' : 'claims';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return error instanceof errors.JOSEError ? 'malformed' : 'unavailable';
}
