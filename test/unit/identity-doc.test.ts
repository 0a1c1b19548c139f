import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hs256TokenVerifier } from '../../shared/adapters/identity/hs256-token-verifier.ts';
import { jwksTokenVerifier } from '../../shared/adapters/identity/jwks-token-verifier.ts';
import { publishedKeys } from '../../shared/adapters/identity/published-keys.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { systemTimer } from '../../shared/adapters/system-timer.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SCRIPTS = [...readFileSync(`${ROOT}docs/identity.md`, 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, script = '']) => script,
);

/** Runs a script of the page as a shop would paste it. */
function run(script: string | undefined, environment: Readonly<Record<string, string>> = {}): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', script ?? ''], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
  })
    .toString()
    .trim();
}

describe('docs/identity.md', () => {
  test('shows how a server signs with the secret', async () => {
    const token = run(SCRIPTS[0], { IDENTITY_SECRET: 'local-identity-secret' });
    const verifier = hs256TokenVerifier({ secret: 'local-identity-secret' });
    expect(await verifier.verify(token, Date.now())).toEqual({ ok: true, userId: 'user-42' });
  });

  test('shows how a key pair signs, and what to publish', async () => {
    const { jwks, token } = JSON.parse(run(SCRIPTS[1])) as { readonly jwks: unknown; readonly token: string };
    const keys = publishedKeys({
      fetchKeys: () => Promise.resolve(jwks),
      clock: systemClock,
      timer: systemTimer,
      log: memoryLog(),
    });
    const verifier = jwksTokenVerifier({ keys, audience: 'checkout', issuer: 'https://login.shop.example/' });
    expect(await verifier.verify(token, Date.now())).toEqual({ ok: true, userId: 'user-42' });
    expect(SCRIPTS).toHaveLength(2);
  });
});
