type Env = Readonly<Record<string, string | undefined>>;

/** What a person sets on this machine, and what functions read it as. */
const NAMES = {
  CARTWRIGHT_IDENTITY_JWKS_URL: 'IDENTITY_JWKS_URL',
  CARTWRIGHT_IDENTITY_JWKS_AUDIENCE: 'IDENTITY_JWKS_AUDIENCE',
  CARTWRIGHT_IDENTITY_JWKS_ISSUER: 'IDENTITY_JWKS_ISSUER',
} as const;

/**
 * The issuer of identity tokens that a person names for the local run, for functions that check such tokens; beside what
 * the stage says, so that a shop's login can be tried without a change of the configuration.
 *
 * @example localIdentity({ IDENTITY_SECRET: 'arn:…' }, { CARTWRIGHT_IDENTITY_JWKS_URL: 'http://127.0.0.1:9000/jwks.json' })
 */
export function localIdentity(environment: Env, env: Env): Readonly<Record<string, string>> {
  if (environment.IDENTITY_SECRET === undefined) return {};
  return Object.fromEntries(
    Object.entries(NAMES).flatMap(([name, known]) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[known, value]];
    }),
  );
}
