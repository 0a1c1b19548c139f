import { gzipSync } from 'node:zlib';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import { BROWSER, eventually, startLocalStack, type LocalStack, type Reply } from './local-stack.ts';
import { troubledWay, type Trouble, type TroubledWay } from './troubled-way.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

type Call = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';
interface Who {
  readonly userId: string;
  readonly anonymousId?: string;
}

/** One of other people's clients, told nothing but a key and this host. */
interface Client {
  send(call: Call, message: Who & Readonly<Record<string, unknown>>): void;
  /** Settles when the client is done with what it was given: the errors that it reports. */
  finish(): Promise<readonly unknown[]>;
}
type Connect = (url: string, key: string) => Client;

const segment: Connect = (host, writeKey) => {
  const client = new SegmentAnalytics({ writeKey, host });
  const errors: unknown[] = [];
  client.on('error', ({ reason }) => errors.push(reason));
  return {
    send(call, message) {
      const send = client[call].bind(client) as (message: object) => void;
      send(message);
    },
    async finish() {
      await client.closeAndFlush({ timeout: 30_000 });
      return errors;
    },
  };
};
const rudder: Connect = (dataPlaneUrl, key) => {
  const errors: unknown[] = [];
  const client = new RudderAnalytics(key, {
    dataPlaneUrl,
    logLevel: 'none',
    errorHandler: (error: unknown) => void errors.push(error),
  });
  return {
    send(call, message) {
      const send = client[call].bind(client) as (message: object) => void;
      send(message);
    },
    async finish() {
      // The first message goes out at once by itself, what follows in batches.
      await client.flush();
      await client.flush();
      return errors;
    },
  };
};

const CLIENTS: readonly (readonly [string, string, Connect])[] = [
  ['@segment/analytics-node', 'segment', segment],
  ['@rudderstack/rudder-sdk-node', 'rudder', rudder],
];
const profileOf = (subject: string): Promise<Reply> =>
  stack.get(`/v1/profiles/${encodeURIComponent(subject)}`);
const PAYMENT = [
  { id: 'credit_card', kind: 'card' },
  { id: 'pix', kind: 'transfer' },
];
const decide = (who: object, headers?: Readonly<Record<string, string>>): Promise<Reply> =>
  stack.post('/v1/decisions', { ...who, checkout: { payment: PAYMENT } }, headers);
const purchase = (orderId: string) => ({
  event: 'Order Completed',
  properties: { order_id: orderId, total: 49.9, currency: 'EUR', payment_method: 'pix' },
});
const isPersonalized = ({ body }: Reply) => body.source === 'personalized';
const sum = (counts: Readonly<Record<string, number>> = {}) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

describe.each(CLIENTS)('an unmodified %s', (_package, prefix, connect) => {
  test('delivers every kind of call into profiles, and its purchase orders the next checkout', async () => {
    const ann = { userId: `${prefix}-ann`, anonymousId: `${prefix}-laptop` };
    const [grouped, renamed] = [{ userId: `${prefix}-grouped` }, { userId: `${prefix}-renamed` }];
    const client = connect(stack.url, 'sk_local');
    client.send('identify', { ...ann, traits: { address: { country: 'BR', state: 'SP', city: 'Santos' } } });
    client.send('track', { ...ann, ...purchase(`${prefix}-o1`) });
    client.send('page', { ...ann, name: 'Home', properties: { url: 'https://shop.example/' } });
    client.send('screen', { ...ann, name: 'Cart' });
    client.send('group', { ...grouped, groupId: 'company', traits: { name: 'Company' } });
    client.send('alias', { ...renamed, previousId: 'before' });
    expect(await client.finish()).toEqual([]);

    const isThere = ({ body }: Reply) => body.orders.count > 0 && sum(body.browse.pages) === 2;
    const { body } = await eventually(() => profileOf(`u:${ann.userId}`), isThere);
    expect(body).toMatchObject({
      exists: true,
      checkout: {
        payment: { pix: { uses: 1 } },
        address: { country: 'BR', region: 'SP', city: 'Santos' },
      },
      orders: { count: 1, totals: { EUR: 4_990 } },
      links: [{ proof: 'server' }],
    });
    expect(sum(body.browse.pages)).toBe(2);
    for (const { userId } of [grouped, renamed]) {
      const { body: known } = await eventually(
        () => profileOf(`u:${userId}`),
        (reply) => reply.body.exists,
      );
      expect([userId, known.exists]).toEqual([userId, true]);
    }

    const decision = await eventually(() => decide({ userId: ann.userId }), isPersonalized);
    expect(decision.body).toMatchObject({
      source: 'personalized',
      profile: { level: 'account' },
      slots: { payment: { options: [{ id: 'pix', preselected: true }, { id: 'credit_card' }] } },
    });
  });

  test('may say when something happened', async () => {
    const userId = `${prefix}-historian`;
    const client = connect(stack.url, 'sk_local');
    client.send('track', {
      userId,
      ...purchase(`${prefix}-o2`),
      timestamp: new Date('2025-03-04T05:06:07Z'),
    });
    await client.finish();

    const { body } = await eventually(
      () => profileOf(`u:${userId}`),
      (reply) => reply.body.orders.count > 0,
    );
    // Put right by the difference of two clocks, which are one here: but for the way.
    expect(Math.abs(Date.parse(body.orders.lastAt) - Date.parse('2025-03-04T05:06:07Z'))).toBeLessThan(5_000);
  });

  test('with the public key speaks for its device, and not for the user that it names', async () => {
    const who = { userId: `${prefix}-victim`, anonymousId: `${prefix}-public` };
    const client = connect(stack.url, 'wk_local');
    client.send('track', { ...who, ...purchase(`${prefix}-o3`) });
    expect(await client.finish()).toEqual([]);

    const device = await eventually(() => decide({ anonymousId: who.anonymousId }, BROWSER), isPersonalized);
    expect([device.body.profile.level, device.body.slots.payment.options[0].id]).toEqual(['device', 'pix']);
    expect((await profileOf(`u:${who.userId}`)).body.orders.count).toBe(0);
  });

  test('with an unknown key is told, once, and gives up', async () => {
    const way = await troubledWay(stack.url, []);
    const client = connect(way.url, 'sk_guess');
    client.send('track', { userId: `${prefix}-nobody`, ...purchase(`${prefix}-o4`) });
    const errors = await client.finish();
    await way.close();

    expect([errors.length, way.passed.length]).toEqual([1, 1]);
  });
});

describe.each(CLIENTS)('an unmodified %s on a troubled way', (_package, prefix, connect) => {
  const BUSY: Trouble = { status: 429, headers: { 'retry-after': '1' } };
  let way: TroubledWay | undefined;
  afterEach(() => way?.close());

  test.each<[string, readonly Trouble[]]>([
    ['a 503 of ours', [{ status: 503, headers: { 'retry-after': '1' } }]],
    ['a throttle that says when', [BUSY]],
    ['a throttle of the gateway, which does not say when', [{ status: 429 }]],
    ['a 500, then a throttle', [{ status: 500 }, BUSY]],
    ['an answer that gets lost after the events were taken', ['answer lost']],
    ['two answers lost and a 503', ['answer lost', { status: 503 }, 'answer lost']],
  ])(
    'sends the same again and is counted once: %s',
    async (name, troubles) => {
      const userId = `${prefix} ${name}`;
      way = await troubledWay(stack.url, troubles);
      const client = connect(way.url, 'sk_local');
      client.send('track', { userId, ...purchase(userId) });
      client.send('track', {
        userId,
        event: 'Payment Info Entered',
        properties: { payment_method: 'pix', checkout_id: 'another' },
      });
      expect(await client.finish()).toEqual([]);

      const isWhole = ({ body }: Reply) => body.checkout.payment.pix?.uses === 2;
      const { body } = await eventually(() => profileOf(`u:${userId}`), isWhole);
      expect([body.orders.count, body.orders.totals, body.checkout.payment.pix.uses]).toEqual([
        1,
        { EUR: 4_990 },
        2,
      ]);
      const [first] = way.passed;
      const repeats = way.passed.slice(0, troubles.length + 1);
      expect(repeats.map(({ messageIds }) => messageIds)).toEqual(repeats.map(() => first?.messageIds));
    },
    60_000,
  );

  test('sends as it is known to send', async () => {
    way = await troubledWay(stack.url, [{ status: 503 }]);
    const client = connect(way.url, 'sk_local');
    client.send('track', { userId: `${prefix}-form`, ...purchase(`${prefix}-o5`) });
    await client.finish();

    const shapes = way.passed.map(({ path, headers }) => ({
      path,
      type: headers['content-type'],
      encoding: headers['content-encoding'],
      retry: headers['x-retry-count'],
      authorization: headers.authorization,
    }));
    const authorization = `Basic ${Buffer.from('sk_local:').toString('base64')}`;
    const asSegment = { path: '/v1/batch', type: 'application/json', encoding: undefined, authorization };
    const asRudder = {
      path: '/v1/batch',
      type: 'application/x-www-form-urlencoded',
      encoding: 'gzip',
      authorization,
      retry: undefined,
    };
    expect(shapes).toEqual(
      prefix === 'segment'
        ? [
            { ...asSegment, retry: undefined },
            { ...asSegment, retry: '1' },
          ]
        : [asRudder, asRudder],
    );
  }, 60_000);
});

describe('whatever a client calls its body', () => {
  const CALLS: readonly Call[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
  const LABELS: readonly (readonly [string, string | undefined])[] = [
    ['JSON', 'application/json'],
    ['text', 'text/plain;charset=UTF-8'],
    ['form', 'application/x-www-form-urlencoded'],
    ['bytes', 'application/octet-stream'],
    ['nothing', undefined],
  ];
  const sendAs = async (path: string, body: object, label: string | undefined, isGzip: boolean) => {
    const json = Buffer.from(JSON.stringify({ ...body, writeKey: 'wk_local' }));
    const headers: Record<string, string> = {
      ...(label !== undefined && { 'content-type': label }),
      ...(isGzip && { 'content-encoding': 'gzip' }),
    };
    const reply = await fetch(stack.url + path, {
      method: 'POST',
      headers,
      body: isGzip ? gzipSync(json) : json,
    });
    return [reply.status, await reply.json()];
  };
  const isKnown = async (anonymousId: string) => {
    const { body } = await eventually(
      () => profileOf(`a:${anonymousId}`),
      (reply) => reply.body.exists,
    );
    return body.exists as boolean;
  };

  test.each([
    ['plain', false],
    ['in gzip', true],
  ])(
    'it is read as what it is, every call and its short form: %s',
    async (_name, isGzip) => {
      const devices: string[] = [];
      for (const [name, label] of LABELS) {
        for (const call of [...CALLS, ...CALLS.map((known) => known.charAt(0))]) {
          const anonymousId = `${name}-${isGzip}-${call}`;
          devices.push(anonymousId);
          const message = {
            anonymousId,
            event: 'Product Viewed',
            properties: { product_id: 'p', name: 'Pão 🥖' },
          };
          const answer = await sendAs(`/v1/${call}`, message, label, isGzip);
          expect([name, call, answer]).toEqual([name, call, [200, { success: true }]]);
        }
        for (const call of ['batch', 'b']) {
          const ids = CALLS.map((type) => `${name}-${isGzip}-${call}-${type}`);
          devices.push(...ids);
          const batch = CALLS.map((type, index) => ({ type, anonymousId: ids[index], event: 'Cart Viewed' }));
          const answer = await sendAs(`/v1/${call}`, { batch }, label, isGzip);
          expect([name, call, answer]).toEqual([name, call, [200, { success: true }]]);
        }
      }
      expect(devices).toHaveLength(LABELS.length * 24);
      for (const device of devices) expect([device, await isKnown(device)]).toEqual([device, true]);
    },
    60_000,
  );

  test('gzip that says it is a form and nothing of gzip is read too, as RudderStack’s once sent it', async () => {
    const body = gzipSync(
      JSON.stringify({ writeKey: 'wk_local', batch: [{ type: 'page', anonymousId: 'gz' }] }),
    );
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await fetch(`${stack.url}/v1/batch`, { method: 'POST', headers, body });
    expect([reply.status, await isKnown('gz')]).toEqual([200, true]);
  });

  test('gzip that unpacks to more than 500 KB, or is none, is refused', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const post = async (body: Uint8Array<ArrayBuffer>) => {
      const reply = await fetch(`${stack.url}/v1/batch`, { method: 'POST', headers, body });
      return [reply.status, ((await reply.json()) as { error: { code: string } }).error.code];
    };
    expect(await post(gzipSync(`{"batch":["${'x'.repeat(5_000_000)}"]}`))).toEqual([413, 'body_too_large']);
    expect(await post(gzipSync('{}').subarray(0, 12))).toEqual([400, 'invalid_gzip']);
  });
});

describe('what browser clients ask for first', () => {
  const PAGE = 'http://localhost:8787';
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const reply = await fetch(stack.url + path, { headers: { origin: PAGE, ...headers } });
    return {
      status: reply.status,
      origin: reply.headers.get('access-control-allow-origin'),
      body: (await reply.json()) as Reply['body'],
    };
  };

  test('analytics.js finds its settings, and where they lead takes its events', async () => {
    const { status, origin, body } = await ask('/v1/projects/wk_local/settings');
    expect([status, origin]).toEqual([200, PAGE]);

    const { apiKey, apiHost, protocol } = body.integrations['Segment.io'];
    const sent = await fetch(`${protocol}://${apiHost}/t`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: `Basic ${btoa(`${apiKey}:`)}`, origin: PAGE },
      body: JSON.stringify({
        type: 'track',
        ...purchase('from-a-page'),
        anonymousId: 'page-visitor',
        userId: null,
        context: {},
        integrations: {},
        messageId: 'ajs-next-1',
        timestamp: new Date(),
        sentAt: new Date(),
        writeKey: apiKey,
        _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
      }),
    });
    expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    const decision = await eventually(() => decide({ anonymousId: 'page-visitor' }, BROWSER), isPersonalized);
    expect(decision.body.slots.payment.options[0].id).toBe('pix');
  });

  test('RudderStack’s finds its source, by Basic as by the query', async () => {
    for (const [path, headers] of [
      ['/sourceConfig', BROWSER],
      ['/sourceConfig/?p=npm&v=3.34.1&build=modern&writeKey=wk_local&lockIntegrationsVersion=true', {}],
    ] as const) {
      const { status, origin, body } = await ask(path, headers);
      expect([status, origin]).toEqual([200, PAGE]);
      expect(body.source).toMatchObject({ enabled: true, config: {}, destinations: [] });
    }
  });

  test('an unknown key finds nothing', async () => {
    const { status, body } = await ask('/v1/projects/wk_guess/settings');
    expect([status, body.error.code]).toEqual([404, 'unknown_key']);
    const refused = await ask('/sourceConfig?writeKey=wk_guess');
    expect([refused.status, refused.body.error.code]).toEqual([401, 'unknown_key']);
  });

  test.each([
    ['/v1/t', 'authorization,content-type,x-retry-count'],
    [
      '/v1/track',
      'anonymousid,authorization,content-type,rsa-retry-attempt,rsa-retry-reason,rsa-since-first-attempt,rsa-since-last-attempt',
    ],
    ['/sourceConfig/', 'authorization'],
  ])('the preflight of %s lets its headers pass, for the shop’s own pages alone', async (path, asked) => {
    const preflight = async (origin: string) => {
      const { status, headers } = await fetch(stack.url + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': asked,
        },
      });
      return { status, allowed: headers.get('access-control-allow-headers')?.split(',') ?? [] };
    };
    const { status, allowed } = await preflight(PAGE);
    expect([status, asked.split(',').filter((name) => !allowed.includes(name))]).toEqual([204, []]);
    expect((await preflight('https://elsewhere.example')).allowed).toEqual([]);
  });
});
