import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor } from '../memory-stage.ts';
import type { TokenVerifier } from '../../shared/ports/identity.ts';

const event = (more: object = {}) => ({
  type: 'track',
  event: 'Product Viewed',
  anonymousId: 'laptop',
  userId: 'ann',
  messageId: 'm1',
  properties: { product_id: 'p1' },
  ...more,
});

/** An issuer whose keys are out of reach until told otherwise. */
function stageWithoutKeys() {
  let isReachable = false;
  const tokens: TokenVerifier = {
    verify: (token) =>
      Promise.resolve(
        !isReachable
          ? { ok: false, reason: 'unavailable' }
          : token === 'good'
            ? { ok: true, userId: 'ann' }
            : { ok: false, reason: 'signature' },
      ),
  };
  return { stage: memoryStage({ tokens }), reach: () => void (isReachable = true) };
}

describe('a token that cannot be judged now', () => {
  test.each<[string, string, object]>([
    [
      'beside a batch',
      'batch',
      { batch: [event(), event({ userId: null, messageId: 'm2' })], token: 'good' },
    ],
    ['of an event', 'track', event({ context: { token: 'good' } })],
    [
      'of one event among others',
      'batch',
      { batch: [event({ userId: null }), event({ context: { token: 'good' } })] },
    ],
    [
      'of an event that is turned down',
      'batch',
      { batch: [event({ timestamp: 'soon', context: { token: 'good' } })] },
    ],
  ])(
    '%s keeps the request from being acknowledged: its proof would be lost for ever',
    async (_name, call, body) => {
      const { stage, reach } = stageWithoutKeys();
      const reply = await stage.collect(call, body, AS_BROWSER);
      expect(reply).toMatchObject({
        status: 503,
        headers: { 'retry-after': '5' },
        body: { error: { code: 'unavailable' } },
      });
      expect([stage.eventLog.records('bulk'), stage.quarantine.entries()]).toEqual([[], []]);
      expect(stage.log.lines.map(({ fields }) => fields.code)).toEqual(['token_unjudged']);

      reach();
      expect((await stage.collect(call, body, AS_BROWSER)).status).toBe(200);
    },
  );

  test('is proof as soon as it can be judged', async () => {
    const { stage, reach } = stageWithoutKeys();
    const body = { batch: [event()], token: 'good' };
    await stage.collect('batch', body, AS_BROWSER);
    reach();
    await stage.collect('batch', body, AS_BROWSER);
    expect(stage.eventLog.records('bulk').map(({ data }) => JSON.parse(data))).toMatchObject([
      { proof: 'token', subject: { kind: 'user' } },
    ]);
  });

  test('does not matter where no event names a user, nor to a server', async () => {
    const { stage } = stageWithoutKeys();
    const ownDevice = { batch: [event({ userId: null })], token: 'good' };
    expect((await stage.collect('batch', ownDevice, AS_BROWSER)).status).toBe(200);
    expect((await stage.collect('batch', { batch: [event()], token: 'good' }, AS_SERVER)).status).toBe(200);
  });

  test('is not confused with a bad one, which proves nothing and stops nothing', async () => {
    const { stage, reach } = stageWithoutKeys();
    reach();
    const bad = { batch: [event()], token: 'bad' };
    expect((await stage.collect('batch', bad, AS_BROWSER)).status).toBe(200);
    expect(
      (await memoryStage().collect('batch', { batch: [event()], token: tokenFor('bob') }, AS_BROWSER)).status,
    ).toBe(200);
  });
});

describe('a decision whose token cannot be judged', () => {
  test('in time is made for the device, and says why', async () => {
    const { stage } = stageWithoutKeys();
    const body = { token: 'good', anonymousId: 'laptop', checkout: { payment: [{ id: 'card' }] } };
    expect((await stage.decide(body, AS_BROWSER)).body).toMatchObject({
      tokenRejected: 'unavailable',
      profile: { level: 'device' },
    });
  });
});
