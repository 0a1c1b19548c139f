import type { StoredItem } from '../../shared/domain/item.ts';
import type { ConsentRegime } from '../../shared/domain/store-config.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, tokenFor, type MemoryStage } from '../memory-stage.ts';

const METHODS = ['credit_card', 'boleto', 'pix'];
const asks = (more: object = {}) => ({ checkout: { payment: METHODS.map((id) => ({ id })) }, ...more });
const bought = (ids: object, method: string) => ({
  type: 'track',
  event: 'Order Completed',
  properties: { order_id: method, total: 10, currency: 'BRL', payment_method: method },
  ...ids,
});
const chooses = (ids: object, personalization: boolean) => ({
  type: 'track',
  event: 'Consent Preference Updated',
  context: { consent: { categoryPreferences: { personalization } } },
  ...ids,
});
/** Ann pays by boleto, her laptop by pix. */
const learnAnn = (stage: MemoryStage) =>
  stage.learn([bought({ userId: 'ann' }, 'boleto'), bought({ anonymousId: 'laptop' }, 'pix')]);
const first = (reply: { body: unknown }) =>
  (reply.body as { slots: { payment: { options: { id: string }[] } } }).slots.payment.options[0]?.id;
const fallbacks = (stage: MemoryStage) =>
  stage.meter.recorded.filter(({ name }) => name === 'Fallback').map(({ value }) => value);

const DEADLINE_MS = 120;
/** A stage whose decisions read through `query`; the second argument is what the store itself would answer. */
async function stageReading(
  query: (key: string, answer: () => Promise<readonly StoredItem[]>) => Promise<readonly StoredItem[]>,
  consentRegime: ConsentRegime = 'opt-out',
): Promise<MemoryStage> {
  const decisionStore: Pick<ProfileStore, 'query'> = {
    query: (key, options) => query(key, () => stage.store.query(key, options)),
  };
  const stage = memoryStage({ decisionStore, decisionDeadlineMs: DEADLINE_MS, consentRegime });
  await learnAnn(stage);
  return stage;
}
const never = () => new Promise<never>(() => undefined);

describe('a store that is unwell', () => {
  test.each<
    [string, string, (answer: () => Promise<readonly StoredItem[]>) => Promise<readonly StoredItem[]>]
  >([
    ['out of reach', 'store-unavailable', () => Promise.reject(new StoreUnavailable('told to fail'))],
    ['silent', 'deadline', never],
    [
      'failing in a way that nobody foresaw',
      'store-unavailable',
      () => Promise.reject(new TypeError('a bug')),
    ],
    [
      'holding what nobody can read',
      'profile-unreadable',
      async (answer) => (await answer()).map((item) => ({ ...item, state: '{"p":' })),
    ],
  ])(
    'because it is %s still gets a checkout its default in time, and says why',
    async (_name, reason, query) => {
      const stage = await stageReading((_key, answer) => query(answer));
      const startedAt = performance.now();
      const reply = await stage.decide(asks({ userId: 'ann', context: { country: 'SE' } }), AS_SERVER);

      expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + 100);
      expect(reply).toMatchObject({
        status: 200,
        body: {
          source: 'default',
          degraded: true,
          asOf: null,
          lagMs: null,
          slots: {
            payment: {
              source: 'default',
              fallbackReason: reason,
              options: METHODS.map((id) => ({ id, preselected: false, reasons: ['store-default'] })),
              guardrails: ['se-debit-before-credit', 'se-credit-not-preselected'],
            },
          },
        },
      });
      expect(fallbacks(stage)).toEqual([1]);
      expect(stage.meter.sum('FallbackReason', { Reason: reason })).toBe(1);
      expect(stage.meter.unflushed).toEqual([]);
    },
    2_000,
  );

  test('a stalled query is given up in time', async () => {
    const stage = await stageReading((_key, answer) => answer());
    stage.store.failNext('stall');
    const startedAt = performance.now();
    const reply = await stage.decide(asks({ userId: 'ann' }));
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + 100);
    expect(reply.body).toMatchObject({ slots: { payment: { fallbackReason: 'deadline' } } });
  });

  test('is forgiven as soon as it is well again', async () => {
    const stage = await stageReading((_key, answer) => answer());
    stage.store.failNext('before');
    const replies = [
      await stage.decide(asks({ userId: 'ann' })),
      await stage.decide(asks({ userId: 'ann' })),
    ];
    expect(replies.map(first)).toEqual(['credit_card', 'boleto']);
    expect(fallbacks(stage)).toEqual([1, 0]);
  });

  test('does not matter to somebody who names nobody', async () => {
    const stage = await stageReading(() => Promise.reject(new StoreUnavailable('told to fail')));
    const reply = await stage.decide(asks({ userId: 'ann' }), AS_BROWSER);
    expect(reply.body).toMatchObject({ degraded: false, slots: { payment: { fallbackReason: null } } });
    expect(fallbacks(stage)).toEqual([]);
  });

  test.each<
    [string, string, (answer: () => Promise<readonly StoredItem[]>) => Promise<readonly StoredItem[]>]
  >([
    ['out of reach', 'store-unavailable', () => Promise.reject(new StoreUnavailable('told to fail'))],
    ['silent', 'deadline', never],
    [
      'unreadable',
      'profile-unreadable',
      async (answer) => (await answer()).map((item) => ({ ...item, state: '{"p":' })),
    ],
  ])(
    'for the device alone, because it is %s, leaves the default: the device may hold a refusal',
    async (_name, reason, query) => {
      const stage = await stageReading((key, answer) =>
        key === keyOf('a:laptop') ? query(answer) : answer(),
      );
      const reply = await stage.decide(asks({ token: tokenFor('ann'), anonymousId: 'laptop' }), AS_BROWSER);

      expect(reply.body).toMatchObject({
        source: 'default',
        degraded: true,
        slots: { payment: { source: 'default', fallbackReason: reason } },
      });
      expect(fallbacks(stage)).toEqual([1]);
    },
    2_000,
  );

  test('for another device of the account is as bad: that one may hold a refusal too', async () => {
    const stage = await stageReading((key, answer) =>
      key === keyOf('a:phone') ? Promise.reject(new StoreUnavailable('told to fail')) : answer(),
    );
    await stage.learn([{ type: 'identify', userId: 'ann', anonymousId: 'phone' }]);
    const reply = await stage.decide(asks({ userId: 'ann' }));

    expect(reply.body).toMatchObject({ source: 'default', degraded: true, profile: { segments: [] } });
    expect([first(reply), fallbacks(stage)]).toEqual(['credit_card', [1]]);
  });

  test('for a device that only claims to be the account’s leaves an answer that says it is partial', async () => {
    const stage = await stageReading((key, answer) =>
      key === keyOf('a:phone') ? Promise.reject(new StoreUnavailable('told to fail')) : answer(),
    );
    await stage.learn([bought({ userId: 'ann', anonymousId: 'phone' }, 'pix')], AS_BROWSER);
    const reply = await stage.decide(asks({ userId: 'ann' }));

    expect(reply.body).toMatchObject({
      source: 'partial',
      degraded: true,
      slots: { payment: { source: 'personalized', fallbackReason: null } },
    });
    expect([first(reply), fallbacks(stage)]).toEqual(['boleto', [0]]);
  });

  test('for the device alone, of a user without habits, is a fallback: it would have been personal', async () => {
    const stage = await stageReading((key, answer) =>
      key === keyOf('a:laptop') ? Promise.reject(new StoreUnavailable('told to fail')) : answer(),
    );
    const reply = await stage.decide(asks({ token: tokenFor('eve'), anonymousId: 'laptop' }), AS_BROWSER);
    expect(reply.body).toMatchObject({
      source: 'default',
      degraded: true,
      slots: { payment: { source: 'default', fallbackReason: 'store-unavailable' } },
    });
    expect(fallbacks(stage)).toEqual([1]);
  });

  test('for the account alone leaves the default: a device does not stand in for its user', async () => {
    const stage = await stageReading((key, answer) =>
      key === keyOf('u:ann') ? Promise.reject(new StoreUnavailable('told to fail')) : answer(),
    );
    const reply = await stage.decide(asks({ token: tokenFor('ann'), anonymousId: 'laptop' }), AS_BROWSER);
    expect([first(reply), fallbacks(stage)]).toEqual(['credit_card', [1]]);
  });
});

describe('consent', () => {
  const isPersonal = async (
    stage: MemoryStage,
    { said = {}, headers = {} }: { said?: object; headers?: Record<string, string> } = {},
  ) => first(await stage.decide(asks({ userId: 'ann', ...said }), { ...AS_SERVER, ...headers })) === 'boleto';
  const stated = (consent: object) => ({ said: { context: { consent } } });

  test.each<[string, Parameters<typeof isPersonal>[1], object[]]>([
    ['by Global Privacy Control', { headers: { 'sec-gpc': '1' } }, []],
    ['in the request', stated({ personalization: false }), []],
    ["in the request, in Segment's shape", stated({ categoryPreferences: { personalization: false } }), []],
    [
      'in the request, which also says yes',
      stated({ personalization: true, categoryPreferences: { personalization: false } }),
      [],
    ],
    [
      'in the request, which also says yes, the other way round',
      stated({ personalization: false, categoryPreferences: { personalization: true } }),
      [],
    ],
    ['in the request, in words', stated({ personalization: 'denied' }), []],
    ['in the request, as a number', stated({ categoryPreferences: { personalization: 0 } }), []],
    ['on record', {}, [chooses({ userId: 'ann' }, false)]],
    [
      'on record, the request saying yes',
      stated({ personalization: true }),
      [chooses({ userId: 'ann' }, false)],
    ],
    ['in an event that comes along', { said: { events: [chooses({ userId: 'ann' }, false)] } }, []],
    [
      'on the device that is theirs',
      { said: { anonymousId: 'laptop' } },
      [chooses({ anonymousId: 'laptop' }, false)],
    ],
  ])(
    'that is refused %s leaves nothing of the profile in the answer, and is no fallback',
    async (_name, request, events) => {
      const [known, unknown] = [memoryStage(), memoryStage()];
      await learnAnn(known);
      if (events.length > 0) {
        await known.learn(events);
        await unknown.learn(events);
      }
      const { said = {}, headers = {} } = request ?? {};
      const replies = await Promise.all(
        [known, unknown].map((stage) =>
          stage.decide(asks({ userId: 'ann', ...said }), { ...AS_SERVER, ...headers }),
        ),
      );

      expect(JSON.stringify(replies[0])).toBe(JSON.stringify(replies[1]));
      expect(replies[0]?.body).toMatchObject({
        source: 'default',
        degraded: false,
        asOf: null,
        lagMs: null,
        profile: { level: 'none' },
      });
      expect(known.meter.sum('Fallback')).toBe(0);
    },
  );

  test('that is not asked for is given until refused', async () => {
    const stage = memoryStage({ consentRegime: 'opt-out' });
    await learnAnn(stage);
    expect(await isPersonal(stage)).toBe(true);
    expect(await isPersonal(stage, { headers: { 'sec-gpc': '0' } })).toBe(true);
  });

  test('that must be given first is taken from the request or from the record, not from silence', async () => {
    const stage = memoryStage({ consentRegime: 'opt-in' });
    await learnAnn(stage);
    expect(await isPersonal(stage)).toBe(false);
    expect(await isPersonal(stage, stated({ ads: true }))).toBe(false);
    expect(await isPersonal(stage, stated({ personalization: true }))).toBe(true);

    await stage.learn([chooses({ userId: 'ann' }, true)]);
    expect(await isPersonal(stage)).toBe(true);
    expect(await isPersonal(stage, stated({ personalization: false }))).toBe(false);
    expect(await isPersonal(stage, { headers: { 'sec-gpc': '1' } })).toBe(false);
  });

  test('that is refused while the store is down is no fallback either', async () => {
    const stage = await stageReading(() => Promise.reject(new StoreUnavailable('told to fail')));
    const reply = await stage.decide(asks({ userId: 'ann' }), { ...AS_SERVER, 'sec-gpc': '1' });
    expect(reply.body).toMatchObject({ degraded: false, slots: { payment: { fallbackReason: null } } });
    expect(stage.meter.sum('Fallback')).toBe(0);
  });

  test.each([
    ['said nothing of it: the record may hold a yes', {}, 1],
    ['said yes', { personalization: true }, 1],
    ['said no', { personalization: false }, 0],
  ])(
    'that must be given first, while the store is down, is a fallback unless refused: the request %s',
    async (_name, consent, fallback) => {
      const stage = await stageReading(() => Promise.reject(new StoreUnavailable('told to fail')), 'opt-in');
      const reply = await stage.decide(asks({ userId: 'ann', context: { consent } }));
      expect(reply.body).toMatchObject({
        source: 'default',
        degraded: fallback === 1,
        asOf: null,
        slots: { payment: { fallbackReason: fallback === 1 ? 'store-unavailable' : null } },
      });
      expect([stage.meter.sum('Fallback'), stage.meter.sum('ConsentWithheld')]).toEqual([
        fallback,
        1 - fallback,
      ]);
    },
  );

  test('that must be given first and was not is withheld, though a device that only claims to be theirs is unread', async () => {
    const stage = await stageReading(
      (key, answer) =>
        key === keyOf('a:tablet') ? Promise.reject(new StoreUnavailable('told to fail')) : answer(),
      'opt-in',
    );
    await stage.learn([{ type: 'identify', userId: 'ann', anonymousId: 'tablet' }], AS_BROWSER);
    const reply = await stage.decide(asks({ userId: 'ann' }));
    expect(reply.body).toMatchObject({ degraded: false, slots: { payment: { fallbackReason: null } } });
    expect([stage.meter.sum('Fallback'), stage.meter.sum('ConsentWithheld')]).toEqual([0, 1]);
  });
});
