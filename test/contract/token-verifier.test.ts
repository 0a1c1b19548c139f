import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { createHmac, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { eitherTokenVerifier } from '../../shared/adapters/identity/either-token-verifier.ts';
import { fetchJwks } from '../../shared/adapters/identity/fetch-jwks.ts';
import { hs256TokenVerifier } from '../../shared/adapters/identity/hs256-token-verifier.ts';
import { jwksTokenVerifier } from '../../shared/adapters/identity/jwks-token-verifier.ts';
import { publishedKeys } from '../../shared/adapters/identity/published-keys.ts';
import { stageTokenVerifier } from '../../shared/adapters/identity/stage-token-verifier.ts';
import { manualClock } from '../../shared/adapters/memory/manual-clock.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { systemTimer } from '../../shared/adapters/system-timer.ts';
import type { TokenVerifier } from '../../shared/ports/identity.ts';
import { AS_BROWSER, memoryStage } from '../memory-stage.ts';
import { JWKS_FAULTS, jwksServer, type JwksServer } from './jwks-server.ts';
import {
  claims,
  describeTokenVerifier,
  encode,
  NOW,
  NOW_MS,
  type Vouching,
} from './token-verifier.behaviour.ts';

const SECRET = 'local-identity-secret';

type Algorithm = 'RS256' | 'ES256';
interface Signer {
  readonly jwk: JWK & { readonly kid: string };
  readonly publicKey: KeyObject;
  sign(payload: unknown, header?: Readonly<Record<string, unknown>>): string;
}

let keys = 0;
/** Signs by hand, so that headers and claims may be anything. */
function signer(algorithm: Algorithm, bits = 2_048): Signer {
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = `key-${++keys}`;
  return {
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' },
    sign(payload, header = {}) {
      const signed = `${encode({ alg: algorithm, typ: 'JWT', kid, ...header })}.${encode(payload)}`;
      const bytes = signBytes('sha256', Buffer.from(signed), {
        key: privateKey,
        dsaEncoding: 'ieee-p1363',
      });
      return `${signed}.${bytes.toString('base64url')}`;
    },
  };
}

function hs256(payload: unknown, header: object = {}, secret: string | Buffer = SECRET): string {
  const signed = `${encode({ alg: 'HS256', ...header })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const servers: JwksServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));
async function issuer(...signers: readonly Signer[]): Promise<JwksServer> {
  const server = await jwksServer(signers.map(({ jwk }) => jwk));
  servers.push(server);
  return server;
}

/** A verifier whose clock can be moved, so that its keys grow old. */
function verifierOf(server: JwksServer, demands: { audience?: string; issuer?: string } = {}) {
  const clock = manualClock(NOW_MS);
  const log = memoryLog();
  const published = publishedKeys({
    fetchKeys: (signal) => fetchJwks(server.url, signal),
    clock,
    timer: systemTimer,
    log,
  });
  const verifier = jwksTokenVerifier({ keys: published, ...demands });
  return { verifier, clock, log, verify: (token: string) => verifier.verify(token, NOW_MS) };
}
const accepted = { ok: true, userId: 'user-1' };
const rejected = (reason: string) => ({ ok: false, reason });

describeTokenVerifier('HS256', () =>
  Promise.resolve({
    verifier: hs256TokenVerifier({ secret: SECRET }),
    sign: (payload, header) => Promise.resolve(hs256(payload, header)),
    forge: (payload, header) => Promise.resolve(hs256(payload, header, 'another secret')),
  }),
);

const vouchingBy =
  (algorithm: Algorithm, wrap: (verifier: TokenVerifier) => TokenVerifier = (verifier) => verifier) =>
  async (): Promise<Vouching> => {
    const own = signer(algorithm);
    const other = signer(algorithm);
    const { verifier } = verifierOf(await issuer(signer('RS256'), own, signer('ES256')));
    return {
      verifier: wrap(verifier),
      sign: (payload, header) => Promise.resolve(own.sign(payload, header)),
      // Under the name of the shop's key: a made-up name is looked for first.
      forge: (payload, header) => Promise.resolve(other.sign(payload, { kid: own.jwk.kid, ...header })),
    };
  };
describeTokenVerifier('RS256 by published keys', vouchingBy('RS256'));
describeTokenVerifier('ES256 by published keys', vouchingBy('ES256'));
describeTokenVerifier(
  'ES256 beside a shared secret',
  vouchingBy('ES256', (published) =>
    eitherTokenVerifier({ shared: hs256TokenVerifier({ secret: SECRET }), published }),
  ),
);

describe('a token by published keys', () => {
  test('must name the audience and the issuer that are set', async () => {
    const own = signer('ES256');
    const { verify } = verifierOf(await issuer(own), { audience: 'shop', issuer: 'https://login/' });
    const judged = (more: object) => verify(own.sign({ ...claims, ...more }));

    expect(await judged({ aud: 'shop', iss: 'https://login/' })).toEqual(accepted);
    expect(await judged({ aud: ['blog', 'shop'], iss: 'https://login/' })).toEqual(accepted);
    expect(await judged({ aud: 'blog', iss: 'https://login/' })).toEqual(rejected('audience'));
    expect(await judged({ iss: 'https://login/' })).toEqual(rejected('audience'));
    expect(await judged({ aud: 'shop', iss: 'https://login' })).toEqual(rejected('claims'));
    expect(await judged({ aud: 'shop' })).toEqual(rejected('claims'));
  });

  test('cannot be an HMAC under the public key, in whatever form that is written', async () => {
    const own = signer('RS256');
    const server = await issuer(own);
    const both = eitherTokenVerifier({
      shared: hs256TokenVerifier({ secret: SECRET }),
      published: verifierOf(server).verifier,
    });
    const pem = own.publicKey.export({ format: 'pem', type: 'spki' });
    const forms = [
      pem,
      String(pem).trim(),
      own.publicKey.export({ format: 'der', type: 'spki' }),
      own.publicKey.export({ format: 'pem', type: 'pkcs1' }),
      JSON.stringify(own.jwk),
      Buffer.from(own.jwk.n ?? '', 'base64url'),
      own.jwk.n ?? '',
    ];
    const { kid } = own.jwk;
    for (const secret of forms) {
      expect(await verifierOf(server).verify(hs256(claims, { kid }, secret))).toEqual(rejected('algorithm'));
      expect(await both.verify(hs256(claims, { kid }, secret), NOW_MS)).toEqual(rejected('signature'));
      const asRsa = hs256(claims, { alg: 'RS256', kid }, secret);
      expect(await both.verify(asRsa, NOW_MS)).toEqual(rejected('signature'));
    }
  });

  test('is not checked by a symmetric, private-use, short or mislabelled key that stands in the document', async () => {
    const good = signer('ES256');
    const short = signer('RS256', 1_024);
    const encrypting = signer('RS256');
    const wrapping = signer('RS256');
    const server = await issuer(good, short);
    server.publish([
      null,
      'key',
      { kty: 'oct', kid: 'oct', alg: 'HS256', k: Buffer.from('public').toString('base64url') },
      { ...encrypting.jwk, use: 'enc' },
      { ...wrapping.jwk, key_ops: ['wrapKey'] },
      { ...short.jwk },
      { ...signer('RS256').jwk, kid: 'odd', n: '!' },
      { ...signer('RS256').jwk, kid: 'labelled', alg: 'RS512' },
      good.jwk,
    ]);
    const { verify } = verifierOf(server);

    expect(await verify(good.sign(claims))).toEqual(accepted);
    expect(await verify(short.sign(claims))).toEqual(rejected('signature'));
    for (const one of [encrypting, wrapping])
      expect(await verify(one.sign(claims))).toMatchObject({ ok: false });
    expect(await verify(hs256(claims, { kid: 'oct' }, 'public'))).toEqual(rejected('algorithm'));
  });

  test.each(['../../dev/null', "' OR 1=1 --", '__proto__', 'constructor', '', 'key-1\0'])(
    'that names its key %j is turned down and nothing else happens',
    async (kid) => {
      const own = signer('ES256');
      const server = await issuer(own);
      const { verify } = verifierOf(server);
      expect(await verify(signer('ES256').sign(claims, { kid }))).toEqual(rejected('signature'));
      expect(await verify(own.sign(claims))).toEqual(accepted);
      expect(server.asked()).toBe(2);
    },
  );

  test('that names its key by a number is turned down', async () => {
    const { verify } = verifierOf(await issuer(signer('ES256')));
    expect(await verify(signer('ES256').sign(claims, { kid: 7 }))).toEqual(rejected('malformed'));
  });

  test('that does not name its key is tried with those there are', async () => {
    const [old, own] = [signer('ES256'), signer('ES256')];
    const { verify } = verifierOf(await issuer(old, own));
    expect(await verify(own.sign(claims, { kid: undefined }))).toEqual(accepted);
    expect(await verify(signer('ES256').sign(claims, { kid: undefined }))).toEqual(rejected('signature'));
  });
});

describe('published keys', () => {
  test('are fetched once, however many tokens come at a time', async () => {
    const own = signer('ES256');
    const server = await issuer(own);
    const { verify } = verifierOf(server);
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verify(own.sign(claims))));
    expect([new Set(verdicts.map(({ ok }) => ok)), server.asked()]).toEqual([new Set([true]), 1]);
  });

  test('are fetched anew for a key that was put there since, and a withdrawn one goes', async () => {
    const [old, next] = [signer('ES256'), signer('ES256')];
    const server = await issuer(old);
    const { verify } = verifierOf(server);
    expect(await verify(old.sign(claims))).toEqual(accepted);
    server.publish([next.jwk]);
    expect(await verify(next.sign(claims))).toEqual(accepted);
    expect(await verify(old.sign(claims))).toMatchObject({ ok: false });
    expect(server.asked()).toBe(2);
  });

  test('of a token that does not name its key are fetched anew too', async () => {
    const [old, next] = [signer('ES256'), signer('ES256')];
    const server = await issuer(old);
    const { verify } = verifierOf(server);
    expect(await verify(old.sign(claims))).toEqual(accepted);
    server.publish([next.jwk]);
    expect(await verify(next.sign(claims, { kid: undefined }))).toEqual(accepted);
  });

  test('are not fetched for each name that somebody makes up, and whether there is such a key stays open', async () => {
    const own = signer('ES256');
    const server = await issuer(own);
    const { verify, clock } = verifierOf(server);
    const made = (kid: string) => verify(signer('ES256').sign(claims, { kid }));
    expect(await made('first')).toEqual(rejected('signature'));
    expect(await made('second')).toEqual(rejected('unavailable'));
    // Of the first it is known, so that a shop's wrong key does not keep its events waiting.
    expect(await made('first')).toEqual(rejected('signature'));
    expect(await verify(own.sign(claims))).toEqual(accepted);
    expect(server.asked()).toBe(2);

    clock.advance(30_000);
    expect(await made('second')).toEqual(rejected('signature'));
    expect(server.asked()).toBe(3);
  });

  test('are fetched again beside the requests once they are five minutes old', async () => {
    const [old, next] = [signer('ES256'), signer('ES256')];
    const server = await issuer(old);
    const { verify, clock } = verifierOf(server);
    await verify(old.sign(claims));
    server.publish([next.jwk]);
    clock.advance(5 * 60_000);
    expect(await verify(old.sign(claims))).toEqual(accepted);
    const until = performance.now() + 5_000;
    while ((await verify(old.sign(claims))).ok && performance.now() < until) await new Promise(setImmediate);
    expect(await verify(next.sign(claims))).toEqual(accepted);
    // The third was for the old key, once it was not there any more.
    expect(server.asked()).toBe(3);
  });

  test.each(JWKS_FAULTS)(
    'whose document fails to come (%s) are kept for an hour, then nobody is vouched for',
    async (fault) => {
      const own = signer('ES256');
      const server = await issuer(own);
      const { verify, verifier, clock, log } = verifierOf(server);
      expect(await verify(own.sign(claims))).toEqual(accepted);
      server.fail(fault);
      for (let minutes = 6; minutes <= 60; minutes += 6) {
        clock.advance(6 * 60_000);
        expect(await verify(own.sign(claims))).toEqual(accepted);
      }
      clock.advance(1);
      const signal = AbortSignal.timeout(50);
      expect(await verifier.verify(own.sign(claims), NOW_MS, { signal })).toEqual(rejected('unavailable'));

      server.fail(null);
      const until = performance.now() + 10_000;
      const wellAgain = async () => {
        clock.advance(5_000);
        return (await verify(own.sign(claims))).ok;
      };
      while (!(await wellAgain()) && performance.now() < until) await new Promise(setImmediate);
      expect(await verify(own.sign(claims))).toEqual(accepted);
      expect(log.lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0);
      expect(log.lines.at(-1)?.message).toBe('the keys of identity tokens are there again');
      expect(JSON.stringify(log.lines)).not.toMatch(/user-1|eyJ/);
    },
  );

  test.each(JWKS_FAULTS)('that never came (%s) keep nobody waiting longer than told', async (fault) => {
    const server = await issuer(signer('ES256'));
    server.fail(fault);
    const { verifier, log } = verifierOf(server);
    const token = signer('ES256').sign(claims);
    const signal = AbortSignal.timeout(28);
    expect(await verifier.verify(token, NOW_MS, { signal })).toEqual(rejected('unavailable'));
    // What never ends has not ended yet: nobody waited for that.
    if (fault === 'silent' || fault === 'drip') expect(log.lines).toEqual([]);
    // Nor is it asked again at once by the next.
    await verifier.verify(token, NOW_MS, { signal: AbortSignal.timeout(5) });
    expect(server.asked()).toBe(1);
  });

  test('that an issuer withdraws altogether vouch for nobody', async () => {
    const own = signer('ES256');
    const server = await issuer(own);
    const { verify, clock } = verifierOf(server);
    await verify(own.sign(claims));
    server.publish([]);
    clock.advance(5 * 60_000);
    await verify(own.sign(claims));
    const until = performance.now() + 5_000;
    while ((await verify(own.sign(claims))).ok && performance.now() < until) await new Promise(setImmediate);
    expect(await verify(own.sign(claims))).toEqual(rejected('signature'));
  });
});

describe('a decision for somebody with a token of an issuer', () => {
  test.each(JWKS_FAULTS)(
    'whose document does not come (%s) is made for the device, and does not wait for what takes too long',
    async (fault) => {
      const server = await issuer(signer('ES256'));
      server.fail(fault);
      const { verifier, log } = verifierOf(server);
      const stage = memoryStage({ tokens: verifier, decisionDeadlineMs: 80 });
      const body = {
        token: signer('ES256').sign(claims),
        anonymousId: 'laptop',
        checkout: { payment: [{ id: 'card' }] },
      };
      const reply = await stage.decide(body, AS_BROWSER);
      expect(reply).toMatchObject({
        status: 200,
        body: { tokenRejected: 'unavailable', profile: { level: 'device' }, source: 'default' },
      });
      // What never ends has not ended yet: the shopper did not wait for that.
      if (fault === 'silent' || fault === 'drip') expect(log.lines).toEqual([]);
    },
  );
});

describe('a stage', () => {
  const dependencies = { secret: SECRET, clock: manualClock(NOW_MS), timer: systemTimer, log: memoryLog() };

  test('without an issuer takes its secret and fetches nothing', async () => {
    const tokens = await stageTokenVerifier({}, dependencies);
    expect(await tokens.verify(hs256(claims), NOW_MS)).toEqual(accepted);
    expect(await tokens.verify(signer('RS256').sign(claims), NOW_MS)).toEqual(rejected('algorithm'));
  });

  test('with an issuer takes both, with its keys there from the start', async () => {
    const own = signer('RS256');
    const server = await issuer(own);
    const environment = { IDENTITY_JWKS_URL: server.url, IDENTITY_JWKS_AUDIENCE: 'shop' };
    const tokens = await stageTokenVerifier(environment, dependencies);
    expect(server.asked()).toBe(1);
    expect(await tokens.verify(own.sign({ ...claims, aud: 'shop' }), NOW_MS)).toEqual(accepted);
    expect(await tokens.verify(own.sign(claims), NOW_MS)).toEqual(rejected('audience'));
    expect(await tokens.verify(hs256(claims), NOW_MS)).toEqual(accepted);
  });

  test('that has put its secret aside takes the issuer’s tokens alone', async () => {
    const own = signer('ES256');
    const server = await issuer(own);
    const environment = { IDENTITY_JWKS_URL: server.url, IDENTITY_SHARED_SECRET: 'off' };
    const tokens = await stageTokenVerifier(environment, dependencies);
    expect(await tokens.verify(own.sign(claims), NOW_MS)).toEqual(accepted);
    expect(await tokens.verify(hs256(claims), NOW_MS)).toEqual(rejected('algorithm'));
  });

  test('takes keys and tokens as other people’s libraries make them', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    const server = await issuer();
    server.publish([{ ...jwk, kid }]);
    const tokens = await stageTokenVerifier({ IDENTITY_JWKS_URL: server.url }, dependencies);
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject('user-1')
      .setIssuedAt(NOW)
      .setExpirationTime(NOW + 600)
      .sign(privateKey);
    expect(await tokens.verify(token, NOW_MS)).toEqual(accepted);
  });
});
