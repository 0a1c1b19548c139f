import fc from 'fast-check';
import { generateKeyPair, SignJWT } from 'jose';
import { createHmac } from 'node:crypto';
import { hs256TokenVerifier } from '../../shared/adapters/identity/jose-token-verifier.ts';

const SECRET = 'local-identity-secret';
const NOW_MS = Date.UTC(2026, 10, 23, 12);
const NOW = NOW_MS / 1000;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by hand, so that headers and claims may be anything. */
function tokenOf(payload: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, secret = SECRET): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const claims = { sub: 'user-1', exp: NOW + 600 };
const verifier = hs256TokenVerifier({ secret: SECRET });
const verify = (token: string) => verifier.verify(token, NOW_MS);
const rejected = (reason: string) => ({ ok: false, reason });

test('a token of the shop names its user', async () => {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('user-1')
    .setExpirationTime(NOW + 600)
    .sign(Buffer.from(SECRET));
  expect(await verify(token)).toEqual({ ok: true, userId: 'user-1' });
  expect(await verify(tokenOf(claims))).toEqual({ ok: true, userId: 'user-1' });
});

test('the clock is the caller’s', async () => {
  const token = tokenOf(claims);
  expect(await verifier.verify(token, (NOW + 605) * 1000 - 1)).toMatchObject({ ok: true });
  expect(await verifier.verify(token, (NOW + 605) * 1000)).toEqual(rejected('expired'));
});

test.each([
  ['signed with another key', tokenOf(claims, undefined, 'another secret'), 'signature'],
  [
    'whose claims were changed',
    tokenOf(claims).replace(/\.[^.]+\./, `.${encode({ ...claims, sub: 'user-2' })}.`),
    'signature',
  ],
  ['without a signature', `${encode({ alg: 'none' })}.${encode(claims)}.`, 'algorithm'],
  ['that says none and is signed', tokenOf(claims, { alg: 'none' }), 'algorithm'],
  ['that asks for HS512', tokenOf(claims, { alg: 'HS512' }), 'algorithm'],
  ['that asks for RS256', tokenOf(claims, { alg: 'RS256' }), 'algorithm'],
  ['that is an hour old', tokenOf({ ...claims, exp: NOW - 3_600 }), 'expired'],
  ['that lives for a year', tokenOf({ ...claims, exp: NOW + 365 * 86_400 }), 'claims'],
  ['that never expires', tokenOf({ sub: 'user-1' }), 'claims'],
  ['whose expiry is text', tokenOf({ ...claims, exp: 'tomorrow' }), 'claims'],
  ['that is not valid yet', tokenOf({ ...claims, nbf: NOW + 60 }), 'claims'],
  ['that names nobody', tokenOf({ exp: claims.exp }), 'claims'],
  ['that names the empty user', tokenOf({ ...claims, sub: '' }), 'claims'],
  ['that names a number', tokenOf({ ...claims, sub: 42 }), 'claims'],
  ['that names null', tokenOf({ ...claims, sub: null }), 'claims'],
  [
    'that has extensions we must understand',
    tokenOf(claims, { alg: 'HS256', crit: ['x'], x: 1 }),
    'malformed',
  ],
  ['whose claims are a list', tokenOf([1]), 'malformed'],
  ['that is empty', '', 'malformed'],
  ['that is garbage', 'not a token', 'malformed'],
  ['that is dots', '..', 'malformed'],
  ['with five parts', 'a.b.c.d.e', 'malformed'],
  ['that is endless', `${tokenOf(claims)}${'A'.repeat(10_000)}`, 'malformed'],
])('a token %s is turned down', async (_, token, reason) => {
  expect(await verify(token)).toEqual(rejected(reason));
});

test('a token signed with a key pair is turned down', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
  expect(await verify(token)).toEqual(rejected('algorithm'));
});

test('with an audience set, the token must name it', async () => {
  const strict = hs256TokenVerifier({ secret: SECRET, audience: 'shop' });
  const verdictFor = (aud?: unknown) =>
    strict.verify(tokenOf({ ...claims, ...(aud !== undefined && { aud }) }), NOW_MS);

  expect(await verdictFor('shop')).toMatchObject({ ok: true });
  expect(await verdictFor(['blog', 'shop'])).toMatchObject({ ok: true });
  expect(await verdictFor('blog')).toEqual(rejected('audience'));
  expect(await verdictFor()).toEqual(rejected('audience'));
});

test('whatever comes in, the answer is a verdict and not an error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.tuple(fc.jsonValue(), fc.jsonValue()).map(([header, payload]) => tokenOf(payload, header)),
        fc.jsonValue().map((payload) => tokenOf(payload)),
      ),
      async (token) => {
        expect(await verify(token)).toMatchObject({
          ok: false,
          reason: expect.not.stringMatching('unavailable'),
        });
      },
    ),
    { numRuns: 300 },
  );
});
