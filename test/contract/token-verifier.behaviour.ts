import fc from 'fast-check';
import { usableId } from '../../shared/protocol/message.ts';
import type { TokenVerdict, TokenVerifier } from '../../shared/ports/identity.ts';

export const NOW_MS = Date.UTC(2026, 10, 23, 12);
export const NOW = NOW_MS / 1000;
export const claims = { sub: 'user-1', exp: NOW + 600 };

/** A way to vouch, as a shop or a forger would use it. */
export interface Vouching {
  readonly verifier: TokenVerifier;
  /** A compact token, signed as the shop does; `header` beside what it needs. */
  sign(payload: unknown, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** The same by a key that is not the shop's. */
  forge(payload: unknown, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const rejected = (reason: string): TokenVerdict => ({ ok: false, reason }) as TokenVerdict;

/** What holds of identity tokens, whoever signs them. */
export function describeTokenVerifier(name: string, open: () => Promise<Vouching>): void {
  describe(`${name}: an identity token`, () => {
    let vouching: Vouching;
    beforeAll(async () => {
      vouching = await open();
    });
    const verify = (token: string, nowMs = NOW_MS) => vouching.verifier.verify(token, nowMs);
    const judged = async (payload: unknown, header?: Readonly<Record<string, unknown>>) =>
      verify(await vouching.sign(payload, header));

    test('names its user', async () => {
      expect(await judged(claims)).toEqual({ ok: true, userId: 'user-1' });
      expect(await judged({ ...claims, sub: ' user-1 ' })).toEqual({ ok: true, userId: 'user-1' });
    });

    test('is valid by the clock of whoever asks', async () => {
      const token = await vouching.sign(claims);
      expect(await verify(token, (NOW + 605) * 1000 - 1)).toMatchObject({ ok: true });
      expect(await verify(token, (NOW + 605) * 1000)).toEqual(rejected('expired'));
    });

    test.each<[string, unknown, string]>([
      ['that is an hour old', { ...claims, exp: NOW - 3_600 }, 'expired'],
      ['that lives for a year', { ...claims, exp: NOW + 365 * 86_400 }, 'claims'],
      ['that never expires', { sub: 'user-1' }, 'claims'],
      ['whose expiry is text', { ...claims, exp: 'tomorrow' }, 'claims'],
      ['that is not valid yet', { ...claims, nbf: NOW + 60 }, 'claims'],
      ['that names nobody', { exp: claims.exp }, 'claims'],
      ['that names the empty user', { ...claims, sub: '' }, 'claims'],
      ['that names a placeholder', { ...claims, sub: 'undefined' }, 'claims'],
      ['that names a number', { ...claims, sub: 42 }, 'claims'],
      ['that names null', { ...claims, sub: null }, 'claims'],
      ['that names a list', { ...claims, sub: ['user-1'] }, 'claims'],
      ['whose claims are a list', [1], 'malformed'],
    ])('%s is turned down', async (_name, payload, reason) => {
      expect(await judged(payload)).toEqual(rejected(reason));
    });

    test('that has extensions we must understand is turned down', async () => {
      expect(await judged(claims, { crit: ['x'], x: 1 })).toEqual(rejected('malformed'));
      expect(await judged(claims, { crit: ['b64'], b64: false })).toEqual(rejected('malformed'));
    });

    test('that brings or names its own key gains nothing by it', async () => {
      const own = {
        jku: 'http://127.0.0.1:1/keys',
        x5u: 'http://127.0.0.1:1/certificate',
        jwk: { kty: 'oct', k: 'AAAA' },
      };
      expect(await verify(await vouching.forge(claims, own))).toEqual(rejected('signature'));
      expect(await judged(claims, own)).toMatchObject({ ok: true });
    });

    test('of somebody else’s making is turned down', async () => {
      expect(await verify(await vouching.forge(claims))).toEqual(rejected('signature'));
    });

    test('whose claims were changed is turned down', async () => {
      const token = await vouching.sign(claims);
      const changed = token.replace(/\.[^.]+\./, `.${encode({ ...claims, sub: 'user-2' })}.`);
      expect(await verify(changed)).toEqual(rejected('signature'));
    });

    test('without a signature is turned down, whatever it calls that', async () => {
      for (const alg of ['none', 'None', 'NONE', ''])
        expect(await verify(`${encode({ alg })}.${encode(claims)}.`)).toMatchObject({ ok: false });
      expect(await verify(`${encode({ alg: 'none' })}.${encode(claims)}.`)).toEqual(rejected('algorithm'));
      const [, payload, signature] = (await vouching.sign(claims)).split('.');
      expect(await verify(`${encode({ alg: 'none' })}.${payload}.${signature}`)).toEqual(
        rejected('algorithm'),
      );
    });

    test.each(['HS384', 'HS512', 'RS384', 'PS256', 'ES384', 'EdDSA'])('cannot ask for %s', async (alg) => {
      const [, payload, signature] = (await vouching.sign(claims)).split('.');
      expect(await verify(`${encode({ alg })}.${payload}.${signature}`)).toEqual(rejected('algorithm'));
    });

    test.each([
      ['empty', ''],
      ['garbage', 'not a token'],
      ['dots', '..'],
      ['encrypted', 'a.b.c.d.e'],
      ['half a token', 'eyJhbGciOiJSUzI1NiJ9.e30'],
    ])('that is %s is turned down', async (_name, token) => {
      expect(await verify(token)).toEqual(rejected('malformed'));
    });

    test('that is endless is turned down unread', async () => {
      const token = await vouching.sign(claims);
      expect(await verify(`${token}${'A'.repeat(10_000)}`)).toEqual(rejected('malformed'));
      expect(await verify(`${'A'.repeat(5_000_000)}.${token}`)).toEqual(rejected('malformed'));
    });

    test('of whatever kind gets a verdict that does not put it off', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc
              .tuple(fc.jsonValue(), fc.jsonValue(), fc.base64String())
              .map(([header, payload, signature]) => `${encode(header)}.${encode(payload)}.${signature}`),
          ),
          async (token) => {
            expect(await verify(token)).toMatchObject({
              ok: false,
              reason: expect.not.stringMatching('unavailable') as string,
            });
          },
        ),
        { numRuns: 200 },
      );
    });

    test('with any claims is taken only for a user that it names in time', async () => {
      const token = fc.record(
        {
          sub: fc.oneof(fc.constantFrom('user-1', 'user-2', '', 'null', ' '), fc.jsonValue()),
          exp: fc.oneof(fc.integer({ min: NOW - 700, max: NOW + 90_000 }), fc.jsonValue()),
          nbf: fc.integer({ min: NOW - 100, max: NOW + 100 }),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(token, async (payload) => {
          const { sub, exp, nbf = 0 } = payload;
          const isGood =
            typeof sub === 'string' &&
            usableId(sub.trim()) !== undefined &&
            typeof exp === 'number' &&
            exp + 5 > NOW &&
            exp <= NOW + 86_405 &&
            nbf <= NOW + 5;
          expect((await judged(payload)).ok).toBe(isGood);
        }),
        { numRuns: 100 },
      );
    });
  });
}
