/** What the SDK asks a provider of credentials for. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Stands in for `@aws-sdk/credential-provider-node` where functions are bundled (infra/stage-function.ts). The SDK looks for
 * credentials in profiles, single sign-on, web identities, processes and metadata services too; Lambda puts a function's into
 * its environment and nowhere else. What is not bundled need not be loaded: it was a quarter of `decide-checkout`, and a tenth of the CPU of its cold start.
 *
 * Rejects where the environment has none.
 */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
      throw new Error('there are no AWS credentials in the environment');
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
  };
}
