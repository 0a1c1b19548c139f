import {
  AS_BROWSER,
  AS_SERVER,
  basic,
  memoryStage,
  SECRET_KEY,
  tokenFor,
  WRITE_KEY,
} from '../memory-stage.ts';

const HOST = { host: 'events.shop.example', 'x-forwarded-proto': 'https' };
const unknown = { error: { code: 'unknown_key', message: expect.any(String) as string } };
const askSettings = (writeKey: string, headers: Readonly<Record<string, string>> = HOST) =>
  memoryStage().ask(`/v1/projects/${writeKey}/settings`, { parameters: { writeKey }, headers });

describe('the settings that analytics.js asks for', () => {
  test('name this host as the only place to send to, under the key that asked', async () => {
    const { status, body, headers } = await askSettings(WRITE_KEY);

    expect([status, headers]).toEqual([200, { 'cache-control': 'private, max-age=300' }]);
    expect((body as { integrations: object }).integrations).toEqual({
      'Segment.io': { apiKey: WRITE_KEY, apiHost: 'events.shop.example/v1', protocol: 'https' },
    });
  });

  test('load nothing and report nothing to anybody else', async () => {
    expect((await askSettings(WRITE_KEY)).body).toMatchObject({
      plan: {},
      edgeFunction: {},
      enabledMiddleware: {},
      middlewareSettings: { routingRules: [] },
      remotePlugins: [],
      legacyVideoPluginsEnabled: false,
      metrics: { sampleRate: 0 },
    });
  });

  test('lead to the same scheme that the page came by', async () => {
    const { body } = await askSettings(WRITE_KEY, { host: '127.0.0.1:8787', 'x-forwarded-proto': 'http' });
    expect(body).toMatchObject({
      integrations: { 'Segment.io': { apiHost: '127.0.0.1:8787/v1', protocol: 'http' } },
    });
  });

  test.each([['wk_guess'], [''], ['__proto__'], [SECRET_KEY]])('are not there for %j', async (key) => {
    const { status, body } = await askSettings(key);
    expect([status, body]).toEqual([404, unknown]);
    expect(JSON.stringify(body)).not.toMatch(/wk_guess|sk_test/);
  });
});

describe('the source configuration that RudderStack’s clients ask for', () => {
  const source = { enabled: true, workspaceId: 'cartwright', destinations: [] };
  const config = { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } };

  test.each<[string, string, object, string]>([
    ['a browser, by Basic', '/sourceConfig', { headers: AS_BROWSER }, 'browser'],
    ['a browser, as RudderStack’s writes the path', '/sourceConfig/', { headers: AS_BROWSER }, 'browser'],
    ['a browser, by the query', '/sourceConfig', { query: { writeKey: WRITE_KEY, p: 'web' } }, 'browser'],
    ['a server', '/sourceConfig', { headers: AS_SERVER }, 'server'],
  ])('says that the source is on and leads nowhere else: %s', async (_name, path, asked, kind) => {
    expect(await memoryStage().ask(path, asked)).toEqual({
      status: 200,
      body: { isHosted: false, source: { ...source, config, id: kind, name: kind } },
    });
  });

  test.each<[string, object]>([
    ['without a key', {}],
    ["with nobody's key", { headers: { authorization: basic('wk_guess') } }],
    ["with nobody's key in the query", { query: { writeKey: 'wk_guess' } }],
    ['with a token for a key', { headers: { authorization: `Bearer ${tokenFor('ann')}` } }],
  ])('is refused %s', async (_name, asked) => {
    const { status, body } = await memoryStage().ask('/sourceConfig', asked);
    expect([status, body]).toEqual([401, unknown]);
    expect(JSON.stringify(body)).not.toMatch(/wk_guess|eyJ/);
  });
});

test.each(['/', '/v1/track', '/v1/projects', '/sourceConfigs', '/x/sourceConfig'])(
  'a GET of %s finds nothing',
  async (path) => {
    const { status, body } = await memoryStage().ask(path, { headers: AS_SERVER });
    expect([status, body]).toEqual([404, { error: { code: 'not_found', message: 'there is nothing here' } }]);
  },
);
