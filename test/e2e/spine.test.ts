import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { BROWSER, eventually, ROOT, startLocalStack, type LocalStack, type Reply } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const PAYMENT = [
  { id: 'credit_card', kind: 'card' },
  { id: 'boleto', kind: 'voucher' },
  { id: 'pix', kind: 'transfer' },
];
const decide = (
  who: object,
  headers?: Readonly<Record<string, string>>,
  extra: object = {},
): Promise<Reply> =>
  stack.post('/v1/decisions', { ...who, checkout: { payment: PAYMENT }, ...extra }, headers);
const order = (reply: Reply): string[] =>
  reply.body.slots.payment.options.map(({ id }: { id: string }) => id);
const buy = (who: object, orderId: string, method: string) => ({
  type: 'track',
  event: 'Order Completed',
  ...who,
  properties: { order_id: orderId, total: 49.9, currency: 'EUR', payment_method: method },
});
const personalized = (reply: Reply) => reply.body.source === 'personalized';

describe('from a real event to a real checkout', () => {
  test('a purchase moves its method to the top of the next checkout, with reason and freshness', async () => {
    const before = await decide({ userId: 'ann' });
    expect([before.body.source, order(before)]).toEqual(['default', ['credit_card', 'boleto', 'pix']]);

    const sentAt = Date.now();
    expect(await stack.post('/v1/track', buy({ userId: 'ann' }, 'o1', 'pix'))).toEqual({
      status: 200,
      body: { success: true },
    });
    const after = await eventually(() => decide({ userId: 'ann' }), personalized);

    expect(after.body).toMatchObject({
      source: 'personalized',
      degraded: false,
      tokenRejected: null,
      profile: { level: 'account' },
      slots: {
        payment: {
          source: 'personalized',
          fallbackReason: null,
          options: [
            { id: 'pix', rank: 1, preselected: true, reasons: ['used-most', 'used-last'] },
            { id: 'credit_card', rank: 2, preselected: false, reasons: ['store-default'] },
            { id: 'boleto', rank: 3, preselected: false, reasons: ['store-default'] },
          ],
        },
      },
    });
    expect(Date.parse(after.body.asOf)).toBeGreaterThanOrEqual(sentAt);
    expect(after.body.lagMs).toBeGreaterThanOrEqual(0);
  });

  test('the three levels of auth open a device, an account by token, and any user by secret key', async () => {
    const token = (sub: string, secret = 'local-identity-secret') =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(sub)
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(secret));
    await stack.post('/v1/batch', { batch: [buy({ userId: 'bo' }, 'o2', 'boleto')] });
    await stack.post('/v1/batch', { batch: [buy({ anonymousId: 'bos-laptop' }, 'o3', 'pix')] }, BROWSER);

    const device = await eventually(() => decide({ anonymousId: 'bos-laptop' }, BROWSER), personalized);
    expect([device.body.profile.level, order(device)[0]]).toEqual(['device', 'pix']);
    const account = await eventually(async () => decide({ token: await token('bo') }, BROWSER), personalized);
    expect([account.body.profile.level, order(account)[0]]).toEqual(['account', 'boleto']);
    const claimed = await decide({ userId: 'bo' }, BROWSER);
    expect([claimed.body.profile.level, claimed.body.source]).toEqual(['none', 'default']);
    const forged = await decide(
      { anonymousId: 'bos-laptop', token: await token('bo', 'another secret') },
      BROWSER,
    );
    expect([forged.status, forged.body.profile.level, forged.body.tokenRejected]).toEqual([
      200,
      'device',
      'signature',
    ]);
  });

  test('with the store killed a checkout still gets its defaults, and is personal again when the store is back', async () => {
    await stack.post('/v1/track', buy({ userId: 'cy' }, 'o4', 'pix'));
    await eventually(() => decide({ userId: 'cy' }), personalized);

    process.kill(stack.pids.dynamodb ?? 0, 'SIGKILL');
    const down = await eventually(
      () => decide({ userId: 'cy' }),
      (reply) => reply.body.degraded,
    );
    expect([down.status, down.body.source, order(down)]).toEqual([
      200,
      'default',
      ['credit_card', 'boleto', 'pix'],
    ]);
    expect(down.body.slots.payment.fallbackReason).toMatch(/store-unavailable|deadline/);
    await stack.post('/v1/track', buy({ userId: 'cy' }, 'o5', 'boleto'));

    const back = await eventually(
      () => decide({ userId: 'cy' }),
      (reply) => order(reply)[0] === 'boleto',
      30_000,
    );
    expect([back.body.source, back.body.degraded]).toEqual(['personalized', false]);
  });

  test('with the store stopped in mid-air the answer keeps its deadline', async () => {
    const { pids } = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as {
      pids: Record<string, number>;
    };
    process.kill(pids.dynamodb ?? 0, 'SIGSTOP');
    try {
      const reply = await decide({ userId: 'cy' });
      expect([reply.status, reply.body.source, reply.body.slots.payment.fallbackReason]).toEqual([
        200,
        'default',
        'deadline',
      ]);
    } finally {
      process.kill(pids.dynamodb ?? 0, 'SIGCONT');
    }
    const back = await eventually(() => decide({ userId: 'cy' }), personalized);
    expect(back.body.degraded).toBe(false);
  });

  test('a poisoned event is told and kept, and its neighbours land', async () => {
    const reply = await stack.post('/v1/batch', {
      batch: [
        buy({ userId: 'di' }, 'o6', 'pix'),
        { type: 'track', userId: 'di' },
        buy({ userId: 'di' }, 'o7', 'pix'),
      ],
    });
    expect(reply.body).toMatchObject({
      success: true,
      rejected: [{ index: 1, code: 'missing', path: 'event' }],
    });
    const profile = await eventually(
      () => stack.get('/v1/profiles/u%3Adi'),
      ({ body }) => body.orders?.count === 2,
    );
    expect(profile.body).toMatchObject({ subject: 'u:di', orders: { count: 2, totals: { EUR: 9980 } } });
  });

  test('an event whose money cannot be booked goes to quarantine and does not block its shard', async () => {
    const bad = {
      type: 'track',
      event: 'Order Completed',
      userId: 'ed',
      properties: { total: 5, payment_method: 'pix' },
    };
    const { output, code } = await stack.replay(
      '-',
      [bad, buy({ userId: 'ed' }, 'o8', 'boleto')].map((event) => JSON.stringify(event)).join('\n'),
    );

    expect(output).toBe(
      'sent 2 = accepted 2 + rejected 0; accepted 2 = applied 1 + deduplicated 0 + quarantined 1 + suppressed 0; gap 0',
    );
    expect(code).toBe(0);
    expect(order(await decide({ userId: 'ed' }))[0]).toBe('boleto');
  });
});

describe('tried on real input', () => {
  const excerpt = join(ROOT, 'test/data/uci-online-retail-excerpt.events.ndjson.gz');

  test('a year of a wholesaler is replayed without a gap, and every customer has the orders of the file', async () => {
    const events = readEvents(excerpt);
    const { output } = await stack.replay(excerpt);

    // Orders of more than 32 KB are turned down; a customer's money is recounted from the file, in pence.
    const small = events.filter((event) => Buffer.byteLength(JSON.stringify(event)) <= 32 * 1024);
    expect(output).toBe(
      `sent ${events.length} = accepted ${small.length} + rejected ${events.length - small.length}; ` +
        `accepted ${small.length} = applied ${small.length} + deduplicated 0 + quarantined 0 + suppressed 0; gap 0`,
    );
    const customers = new Set(small.flatMap(({ userId }) => userId ?? []));
    for (const userId of customers) {
      const own = small.filter((event) => event.userId === userId);
      const orders = own.filter(({ event }) => event === 'Order Completed');
      const refunds = own.filter(({ event }) => event === 'Order Refunded');
      const { body } = await stack.get(`/v1/profiles/${encodeURIComponent(`u:${userId}`)}`);
      expect({
        userId,
        count: body.orders.count,
        pence: body.orders.totals.GBP ?? 0,
        refunds: body.orders.refunds,
      }).toEqual({
        userId,
        count: orders.length,
        pence: pence(orders),
        refunds: { count: refunds.length, totals: refunds.length > 0 ? { GBP: pence(refunds) } : {} },
      });
    }
    expect(customers.size).toBeGreaterThan(190);
  }, 120_000);

  test('sent a second time, the year changes nothing', async () => {
    const { output } = await stack.replay(excerpt);
    const before = await stack.get('/v1/profiles/u%3A14911');

    expect(output).toMatch(/ gap 0$/);
    expect(before.body.orders.count + before.body.orders.refunds.count).toBe(
      readEvents(excerpt).filter(({ userId }) => userId === '14911').length,
    );
  }, 120_000);

  test('10,000 real checkout events of a Brazilian marketplace are replayed without a gap', async () => {
    const file = join(process.env.CARTWRIGHT_DATA ?? '', 'olist.events.ndjson.gz');
    if (process.env.CARTWRIGHT_DATA === undefined || !existsSync(file)) {
      console.log('real data: NOT RUN');
      return;
    }
    const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n', 10_000);
    const { output } = await stack.replay('-', lines.join('\n'));

    expect(output).toBe(
      'sent 10000 = accepted 10000 + rejected 0; accepted 10000 = applied 10000 + deduplicated 0 + quarantined 0 + suppressed 0; gap 0',
    );
    const buyers = lines
      .map((line) => JSON.parse(line) as RealEvent)
      .filter(({ event }) => event === 'Order Completed');
    for (const { userId, properties } of buyers.slice(-20)) {
      const { body } = await stack.get(`/v1/profiles/${encodeURIComponent(`u:${userId}`)}`);
      expect(Object.keys(body.checkout.payment)).toContain(properties.payment_method);
      expect(body.links.length).toBeGreaterThan(0);
    }
  }, 180_000);
});

interface RealEvent {
  readonly event: string;
  readonly userId?: string;
  readonly properties: { readonly total: number; readonly payment_method?: string };
}

function readEvents(file: string): readonly RealEvent[] {
  const text = gunzipSync(readFileSync(file)).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RealEvent);
}

function pence(events: readonly RealEvent[]): number {
  return events.reduce((sum, { properties }) => sum + Math.round(properties.total * 100), 0);
}
