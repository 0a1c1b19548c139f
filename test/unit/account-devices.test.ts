import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, tokenFor, type MemoryStage } from '../memory-stage.ts';

const METHODS = ['credit_card', 'boleto', 'pix', 'invoice_30'];

interface Answer {
  readonly source: string;
  readonly degraded: boolean;
  readonly slots: {
    readonly payment: {
      readonly options: readonly { readonly id: string; readonly reasons: readonly string[] }[];
    };
  };
}

let orders = 0;
const bought = (ids: object, method: string, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  messageId: `order ${++orders} completed`,
  properties: { order_id: `order ${orders}`, total: 10, currency: 'BRL', payment_method: method },
  ...ids,
  ...more,
});
const cartOf = (ids: object, more: object = {}) => ({
  type: 'track',
  event: 'Cart Viewed',
  messageId: `cart ${++orders}`,
  properties: { products: [] },
  ...ids,
  ...more,
});
const ask = async (
  stage: MemoryStage,
  who: object,
  headers: Record<string, string> = AS_SERVER,
): Promise<Answer> =>
  (await stage.decide({ ...who, checkout: { payment: METHODS.map((id) => ({ id })) } }, headers))
    .body as Answer;
const first = (answer: Answer) => answer.slots.payment.options[0]?.id;
const known = (answer: Answer) =>
  answer.slots.payment.options
    .filter(({ reasons }) => !reasons.includes('store-default'))
    .map(({ id }) => id)
    .sort();

describe('an account and its devices', () => {
  test('what a device did before it was linked counts for its user', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'phone' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'phone' }),
    ]);

    expect(first(await ask(stage, { userId: 'ann' }))).toBe('pix');
  });

  test('a device on which a second user was proven speaks for nobody', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'kiosk' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'kiosk' }),
    ]);
    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['pix']);
    await stage.learn([cartOf({ userId: 'bob', anonymousId: 'kiosk' })]);

    expect(known(await ask(stage, { userId: 'ann' }))).toEqual([]);
    expect(known(await ask(stage, { userId: 'bob' }))).toEqual([]);
    expect(known(await ask(stage, { userId: 'ann', anonymousId: 'kiosk' }))).toEqual([]);
  });

  test('after a logout with a new anonymousId the next person on the machine begins anew', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'laptop-1' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'laptop-1' }),
    ]);
    await stage.learn([
      bought({ anonymousId: 'laptop-2' }, 'boleto'),
      cartOf({ userId: 'bob', anonymousId: 'laptop-2' }),
    ]);

    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['pix']);
    expect(known(await ask(stage, { userId: 'bob' }))).toEqual(['boleto']);
  });

  test('the four most recent devices are read, the one that asks apart', async () => {
    const stage = memoryStage();
    for (const [day, method] of METHODS.entries()) {
      const timestamp = `2026-01-0${day + 1}T12:00:00Z`;
      await stage.learn([
        bought({ anonymousId: `device ${day}` }, method, { timestamp }),
        cartOf({ userId: 'ann', anonymousId: `device ${day}` }, { timestamp }),
      ]);
    }
    expect(known(await ask(stage, { userId: 'ann' }))).toEqual([...METHODS].sort());
    await stage.learn([
      cartOf({ userId: 'ann', anonymousId: 'device 4' }, { timestamp: '2026-01-05T12:00:00Z' }),
    ]);

    const partial = await ask(stage, { userId: 'ann' });
    expect([partial.source, known(partial)]).toEqual(['partial', METHODS.slice(1).sort()]);
    const whole = await ask(stage, { userId: 'ann', anonymousId: 'device 0' });
    expect([whole.source, known(whole)]).toEqual(['personalized', [...METHODS].sort()]);
  });
});

describe('ids are claims', () => {
  test('a device that names a user without proof moves orderings and nothing else', async () => {
    const stage = memoryStage();
    const claim = bought({ userId: 'ann', anonymousId: 'phone' }, 'pix');
    await stage.collect('batch', { batch: [claim] }, AS_BROWSER);
    await stage.deliver('critical');

    expect(first(await ask(stage, { userId: 'ann' }))).toBe('pix');
    const profile = (await stage.profile('u:ann')).body as {
      exists: boolean;
      orders: { count: number };
      checkout: object;
    };
    expect(profile).toMatchObject({
      exists: false,
      orders: { count: 0 },
      checkout: { cart: null, address: null },
    });
  });

  test("an attacker who claims a victim's device learns nothing of it", async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'victims phone' }, 'pix'),
      cartOf({ userId: 'victim', anonymousId: 'victims phone' }),
    ]);
    // The attacker's own token proves the attacker, not whose the device is.
    const token = tokenFor('attacker');
    await stage.collect(
      'batch',
      { batch: [cartOf({ userId: 'attacker', anonymousId: 'victims phone' })], token },
      AS_BROWSER,
    );
    await stage.collect(
      'batch',
      { batch: [cartOf({ userId: 'attacker', anonymousId: 'victims phone' })] },
      AS_BROWSER,
    );
    await stage.deliver('critical');

    expect(known(await ask(stage, { token, anonymousId: 'victims phone' }, AS_BROWSER))).toEqual([]);
    expect(known(await ask(stage, { token }, AS_BROWSER))).toEqual([]);
  });

  test('a flood of claims leaves a partition as small as a few, and proven devices in it', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'phone' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'phone' }),
    ]);
    const flood = Array.from({ length: 300 }, (_, index) =>
      bought({ userId: 'ann', anonymousId: `bot ${index}` }, 'invoice_30'),
    );
    await stage.collect('batch', { batch: flood }, AS_BROWSER);
    await stage.deliver('critical');
    const items = stage.store.items().filter(({ key }) => key === keyOf('u:ann'));

    expect(items.filter(({ item }) => item.startsWith('link#~')).length).toBeLessThanOrEqual(8);
    expect(items.filter(({ item }) => item.startsWith('link#')).length).toBeLessThanOrEqual(9);
    expect(known(await ask(stage, { userId: 'ann' }))).toContain('pix');
  });

  test("another's messageId, used again, takes nothing from its owner", async () => {
    const stage = memoryStage();
    const stolen = 'message of ann';
    await stage.collect(
      'batch',
      { batch: [bought({ anonymousId: 'bot' }, 'boleto', { messageId: stolen })] },
      AS_BROWSER,
    );
    await stage.learn([bought({ userId: 'ann' }, 'pix', { messageId: stolen })]);

    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['pix']);
  });
});

describe('unlinking', () => {
  const unlink = (ids: object, more: object = {}) => ({
    type: 'track',
    event: 'Device Unlinked',
    messageId: `unlink ${++orders}`,
    ...ids,
    ...more,
  });
  const profileOf = async (stage: MemoryStage, subject: string) => {
    const {
      asOf: _asOf,
      lagMs: _lagMs,
      ...rest
    } = (await stage.profile(subject)).body as Record<string, unknown>;
    return rest;
  };

  test('restores the user exactly, and leaves the device what it was', async () => {
    const stage = memoryStage();
    await stage.learn([bought({ userId: 'ann' }, 'boleto'), bought({ anonymousId: 'phone' }, 'pix')]);
    const before = [await profileOf(stage, 'u:ann'), await profileOf(stage, 'a:phone')];
    const answers = [await ask(stage, { userId: 'ann' }), await ask(stage, { anonymousId: 'phone' })].map(
      known,
    );
    await stage.learn([{ type: 'identify', messageId: 'login', userId: 'ann', anonymousId: 'phone' }]);
    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['boleto', 'pix']);
    stage.clock.advance(60_000);
    await stage.learn([unlink({ userId: 'ann', anonymousId: 'phone' })]);

    expect([await profileOf(stage, 'u:ann'), await profileOf(stage, 'a:phone')]).toEqual(before);
    expect(
      [await ask(stage, { userId: 'ann' }), await ask(stage, { anonymousId: 'phone' })].map(known),
    ).toEqual(answers);
  });

  test('can be taken back by the same user', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'phone' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'phone' }),
    ]);
    stage.clock.advance(60_000);
    await stage.learn([unlink({ userId: 'ann', anonymousId: 'phone' })]);
    expect(known(await ask(stage, { userId: 'ann' }))).toEqual([]);
    stage.clock.advance(60_000);
    await stage.learn([cartOf({ userId: 'ann', anonymousId: 'phone' })]);

    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['pix']);
  });

  test('gives its history to no next user: of a device that two had, none has it, whoever gives it back', async () => {
    const stage = memoryStage();
    const ids = (userId: string) => ({ userId, anonymousId: 'phone' });
    const answers = async () =>
      (
        await Promise.all([
          ask(stage, { userId: 'ann' }),
          ask(stage, { userId: 'bob' }),
          ask(stage, ids('ann')),
          ask(stage, ids('bob')),
        ])
      ).flatMap(known);
    await stage.learn([bought({ anonymousId: 'phone' }, 'pix'), cartOf(ids('ann'))]);
    stage.clock.advance(60_000);
    await stage.learn([unlink(ids('ann')), cartOf(ids('bob'))]);
    expect(await answers()).toEqual([]);
    stage.clock.advance(60_000);
    await stage.learn([unlink(ids('bob')), cartOf(ids('ann'))]);
    expect(await answers()).toEqual([]);

    expect((await stage.profile('a:phone')).body).toMatchObject({ shared: true });
    // A new anonymousId begins anew.
    await stage.learn([
      bought({ anonymousId: 'phone, wiped' }, 'boleto'),
      cartOf({ userId: 'bob', anonymousId: 'phone, wiped' }),
    ]);
    expect(known(await ask(stage, { userId: 'bob' }))).toEqual(['boleto']);
  });

  test('leaves the device closed to whoever only asks from it', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'phone' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'phone' }),
    ]);
    stage.clock.advance(60_000);
    await stage.learn([unlink({ userId: 'ann', anonymousId: 'phone' })]);

    expect(known(await ask(stage, { userId: 'bob', anonymousId: 'phone' }))).toEqual([]);
    expect(known(await ask(stage, { anonymousId: 'phone' }))).toEqual(['pix']);
  });

  test('is nothing that the public can do', async () => {
    const stage = memoryStage();
    await stage.learn([
      bought({ anonymousId: 'phone' }, 'pix'),
      cartOf({ userId: 'ann', anonymousId: 'phone' }),
    ]);
    stage.clock.advance(60_000);
    await stage.collect('batch', { batch: [unlink({ userId: 'ann', anonymousId: 'phone' })] }, AS_BROWSER);
    await stage.deliver('critical');

    expect(known(await ask(stage, { userId: 'ann' }))).toEqual(['pix']);
  });
});
