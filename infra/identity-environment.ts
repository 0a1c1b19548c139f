import type { Stage } from './stage.ts';

/** What functions that check identity tokens are told, beside the secret's ARN: addresses and names, nothing secret. */
export function identityEnvironment({ settings }: Stage): Readonly<Record<string, string>> {
  const { jwks, sharedSecret = true } = settings.identity ?? {};
  if (jwks === undefined) return {};
  return {
    IDENTITY_JWKS_URL: jwks.url,
    ...(jwks.audience !== undefined && { IDENTITY_JWKS_AUDIENCE: jwks.audience }),
    ...(jwks.issuer !== undefined && { IDENTITY_JWKS_ISSUER: jwks.issuer }),
    ...(!sharedSecret && { IDENTITY_SHARED_SECRET: 'off' }),
  };
}
