import { decodeProtectedHeader } from 'jose';
import type { TokenVerifier } from '../../ports/identity.ts';

/**
 * Two ways to vouch for a user side by side, for a shop that changes from the one to the other. A token picks the verifier, never the
 * key: each has keys of its own kind only, so that one's public key cannot be the other's secret.
 */
export function eitherTokenVerifier(verifiers: {
  readonly shared: TokenVerifier;
  readonly published: TokenVerifier;
}): TokenVerifier {
  return {
    verify: (token, nowMs, options) =>
      (isSymmetric(token) ? verifiers.shared : verifiers.published).verify(token, nowMs, options),
  };
}

function isSymmetric(token: string): boolean {
  try {
    return decodeProtectedHeader(token).alg === 'HS256';
  } catch {
    return false;
  }
}
