import type { Browser, Page } from 'playwright-core';
import { bundleText } from '../../web/sdk-bundle.ts';
import type { Cartwright } from '../../web/sdk/index.ts';
import { eventually, ROOT, startLocalStack, type LocalStack, type Reply } from '../e2e/local-stack.ts';
import { startChromium } from './browser.ts';
import { startSdkShop, type SdkShop } from './sdk-shop.ts';

/** What a page does with a client, whichever it is. */
interface Client {
  identify(userId: string, traits: object): unknown;
  page(name: string): unknown;
  track(event: string, properties: object): unknown;
  /** As soon as it is known. */
  anonymousId(): Promise<string> | string;
}

declare global {
  interface Window {
    client: Client;
  }
}

/** Each as its own documentation loads it, with our host and key and nothing else. */
const SCRIPTS = {
  '/segment.js': (host: string) => `
    import { AnalyticsBrowser } from '@segment/analytics-next';
    const analytics = AnalyticsBrowser.load({ writeKey: 'wk_local', cdnURL: '${host}' });
    window.client = {
      identify: (...args) => analytics.identify(...args),
      page: (name) => analytics.page(name),
      track: (...args) => analytics.track(...args),
      anonymousId: async () => (await analytics.user()).anonymousId(),
    };`,
  '/rudderstack.js': (host: string) => `
    import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
    const rudder = new RudderAnalytics();
    rudder.load('wk_local', '${host}', { configUrl: '${host}' });
    window.client = {
      identify: (...args) => rudder.identify(...args),
      page: (name) => rudder.page(name),
      track: (...args) => rudder.track(...args),
      anonymousId: () => new Promise((resolve) => rudder.ready(() => resolve(rudder.getAnonymousId()))),
    };`,
  '/ours.js': (host: string) => `
    import { createCartwright } from './web/sdk/index.ts';
    const cartwright = createCartwright({ host: '${host}', writeKey: 'wk_local' });
    window.shop = cartwright;
    window.client = { ...cartwright, anonymousId: () => cartwright.anonymousId };`,
} as const;

/** A busy machine has it later; how soon it is there is no question of this test. */
const VISIBLE_WITHIN_MS = 40_000;

/** An origin that `store.config.ts` lets call the API of this stage; the shop's pages are served as if from there. */
const ORIGIN = 'http://127.0.0.1:8787';

let stack: LocalStack;
let browser: Browser;
let shop: SdkShop;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startLocalStack(), startChromium()]);
  const scripts = await Promise.all(
    Object.entries(SCRIPTS).map(async ([name, contents]) => [
      name,
      await bundleText({
        stdin: { contents: contents(stack.url), resolveDir: ROOT, loader: 'ts' },
        format: 'iife',
        platform: 'browser',
        define: { 'process.env.NODE_ENV': '"production"' },
      }),
    ]),
  );
  shop = await startSdkShop(stack.url, Object.fromEntries(scripts) as Record<string, string>);
}, 120_000);
afterAll(() => Promise.all([stack.stop(), browser.close(), shop.close()]));

const open = async (script: string): Promise<{ readonly page: Page; readonly refused: string[] }> => {
  const page = await (await browser.newContext({ permissions: ['local-network-access'] })).newPage();
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => refused.push(`failed ${request.url()}`));
  page.on('request', (request) => {
    if (![stack.url, ORIGIN].some((origin) => request.url().startsWith(origin)))
      refused.push(`elsewhere ${request.url()}`);
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: shop.url + pathname + search }) });
  });
  await page.goto(`${ORIGIN}/?blocked&script=${script}`);
  return { page, refused };
};
const profileOf = (subject: string): Promise<Reply> =>
  stack.get(`/v1/profiles/${encodeURIComponent(subject)}`);
const sum = (counts: Readonly<Record<string, number>> = {}): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

test.each([
  ['@segment/analytics-next', '/segment.js'],
  ['@rudderstack/analytics-js', '/rudderstack.js'],
  ['our own SDK', '/ours.js'],
])(
  '%s in a browser, told our host and key alone, delivers every event into the profile',
  async (_, script) => {
    const { page, refused } = await open(script);
    await page.evaluate(() => {
      window.client.identify('ann', { address: { country: 'BR', state: 'SP', city: 'Santos' } });
      window.client.page('Checkout');
      for (let index = 0; index < 5; index++)
        window.client.track('Product Viewed', { product_id: `p${index}` });
      window.client.track('Order Completed', {
        order_id: 'o1',
        checkout_id: 'c1',
        total: 49.9,
        currency: 'EUR',
        payment_method: 'pix',
      });
    });
    const device = `a:${await page.evaluate(() => window.client.anonymousId())}`;
    const { body } = await eventually(
      () => profileOf(device),
      (reply) =>
        reply.body.orders.count > 0 && sum(reply.body.browse.views) === 5 && sum(reply.body.browse.pages) > 0,
      VISIBLE_WITHIN_MS,
    );
    expect(body).toMatchObject({
      exists: true,
      orders: { count: 1, totals: { EUR: 4_990 } },
      checkout: { payment: { pix: { uses: 1 } } },
    });
    expect([sum(body.browse.views), sum(body.browse.pages)]).toEqual([5, 1]);
    expect(refused).toEqual([]);
    await page.context().close();
  },
  120_000,
);

test('what was done offline counts once, and the next checkout knows it at once', async () => {
  const { page } = await open('/ours.js');
  await page.context().setOffline(true);
  await page.evaluate(() => {
    for (const id of ['o1', 'o2'])
      window.client.track('Order Completed', {
        order_id: id,
        total: 10,
        currency: 'EUR',
        payment_method: 'boleto',
      });
  });
  await page.context().setOffline(false);
  // Before the streams have brought it anywhere: the question takes it along.
  const answer = await page.evaluate(() =>
    (window as unknown as { readonly shop: Cartwright }).shop.decide({
      checkout: {
        payment: [
          { id: 'credit_card', kind: 'card' },
          { id: 'boleto', kind: 'voucher' },
        ],
      },
    }),
  );
  expect(answer.reason === 'timeout' ? 'boleto' : answer.slots.payment?.options[0]?.id).toBe('boleto');
  const device = `a:${await page.evaluate(() => window.client.anonymousId())}`;
  await eventually(
    () => profileOf(device),
    (reply) => reply.body.orders.count === 2,
    VISIBLE_WITHIN_MS,
  );
  // Long enough for a second effect of what was sent twice.
  await page.waitForTimeout(1_500);
  const { body } = await profileOf(device);
  expect(body).toMatchObject({ orders: { count: 2, totals: { EUR: 2_000 } } });
  expect(body.checkout.payment.boleto.uses).toBe(2);
  await page.context().close();
}, 120_000);
