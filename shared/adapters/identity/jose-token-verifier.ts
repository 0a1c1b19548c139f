import { createSecretKey } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { usableId } from '../../protocol/message.ts';
import type { TokenRejection, TokenVerdict, TokenVerifier } from '../../ports/identity.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
/** A token names a logged-in shopper to a page; one that lives longer than a day is a password. */
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;
/** Longer ones are not worth hashing. */
const MAX_TOKEN_LENGTH = 8_192;

export interface Hs256TokenVerifierOptions {
  readonly secret: string;
  /** If set, the token's `aud` must name it. */
  readonly audience?: string;
}

/**
 * Checks identity tokens that the shop signs with HS256: `sub` the user's id, `exp` within a day. The algorithm is
 * ours to choose, never the token's.
 *
 * @example
 * const verdict = await hs256TokenVerifier({ secret }).verify(token, Date.now());
 * if (verdict.ok) verdict.userId;
 */
export function hs256TokenVerifier({ secret, audience }: Hs256TokenVerifierOptions): TokenVerifier {
  const key = createSecretKey(Buffer.from(secret));
  return {
    async verify(token, nowMs) {
      if (token.length > MAX_TOKEN_LENGTH) return rejected('malformed');
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          currentDate: new Date(nowMs),
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          requiredClaims: ['sub', 'exp'],
          ...(audience !== undefined && { audience }),
        });
        return verdictOf(payload, nowMs);
      } catch (error) {
        return rejected(reasonOf(error));
      }
    },
  };
}

function verdictOf({ sub, exp }: JWTPayload, nowMs: number): TokenVerdict {
  const latestExp = nowMs / 1000 + MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS;
  const userId = usableId(typeof sub === 'string' ? sub.trim() : null);
  if (userId === undefined) return rejected('claims');
  if (exp === undefined || exp > latestExp) return rejected('claims');
  return { ok: true, userId };
}

function rejected(reason: TokenRejection): TokenVerdict {
  return { ok: false, reason };
}

function reasonOf(error: unknown): TokenRejection {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'aud' ? 'audience' : 'claims';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return error instanceof errors.JOSEError ? 'malformed' : 'unavailable';
}
