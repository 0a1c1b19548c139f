import type { MetricName } from '../../shared/ports/telemetry.ts';
import {
  AS_BROWSER,
  AS_SERVER,
  basic,
  keyOf,
  memoryStage,
  NOW,
  tokenFor,
  WRITE_KEY,
} from '../memory-stage.ts';
import type { MemoryStage } from '../memory-stage.ts';
import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { monthOf } from '../../shared/domain/time.ts';
import { store } from '../../store.config.ts';

interface Answer {
  readonly [field: string]: unknown;
  readonly decisionId: string;
  readonly version: string;
  readonly source: string;
  readonly profile: { readonly level: string };
  readonly slots: {
    payment?: { source: string; fallbackReason: string | null; options: { id: string; reasons: string[] }[] };
  };
}

const METHODS = ['credit_card', 'boleto', 'pix'];
const asks = (more: object = {}) => ({ checkout: { payment: METHODS.map((id) => ({ id })) }, ...more });
const bought = (ids: object, method: string, order = `${method} order`, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  messageId: `${order} completed`,
  properties: { order_id: order, total: 10, currency: 'BRL', payment_method: method },
  ...ids,
  ...more,
});
const answer = async (
  stage: MemoryStage,
  body: object,
  headers: Record<string, string> = AS_SERVER,
): Promise<Answer> => {
  const reply = await stage.decide(body, headers);
  if (reply.status !== 200) throw new Error(JSON.stringify(reply));
  return reply.body as Answer;
};
const order = ({ slots }: Answer) => slots.payment?.options.map(({ id }) => id);
const withoutId = ({ decisionId: _decisionId, ...rest }: Answer) => JSON.stringify(rest);
/** Ann pays by boleto, her laptop by pix; Bob's phone is his. */
const stageOfAnn = async (...options: Parameters<typeof memoryStage>) => {
  const stage = memoryStage(...options);
  await stage.learn([bought({ userId: 'ann' }, 'boleto'), bought({ anonymousId: 'laptop' }, 'pix')]);
  await stage.learn([bought({ userId: 'bob', anonymousId: 'phone' }, 'pix', 'bob 1')]);
  return stage;
};

describe('a decision', () => {
  test('puts what a person used first, with the reason and the freshness', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [bought({ userId: 'ann' }, 'boleto')] });
    stage.clock.advance(250);
    await stage.deliver('critical');
    stage.clock.advance(60_000);
    const reply = await stage.decide(asks({ userId: 'ann' }), AS_SERVER);

    expect(reply).toEqual({
      status: 200,
      body: {
        decisionId: decisionIdOf('1', keyOf),
        version: expect.stringMatching(/^[\w-]{10}$/) as string,
        source: 'personalized',
        degraded: false,
        tokenRejected: null,
        asOf: new Date(NOW).toISOString(),
        lagMs: 250,
        profile: { level: 'account', segments: [], journeyStage: 'purchase' },
        slots: {
          payment: {
            source: 'personalized',
            fallbackReason: null,
            options: [
              { id: 'boleto', rank: 1, preselected: true, reasons: ['used-most', 'used-last'] },
              { id: 'credit_card', rank: 2, preselected: false, reasons: ['store-default'] },
              { id: 'pix', rank: 3, preselected: false, reasons: ['store-default'] },
            ],
            guardrails: [],
          },
          prefill: {
            source: 'personalized',
            fallbackReason: null,
            fields: { currency: 'BRL' },
            guardrails: [],
          },
          offers: { source: 'default', fallbackReason: null, items: [], guardrails: [] },
          messages: { source: 'default', fallbackReason: null, items: [], guardrails: [] },
        },
      },
    });
  });

  test("for somebody unknown is the shop's order, and that is no fallback", async () => {
    const stage = memoryStage();
    expect(await answer(stage, asks({ userId: 'eve' }))).toMatchObject({
      source: 'default',
      degraded: false,
      asOf: null,
      lagMs: null,
      slots: {
        payment: {
          source: 'default',
          fallbackReason: null,
          options: METHODS.map((id) => ({ id, preselected: false })),
        },
      },
    });
    expect([stage.meter.sum('DefaultDecisions'), stage.meter.sum('Fallback')]).toEqual([1, 0]);
  });

  test('names the guardrails and holds them against every habit', async () => {
    const stage = await stageOfAnn();
    const payment = [
      { id: 'card', kind: 'card' },
      { id: 'boleto', kind: 'invoice' },
      { id: 'debit', kind: 'debit' },
    ];
    const said = { userId: 'ann', checkout: { payment } };
    const sweden = await answer(stage, { ...said, context: { country: 'se' } });
    const finland = await answer(stage, { ...said, context: { country: 'FI' } });

    expect([order(sweden), order(finland)]).toEqual([
      ['debit', 'card', 'boleto'],
      ['debit', 'card', 'boleto'],
    ]);
    expect(sweden.slots.payment).toMatchObject({
      guardrails: ['se-debit-before-credit', 'se-credit-not-preselected'],
    });
    expect(
      [sweden, finland].map(({ slots }) => JSON.stringify(slots).includes('"preselected":true')),
    ).toEqual([false, false]);
  });

  test('that is unchanged since has no slots', async () => {
    const stage = await stageOfAnn();
    const first = await answer(stage, asks({ userId: 'ann' }));
    const again = await answer(stage, asks({ userId: 'ann', since: first.version }));
    expect(again).toMatchObject({ version: first.version, source: 'personalized' });
    expect(again.slots).toEqual({});

    await stage.learn([bought({ userId: 'ann' }, 'pix', 'o2'), bought({ userId: 'ann' }, 'pix', 'o3')]);
    const changed = await answer(stage, asks({ userId: 'ann', since: first.version }));
    expect(changed.version).not.toBe(first.version);
    expect(order(changed)).toEqual(['pix', 'boleto', 'credit_card']);
  });

  test('is counted on every rung, one of which is its own: the averages are the shares', async () => {
    const stage = await stageOfAnn();
    for (const userId of ['ann', 'bo', 'cy', 'di']) await answer(stage, asks({ userId }));

    const shareOf = (rung: MetricName) => {
      const samples = stage.meter.recorded.filter(({ name }) => name === rung);
      return stage.meter.sum(rung) / samples.length;
    };
    expect(
      (['PersonalizedDecisions', 'PartialDecisions', 'RegionalDecisions', 'DefaultDecisions'] as const).map(
        shareOf,
      ),
    ).toEqual([0.25, 0, 0, 0.75]);
    expect(stage.meter.unflushed).toEqual([]);
  });

  test('is counted with its latency, the first of a running function apart', async () => {
    const stage = await stageOfAnn();
    for (let count = 0; count < 3; count++) await answer(stage, asks({ userId: 'ann' }));

    const latencies = stage.meter.recorded
      .map(({ name }) => name)
      .filter((name) => name.endsWith('DecisionLatency'));
    expect(latencies).toEqual(['FirstDecisionLatency', 'DecisionLatency', 'DecisionLatency']);
  });
});

describe('who asks', () => {
  test.each<[string, object, Record<string, string>, string, string | undefined]>([
    ['a server may ask for anybody', { userId: 'ann' }, AS_SERVER, 'account', 'boleto'],
    ['by a Bearer key too', { userId: 'ann' }, { authorization: 'Bearer sk_test' }, 'account', 'boleto'],
    ['or for a device', { anonymousId: 'laptop' }, AS_SERVER, 'device', 'pix'],
    ['a token opens the account', { token: tokenFor('ann') }, AS_BROWSER, 'account', 'boleto'],
    [
      'in the header too, the key in the body',
      { writeKey: WRITE_KEY },
      { authorization: `Bearer ${tokenFor('ann')}` },
      'account',
      'boleto',
    ],
    [
      'it names the user, whatever the request says',
      { token: tokenFor('ann'), userId: 'bob' },
      AS_BROWSER,
      'account',
      'boleto',
    ],
    ['a browser alone opens its device', { anonymousId: 'laptop' }, AS_BROWSER, 'device', 'pix'],
    ['the key may be in the body', { anonymousId: 'laptop', writeKey: WRITE_KEY }, {}, 'device', 'pix'],
    ['never what its device is linked to', { anonymousId: 'phone' }, AS_BROWSER, 'device', undefined],
    ['a userId without proof opens nothing', { userId: 'ann' }, AS_BROWSER, 'none', undefined],
    ['nobody is nobody', {}, AS_BROWSER, 'none', undefined],
    ['a placeholder is nobody', { anonymousId: 'undefined', userId: 'guest' }, AS_SERVER, 'none', undefined],
  ])('%s', async (_name, said, headers, level, first) => {
    const decision = await answer(await stageOfAnn(), asks(said), headers);
    expect(decision.profile.level).toBe(level);
    expect([order(decision)?.[0], decision.source]).toEqual([
      first ?? 'credit_card',
      first ? 'personalized' : 'default',
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ['no key', {}],
    ["nobody's key", { authorization: basic('wk_guess') }],
    ['a token alone', { authorization: `Bearer ${tokenFor('ann')}` }],
  ])('with %s is turned away', async (_name, headers) => {
    const reply = await (await stageOfAnn()).decide(asks({ userId: 'ann' }), headers);
    expect(reply).toEqual({
      status: 401,
      body: { error: { code: 'unknown_key', message: expect.any(String) as string } },
    });
  });

  test("a userId without proof gets an unknown user's answer, byte for byte", async () => {
    const stage = await stageOfAnn();
    const context = { country: 'SE' };
    const event = (userId: string) => ({ type: 'track', event: 'Checkout Started', userId, messageId: 'm1' });
    for (const more of [
      {},
      { anonymousId: 'laptop' },
      { anonymousId: 'new' },
      { token: tokenFor('ann', { secret: 'x' }) },
    ]) {
      const [known, unknown] = await Promise.all(
        ['ann', 'nobody knows'].map((userId) =>
          answer(stage, asks({ userId, context, ...more, events: [event(userId)] }), AS_BROWSER),
        ),
      );
      expect(withoutId(known!)).toBe(withoutId(unknown!));
    }
  });

  test.each<[string, string, string]>([
    ['expired', tokenFor('ann', { seconds: -60 }), 'expired'],
    ['forged', tokenFor('ann', { secret: 'guess' }), 'signature'],
    ['rubbish', 'rubbish', 'malformed'],
    ['endless', 'x'.repeat(20_000), 'malformed'],
  ])('a token that is %s costs the account, not the checkout', async (_name, token, reason) => {
    const decision = await answer(
      await stageOfAnn(),
      asks({ token, anonymousId: 'laptop', userId: 'ann' }),
      AS_BROWSER,
    );
    expect(decision).toMatchObject({
      tokenRejected: reason,
      profile: { level: 'device' },
      source: 'personalized',
    });
    expect(order(decision)?.[0]).toBe('pix');
  });

  test.each(['guest', '0', 'undefined', '-1'])(
    'a token for the placeholder %j is a token for nobody',
    async (sub) => {
      const said = asks({ token: tokenFor(sub), anonymousId: 'laptop' });
      expect(await answer(await stageOfAnn(), said, AS_BROWSER)).toMatchObject({
        profile: { level: 'device' },
      });
    },
  );

  test('a token and a device in one request are read as one', async () => {
    const stage = await stageOfAnn();
    const decision = await answer(stage, asks({ token: tokenFor('ann'), anonymousId: 'laptop' }), AS_BROWSER);
    expect(order(decision)).toEqual(['boleto', 'pix', 'credit_card']);
  });

  test('a shared device, or somebody else’s, does not speak for the account', async () => {
    const stage = memoryStage();
    await stage.learn([bought({ anonymousId: 'kiosk' }, 'pix')]);
    await stage.learn([bought({ userId: 'ann', anonymousId: 'kiosk' }, 'boleto', 'ann 1')]);
    const ofAnn = () => answer(stage, asks({ token: tokenFor('ann'), anonymousId: 'kiosk' }), AS_BROWSER);
    const ofBob = () => answer(stage, asks({ token: tokenFor('bob'), anonymousId: 'kiosk' }), AS_BROWSER);
    expect(order(await ofAnn())).toEqual(['boleto', 'pix', 'credit_card']);
    expect(order(await ofBob())).toEqual(METHODS);

    await stage.learn([bought({ userId: 'bob', anonymousId: 'kiosk' }, 'credit_card', 'bob 1')]);
    expect(order(await ofAnn())).toEqual(['boleto', 'credit_card', 'pix']);
  });

  test('a device that only claims to be theirs has no say but in the order: not in consent, not in freshness', async () => {
    const choice = (personalization: boolean) => ({
      type: 'track',
      event: 'Consent Preference Updated',
      messageId: `says ${personalization}`,
      userId: 'ann',
      anonymousId: 'stranger',
      properties: { consent: { personalization } },
    });
    for (const [consentRegime, source, says] of [
      ['opt-out', 'personalized', false],
      ['opt-in', 'default', true],
    ] as const) {
      const stage = await stageOfAnn({ consentRegime });
      stage.clock.advance(60_000);
      await stage.learn([choice(says)], AS_BROWSER);
      const asOf = source === 'default' ? null : new Date(NOW).toISOString();
      expect(await answer(stage, asks({ userId: 'ann' }))).toMatchObject({ source, asOf });
    }
  });

  test('at and explain are for servers', async () => {
    const stage = await stageOfAnn();
    for (const [field, value] of [
      ['at', '2020-01-01T00:00:00Z'],
      ['explain', true],
    ] as const) {
      const reply = await stage.decide(asks({ [field]: value, token: tokenFor('ann') }), AS_BROWSER);
      expect(reply).toMatchObject({ status: 403, body: { error: { code: 'secret_key_only', path: field } } });
    }
    const explained = await answer(stage, asks({ userId: 'ann', explain: true, at: '2026-07-15T00:00:00Z' }));
    const aged = 0.5 ** ((monthOf(Date.parse('2026-07-15')) - monthOf(NOW)) / store.payment.halfLifeMonths);
    const score = aged / (aged + store.regions.weight);
    expect(explained.slots.payment?.options).toMatchObject([
      { id: 'boleto', explain: { score, uses: 1, lastAt: new Date(NOW).toISOString() } },
      { explain: { score: 0, uses: 0, lastAt: null } },
      {},
    ]);
    expect(order(await answer(stage, asks({ userId: 'ann', at: '2018-01-01T00:00:00Z' })))?.[0]).toBe(
      'boleto',
    );
  });
});

describe('events that come along', () => {
  const pays = (ids: object) => [bought(ids, 'pix', 'o7'), bought(ids, 'pix', 'o8')];

  test('count in this answer, and once when they come through the stream', async () => {
    const stage = await stageOfAnn();
    const events = pays({ userId: 'ann' });
    const said = asks({ userId: 'ann', events, explain: true });
    const before = await answer(stage, said);
    expect(order(before)).toEqual(['pix', 'boleto', 'credit_card']);
    expect(order(await answer(stage, asks({ userId: 'ann' })))?.[0]).toBe('boleto');

    await stage.learn(events);
    const [after, plain] = [
      await answer(stage, said),
      await answer(stage, asks({ userId: 'ann', explain: true })),
    ];
    expect([after.slots, plain.slots]).toEqual([before.slots, before.slots]);
    expect(after.slots.payment?.options[0]).toMatchObject({ explain: { uses: 2 } });
  });

  test('do not make the answer look fresher than what was read', async () => {
    const stage = await stageOfAnn();
    stage.clock.advance(60_000);
    const decision = await answer(stage, asks({ userId: 'ann', events: pays({ userId: 'ann' }) }));
    expect(decision).toMatchObject({ asOf: new Date(NOW).toISOString(), lagMs: 0 });
    expect(await answer(stage, asks({ userId: 'eve', events: pays({ userId: 'eve' }) }))).toMatchObject({
      asOf: null,
    });
  });

  test('change nothing but the record they belong to: not an account that they only claim', async () => {
    const stage = await stageOfAnn();
    const claims = asks({ token: tokenFor('ann'), events: pays({ userId: 'bob' }) });
    expect(order(await answer(stage, claims, AS_BROWSER))?.[0]).toBe('boleto');
    const unproven = asks({ anonymousId: 'new', events: pays({ userId: 'ann', anonymousId: 'new' }) });
    expect(order(await answer(stage, unproven, AS_BROWSER))?.[0]).toBe('pix');
    expect(
      order(
        await answer(stage, asks({ anonymousId: 'x', events: pays({ anonymousId: 'new' }) }), AS_BROWSER),
      )?.[0],
    ).toBe('credit_card');
  });

  test('from before their subject was erased change nothing: they make no link to a device either', async () => {
    const stage = await stageOfAnn();
    await stage.learn([bought({ anonymousId: 'tablet' }, 'pix', 'o9')], AS_BROWSER);
    const timestamp = new Date(NOW).toISOString();
    const events = [
      ...pays({ userId: 'ann' }).map((event) => ({ ...event, timestamp })),
      { type: 'identify', userId: 'ann', anonymousId: 'tablet', timestamp },
    ];
    const said = asks({ userId: 'ann', events });
    stage.clock.advance(1_000);
    expect(order(await answer(stage, said))?.[0]).toBe('pix');

    expect((await stage.erase('u:ann')).status).toBe(200);
    stage.clock.advance(1_000);
    const erased = await answer(stage, said);
    expect(erased).toMatchObject({ source: 'default', profile: { segments: [], journeyStage: null } });
    const [after] = pays({ userId: 'ann' });
    expect(order(await answer(stage, asks({ userId: 'ann', events: [after] })))?.[0]).toBe('pix');
  });

  test('that cannot be folded are left out of the answer', async () => {
    const stage = await stageOfAnn();
    const events = [{ ...bought({ userId: 'ann' }, 'pix'), properties: { payment_method: 'pix' } }];
    expect(order(await answer(stage, asks({ userId: 'ann', events })))).toEqual([
      'boleto',
      'credit_card',
      'pix',
    ]);
  });
});
