import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { jwksServer, type JwksServer } from '../contract/jwks-server.ts';
import { bodyOf, IDS, requestsNaming, VICTIM, VICTIMS_EVENTS } from '../victim.ts';
import { BROWSER, eventually, startLocalStack, type LocalStack, type Reply } from './local-stack.ts';

const AUDIENCE = 'checkout';
let issuer: JwksServer;
let stack: LocalStack;

/** A key pair of the issuer's and how it signs. */
async function signerOf(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' },
    tokenFor: (userId: string, audience = AUDIENCE) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid })
        .setSubject(userId)
        .setAudience(audience)
        .setExpirationTime('10 minutes')
        .sign(privateKey),
  };
}

let first: Awaited<ReturnType<typeof signerOf>>;
beforeAll(async () => {
  first = await signerOf('first');
  issuer = await jwksServer([first.jwk]);
  stack = await startLocalStack({
    CARTWRIGHT_IDENTITY_JWKS_URL: issuer.url,
    CARTWRIGHT_IDENTITY_JWKS_AUDIENCE: AUDIENCE,
  });
  await stack.post('/v1/batch', { batch: VICTIMS_EVENTS });
  await eventually(
    () => stack.get(`/v1/profiles/u:${VICTIM.userId}`),
    ({ body }) => body.orders?.count === 3 && body.browse?.viewed?.length > 0,
  );
}, 240_000);
afterAll(async () => {
  await stack?.stop();
  await issuer?.close();
});

const asked = { checkout: { payment: ['credit_card', 'boleto'].map((id) => ({ id })) } };
/** A machine that is busy with other things may be late, which says nothing of a token. */
const decide = (token: string): Promise<Reply> =>
  eventually(
    () => stack.post('/v1/decisions', { ...asked, token }, BROWSER),
    ({ body }) => body.degraded === false,
  );

describe('with an issuer on this machine', () => {
  test('its tokens open the account, through a rotation too, and bad ones the device', async () => {
    expect((await decide(await first.tokenFor(VICTIM.userId))).body).toMatchObject({
      tokenRejected: null,
      source: 'personalized',
      profile: { level: 'account' },
    });
    expect((await decide(await first.tokenFor(VICTIM.userId, 'blog'))).body).toMatchObject({
      tokenRejected: 'audience',
      profile: { level: 'none' },
    });
    const forged = await (await signerOf('first')).tokenFor(VICTIM.userId);
    expect((await decide(forged)).body).toMatchObject({ tokenRejected: 'signature', source: 'default' });

    const second = await signerOf('second');
    issuer.publish([first.jwk, second.jwk]);
    expect(
      await eventually(
        async () => (await decide(await second.tokenFor(VICTIM.userId))).body.tokenRejected,
        (rejected) => rejected === null,
      ),
    ).toBeNull();
  });

  test('its tokens prove what a page sends', async () => {
    const token = await first.tokenFor('ines');
    const event = {
      type: 'track',
      event: 'Order Completed',
      userId: 'ines',
      anonymousId: 'ines-phone',
      properties: { order_id: 'i1', total: 5, currency: 'BRL' },
    };
    expect((await stack.post('/v1/batch', { batch: [event], token }, BROWSER)).status).toBe(200);
    const profile = await eventually(
      () => stack.get('/v1/profiles/u:ines'),
      ({ body }) => body.orders?.count === 1,
    );
    expect(profile.body.orders.count).toBe(1);
  });

  test('its going away costs nobody who is known an answer', async () => {
    issuer.fail('silent');
    try {
      expect((await decide(await first.tokenFor(VICTIM.userId))).body.tokenRejected).toBeNull();
      const startedAt = performance.now();
      const unknown = await decide(await (await signerOf('never published')).tokenFor(VICTIM.userId));
      expect(unknown.status).toBe(200);
      expect(['unavailable', 'signature']).toContain(unknown.body.tokenRejected);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    } finally {
      issuer.fail(null);
    }
  });
});

/** The same request about somebody whom nobody knows: every id of the victim's is another one of its length. */
function aboutNobody(text: string): string {
  return IDS.reduce((changed, id) => changed.replaceAll(id, id.replaceAll(/[a-y0-8]/g, 'z')), text);
}

test('a request that names a victim is answered as one that names nobody, over HTTP', async () => {
  const requests = fc.sample(requestsNaming({ writeKey: 'wk_local', secretKey: 'sk_local' }), {
    numRuns: 150,
    seed: 7,
  });
  let answered = 0;
  for (const request of requests) {
    const send = async (body: string, authorization: string) => {
      // A machine that is busy with other things may answer late, which says nothing of anybody.
      const { status, body: said } = await eventually(
        () => stack.post('/v1/decisions', body, { authorization }),
        ({ body: { degraded, tokenRejected } }) => degraded !== true && tokenRejected !== 'unavailable',
      );
      const { decisionId: _id, ...answer } = said;
      return { status, answer };
    };
    const body = bodyOf(request);
    const authorization = request.headers.authorization ?? BROWSER.authorization;
    // What no header may hold is nothing that a client could send.
    if (/[^\x20-\x7e]/.test(authorization)) continue;
    const one = await send(body, authorization);
    expect(one).toEqual(await send(aboutNobody(body), aboutNobody(authorization)));
    if (one.status === 200) answered += 1;
  }
  expect(answered).toBeGreaterThan(25);
}, 240_000);
