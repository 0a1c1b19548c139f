import type { SourceKind } from '../domain/stream-event.ts';

/** Why an identity token was turned down; `unavailable`: it cannot be judged now, and may be good. */
export type TokenRejection =
  'malformed' | 'signature' | 'algorithm' | 'expired' | 'audience' | 'claims' | 'unavailable';

export type TokenVerdict =
  { readonly ok: true; readonly userId: string } | { readonly ok: false; readonly reason: TokenRejection };

/**
 * Checks a signed identity token: `sub` = userId, `exp` required. Never rejects: a bad token is a value. Where keys have to
 * be fetched, `signal` ends the waiting for them, with `unavailable`.
 */
export interface TokenVerifier {
  verify(
    token: string,
    nowMs: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TokenVerdict>;
}

/** Names the source a key belongs to; compares in constant time. `null`: nobody's key. */
export interface SourceKeys {
  sourceOf(key: string): SourceKind | null;
}

/** HMAC(subject) under the stage's secret: 22 characters of base64url. Subjects are `u:<userId>` and `a:<anonymousId>`. */
export interface SubjectKeys {
  keyOf(subject: string): string;
}
