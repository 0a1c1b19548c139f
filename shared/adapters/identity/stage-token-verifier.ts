import type { Clock } from '../../ports/clock.ts';
import type { TokenVerifier } from '../../ports/identity.ts';
import type { Log } from '../../ports/telemetry.ts';
import type { Timer } from '../../ports/timer.ts';
import { eitherTokenVerifier } from './either-token-verifier.ts';
import { fetchJwks } from './fetch-jwks.ts';
import { hs256TokenVerifier } from './hs256-token-verifier.ts';
import { jwksTokenVerifier } from './jwks-token-verifier.ts';
import { publishedKeys } from './published-keys.ts';

/** A function that starts waits so long for keys, so that its first request need not. */
const WARM_UP_MS = 1_000;

/** What a stage's functions are told of who may vouch for a user: nothing of it is secret but the secret. */
export type IdentityEnvironment = Readonly<
  Partial<
    Record<
      'IDENTITY_JWKS_URL' | 'IDENTITY_JWKS_AUDIENCE' | 'IDENTITY_JWKS_ISSUER' | 'IDENTITY_SHARED_SECRET',
      string
    >
  >
>;

/**
 * The verifier of a stage: by the shared secret, by the keys that an issuer publishes, or by either. Without an issuer
 * nothing is fetched.
 *
 * @example
 * const tokens = await stageTokenVerifier(process.env, { secret, clock: systemClock, timer: systemTimer, log });
 */
export async function stageTokenVerifier(
  environment: IdentityEnvironment,
  dependencies: {
    readonly secret: string;
    readonly clock: Clock;
    readonly timer: Timer;
    readonly log: Log;
  },
): Promise<TokenVerifier> {
  const shared = hs256TokenVerifier({ secret: dependencies.secret });
  const { IDENTITY_JWKS_URL: url } = environment;
  if (url === undefined || url === '') return shared;
  const keys = publishedKeys({ ...dependencies, fetchKeys: (signal) => fetchJwks(url, signal) });
  await keys.find(undefined, dependencies.timer.abortAfter(WARM_UP_MS));
  const published = jwksTokenVerifier({
    keys,
    audience: environment.IDENTITY_JWKS_AUDIENCE,
    issuer: environment.IDENTITY_JWKS_ISSUER,
  });
  return environment.IDENTITY_SHARED_SECRET === 'off'
    ? published
    : eitherTokenVerifier({ shared, published });
}
