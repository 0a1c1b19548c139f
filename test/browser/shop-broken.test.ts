import type { Browser } from 'playwright-core';
import { type LocalStack, startLocalStack } from '../e2e/local-stack.ts';
import { PHONE, screenshot, startChromium } from './browser.ts';
import {
  anonymousIdOf,
  behindTheScenes,
  buyWith,
  checkoutOnceIt,
  enterShop,
  movedBy,
  profileOnce,
  profileWith,
  putInCart,
  shown,
  type Visit,
} from './shop-visit.ts';

let stack: LocalStack;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startLocalStack(), startChromium()]);
  ({ url } = stack);
}, 180_000);
afterAll(() => Promise.all([stack?.stop(), browser?.close()]));

const SHOP_ORDER = ['credit_card', 'paypal', 'bank_transfer'];
const OWN_ORDER = ['bank_transfer', 'credit_card', 'paypal'];

async function breakIt(faults: object): Promise<void> {
  const reply = await fetch(`${url}/_local/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  expect(reply.status).toBe(200);
}
afterEach(() => breakIt({ store: 'ok', api: 'ok', sdk: 'ok' }));

/** Somebody whose third way to pay is their own: without a fault it is first. */
async function aRegular(): Promise<Visit> {
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  await buyWith(visit, 'bank_transfer');
  const device = await anonymousIdOf(visit);
  await profileWith(1, stack, `a:${device}`);
  await putInCart(visit, url);
  return visit;
}

/** As if this device had been given no answer yet. */
async function forgetAnswers({ page }: Visit): Promise<void> {
  await page.evaluate(() => localStorage.removeItem('cartwright.answer'));
}

test.each([
  [{ store: 'down' }, ['default', 'store-default']],
  [{ store: 'slow' }, ['default', 'store-default']],
  [{ api: 'down' }, ['store-default']],
  [{ api: 'slow' }, ['store-default']],
  [{ api: '500' }, ['store-default']],
])('with %j a checkout is complete in the shop’s order, and says so', async (faults, rungs) => {
  const visit = await aRegular();
  await forgetAnswers(visit);
  await breakIt(faults);
  await visit.page.goto(`${url}/checkout`);
  const payment = visit.page.locator('[data-cartwright-slot="payment"]');
  await payment.locator('xpath=self::*[not(@aria-busy)]').waitFor();
  expect(rungs).toContain(await payment.getAttribute('data-cartwright-state'));
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(await movedBy(visit.page)).toBe(0);
  expect(await behindTheScenes(visit)).toMatch(
    /profile store (cannot be reached|was too slow|kept failing)|could not be reached|answered with an error|not there in time/,
  );
  await buyWith(visit, 'paypal');

  // The order is not lost: the shop's server tells of it when it can.
  await breakIt({ store: 'ok', api: 'ok' });
  const device = await anonymousIdOf(visit);
  const profile = await profileOnce(
    stack,
    `a:${device}`,
    ({ orders, checkout }) => orders?.count >= 2 && checkout.payment.paypal !== undefined,
  );
  expect(profile.orders.count).toBe(2);
  expect(profile.checkout.payment.paypal.uses).toBe(1);
  await visit.context.close();
});

test('with the SDK blocked the shop sells as if it had none', async () => {
  await breakIt({ sdk: 'blocked' });
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  await putInCart(visit, url);
  await visit.page.goto(`${url}/checkout`);
  await visit.page.locator('.option').first().waitFor();
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(await movedBy(visit.page)).toBe(0);
  expect(await behindTheScenes(visit)).toContain('The SDK is blocked.');
  await buyWith(visit, 'paypal');
  expect(visit.sent).toEqual([]);
  await visit.context.close();
});

test('an answer that is late moves nothing, and is there the next time', async () => {
  const visit = await aRegular();
  await forgetAnswers(visit);
  const { page } = visit;
  let letGo = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => (letGo = resolve));
  let isAnswered = Promise.resolve();
  await page.route('**/v1/decisions', async (route) => {
    const reply = await route.fetch();
    await isHeld;
    await route.fulfill({ response: reply });
  });
  await page.goto(`${url}/checkout`);
  await page.locator('[data-cartwright-slot="payment"][data-cartwright-state="store-default"]').waitFor();
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  isAnswered = page
    .waitForResponse('**/v1/decisions')
    .then(async (response) => void (await response.finished()));
  letGo();
  await isAnswered;
  await page.waitForFunction(() => localStorage.getItem('cartwright.answer') !== null);
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(await movedBy(page)).toBe(0);

  // And when the API cannot be asked at all, the order of last time is the best there is.
  await page.unroute('**/v1/decisions');
  await breakIt({ api: 'down' });
  await page.goto(`${url}/checkout`);
  await page.locator('[data-cartwright-slot="payment"][data-cartwright-state="cached"]').waitFor();
  expect(await shown(visit)).toEqual(OWN_ORDER);
  expect(await behindTheScenes(visit)).toContain('the last one, kept in this browser');
  await visit.context.close();
});

test('the switches behind the scenes break and mend, and what they do can be read there', async () => {
  const visit = await enterShop(browser, url, { consent: 'Accept all', viewport: PHONE });
  const { page } = visit;
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  await page.locator('.opener').click();
  await page.locator('.faults').getByRole('group', { name: 'API' }).getByLabel('Down').check();
  await page.locator('.faults').getByText('Set. Open the checkout again').waitFor();
  await page.evaluate(() => localStorage.removeItem('cartwright.answer'));
  await page.reload();
  await page.locator('[data-cartwright-slot="payment"][data-cartwright-state="store-default"]').waitFor();
  await page.locator('.opener').click();
  await page.locator('.drawer').getByText('The API could not be reached.').waitFor();
  expect(
    await page.locator('.faults').getByRole('group', { name: 'API' }).getByLabel('Down').isChecked(),
  ).toBe(true);
  await screenshot(page, 'shop-broken-phone');
  await page.locator('.faults').getByRole('group', { name: 'API' }).getByLabel('OK').check();
  await page.keyboard.press('Escape');
  await checkoutOnceIt(visit, url, 'default');
  await visit.context.close();
});
