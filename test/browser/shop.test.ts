import { randomUUID } from 'node:crypto';
import type { Browser, Locator } from 'playwright-core';
import { eventually, type LocalStack, startLocalStack } from '../e2e/local-stack.ts';
import { PHONE, screenshot, seriousFindings, sidewaysScroll, startChromium } from './browser.ts';
import {
  anonymousIdOf,
  behindTheScenes,
  buyWith,
  checkoutOnceIt,
  enterShop,
  movedBy,
  openCheckout,
  preselected,
  profileOnce,
  profileWith,
  putInCart,
  shown,
  signIn,
  type SeenProfile,
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
const somebody = (): string => `shopper-${randomUUID().slice(0, 8)}`;

async function deliverTo({ page }: Visit, country: string): Promise<void> {
  await page.locator('.strip select').first().selectOption(country);
}

/** What is there only in an answer that is in time. */
async function openCheckoutUntil(visit: Visit, wanted: Locator): Promise<void> {
  const isThere = await eventually(
    async () => {
      await openCheckout(visit, url);
      return wanted.isVisible();
    },
    (found) => found,
    30_000,
  );
  expect(isThere).toBe(true);
}

/** For a picture: what it is about is in it. */
async function toPayment({ page }: Visit): Promise<void> {
  await page
    .locator('[data-cartwright-slot="payment"]')
    .evaluate((slot) => slot.scrollIntoView({ block: 'end' }));
}

test('a first visit sees the shop’s order; who bought with the third way to pay finds it first, with the reason', async () => {
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  await screenshot(visit.page, 'shop-home');
  await putInCart(visit, url, 'ember-kettle');
  await checkoutOnceIt(visit, url, 'default');
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(await preselected(visit)).toBe('');
  expect(await movedBy(visit.page)).toBe(0);
  await buyWith(visit, 'bank_transfer');
  const device = await anonymousIdOf(visit);
  const { orders, checkout } = await profileWith(1, stack, `a:${device}`);
  expect(orders.totals).toEqual({ EUR: 6_890 });
  expect(checkout.payment.bank_transfer.uses).toBe(1);

  await putInCart(visit, url, 'burl-grinder');
  await checkoutOnceIt(visit, url, 'personalized');
  expect(await shown(visit)).toEqual(['bank_transfer', 'credit_card', 'paypal']);
  expect(await preselected(visit)).toBe('bank_transfer');
  const first = visit.page.locator('[data-cartwright-slot="payment"] .option').first();
  expect(await first.innerText()).toMatch(/Pay by bank\s+Your usual/);
  expect(await movedBy(visit.page)).toBe(0);
  const behind = await behindTheScenes(visit);
  expect(behind).toContain('Ordered by what this shopper did before.');
  expect(behind).toMatch(/bank transfer\s+used most, used last, preselected/);
  expect(behind).toMatch(/Newest event\s+\d+ s ago\s+Known after\s+\d+ ms/);
  await visit.page.locator('.opener').click();
  await toPayment(visit);
  await screenshot(visit.page, 'shop-behind');

  // An operator sees the same decision, and nobody by name.
  await visit.page.goto(`${url}/ops`);
  const row = visit.page.locator('#decision-rows tr', { hasText: 'personalized' }).first();
  expect(await row.innerText()).toMatch(/bank_transfer\s+used-most/);
  expect(visit.complaints).toEqual([]);
  await visit.context.close();
});

test('another device knows who signs in there, and forgets who signs out', async () => {
  const name = somebody();
  const phone = await enterShop(browser, url, { viewport: PHONE, locale: 'pt-BR' });
  await phone.page.locator('.banner button').first().click();
  await signIn(phone, url, name);
  await putInCart(phone, url);
  await openCheckout(phone, url);
  expect(await shown(phone)).toEqual(['credit_card', 'boleto', 'pix']);
  await buyWith(phone, 'pix');
  await profileWith(1, stack, `u:${name}`);
  await phone.context.close();

  const laptop = await enterShop(browser, url, { locale: 'pt-BR' });
  await laptop.page.locator('.banner button').first().click();
  await putInCart(laptop, url);
  await checkoutOnceIt(laptop, url, 'default');
  await signIn(laptop, url, name);
  await checkoutOnceIt(laptop, url, 'personalized');
  expect(await shown(laptop)).toEqual(['pix', 'credit_card', 'boleto']);
  expect(await behindTheScenes(laptop)).toMatch(/Profile read\s+the account's/);
  const before = await anonymousIdOf(laptop);

  await laptop.page.goto(`${url}/account`);
  await laptop.page.getByRole('button', { name: 'Sair' }).click();
  await laptop.page.locator('#name').waitFor();
  await checkoutOnceIt(laptop, url, 'default');
  expect(await shown(laptop)).toEqual(['credit_card', 'boleto', 'pix']);
  expect(await anonymousIdOf(laptop)).not.toBe(before);
  expect(await behindTheScenes(laptop)).not.toContain(name);
  expect(laptop.complaints).toEqual([]);
  await laptop.context.close();
});

test('a browser that refuses (GPC) is served the shop’s order, asked nothing, and nothing of it is kept', async () => {
  const visit = await enterShop(browser, url, { gpc: true });
  expect(await visit.page.locator('.banner').count()).toBe(0);
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  await buyWith(visit, 'bank_transfer');
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(await behindTheScenes(visit)).toMatch(/Personalization\s+refused by the browser/);

  const kept = await visit.page.evaluate(() => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
  ]);
  expect(kept.filter((name) => !name.startsWith('larch.'))).toEqual([]);
  expect(await visit.context.cookies()).toEqual([]);
  expect(visit.sent.map(({ path }) => path)).toEqual(visit.sent.map(() => '/v1/decisions'));
  expect(visit.sent.filter(({ body }) => body.includes('anonymousId'))).toEqual([]);
  await visit.context.close();
});

test.each([
  ['who rejects all', 'Reject all'],
  ['who has not answered yet', undefined],
] as const)('%s is known to nobody, and buys all the same', async (_, consent) => {
  const visit = await enterShop(browser, url, consent === undefined ? {} : { consent });
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  await buyWith(visit, 'bank_transfer');
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  expect(await shown(visit)).toEqual(SHOP_ORDER);
  expect(visit.sent.filter(({ body }) => /Product|Order|Checkout/.test(body))).toEqual([]);
  await visit.context.close();
});

test('an offer is taken only by who takes it, and the shop keeps its word; a known address is filled in when asked for', async () => {
  const name = somebody();
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  const { page } = visit;
  await signIn(visit, url, name);
  await putInCart(visit, url, 'ember-kettle');
  const offer = page.locator('[data-cartwright-item="first-order"]');
  await openCheckoutUntil(visit, offer);
  expect(await page.locator('.summary').innerText()).not.toContain('Discount');
  // The page knows of its own page views at once, the shop's server when they have come through the bulk lane.
  const isApplied = await eventually(
    async () => {
      const answered = page.waitForResponse('**/shop/offers');
      await offer.getByRole('button').click();
      return 'voucher' in ((await (await answered).json()) as object);
    },
    (isOk) => isOk,
    30_000,
  );
  expect(isApplied).toBe(true);
  await page.locator('.summary').getByText('Discount').waitFor();
  expect(await page.locator('.summary').innerText()).toMatch(/Discount\s+-€6.40/);
  await buyWith(visit, 'paypal');
  expect(await page.locator('.receipt').innerText()).toMatch(/Total\s+€62.50/);
  const { orders } = await profileWith(1, stack, `u:${name}`);
  expect(orders.totals).toEqual({ EUR: 6_250 });

  await putInCart(visit, url);
  const prefill = page.locator('[data-cartwright-prefill]:enabled');
  await openCheckoutUntil(visit, prefill);
  expect(await behindTheScenes(visit)).toMatch(
    /Offers\s+\d?\s*free shipping\s+little is missing[^]*On request\s+fills in address/,
  );
  expect(await page.locator('#city').inputValue()).toBe('');
  await prefill.click();
  expect(await page.locator('#city').inputValue()).toBe('Dublin');
  // What was for the first order is over.
  expect(await offer.count()).toBe(0);
  expect(visit.complaints).toEqual([]);
  await visit.context.close();
});

test('Swedish and Finnish law stand above habit, and it can be seen', async () => {
  const name = somebody();
  const visit = await enterShop(browser, url, { locale: 'sv-SE' });
  await visit.page.locator('.banner button').first().click();
  await signIn(visit, url, name);
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'default');
  expect(await shown(visit)).toEqual(['debit_card', 'swish', 'credit_card', 'invoice']);
  await buyWith(visit, 'invoice');
  await profileWith(1, stack, `u:${name}`);

  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'personalized');
  expect(await shown(visit)).toEqual(['debit_card', 'swish', 'credit_card', 'invoice']);
  expect(await preselected(visit)).toBe('');
  const sweden = await behindTheScenes(visit);
  expect(sweden).toContain('Sweden: what is no credit stands before what is.');
  expect(sweden).toContain('Sweden: credit is not preselected.');
  await visit.page.locator('.opener').click();
  await toPayment(visit);
  await screenshot(visit.page, 'shop-sweden');
  await visit.page.keyboard.press('Escape');

  await deliverTo(visit, 'FI');
  await checkoutOnceIt(visit, url, 'personalized');
  expect(await shown(visit)).toEqual(['mobilepay', 'bank_transfer', 'credit_card', 'invoice']);
  await buyWith(visit, 'mobilepay');
  await profileWith(2, stack, `u:${name}`);
  await putInCart(visit, url);
  await checkoutOnceIt(visit, url, 'personalized');
  expect((await shown(visit))[0]).toBe('mobilepay');
  expect(await preselected(visit)).toBe('');
  expect(await behindTheScenes(visit)).toContain('Finland: no way to pay is preselected.');
  expect(visit.complaints).toEqual([]);
  await visit.context.close();
});

test('offline and online again, with an answer lost on the way: each event counts once', async () => {
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  const { page, context } = visit;
  await page.goto(`${url}/product/drift-tote`);
  await page.locator('.product .button').click();
  const device = await anonymousIdOf(visit);
  const quantity = (profile: SeenProfile): number => profile.checkout?.cart?.lines?.[0]?.quantity ?? 0;
  await profileOnce(stack, `a:${device}`, (profile) => quantity(profile) === 1);

  await context.setOffline(true);
  for (let time = 0; time < 3; time++) await page.locator('.product .button').click();
  await page.locator('.logo').click();
  await page.locator('.hero').waitFor();
  await page.goBack();
  await page.locator('.product .button').click();
  // The first answer of the collector gets lost: the SDK cannot know that it was a yes.
  let isLost = false;
  await page.route('**/v1/b*', async (route) => {
    if (isLost) return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort();
  });
  await context.setOffline(false);
  await profileOnce(stack, `a:${device}`, (profile) => quantity(profile) >= 5);
  // Whatever else was on its way is there, too, once a later event is.
  await page.goto(`${url}/product/drift-tote`);
  await page.locator('.product .button').click();
  const profile = await profileOnce(stack, `a:${device}`, (one) => quantity(one) >= 6);
  expect(isLost).toBe(true);
  expect(quantity(profile)).toBe(6);
  await context.close();
});

test('a whole purchase by keyboard alone', async () => {
  const visit = await enterShop(browser, url);
  const { page } = visit;
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const { activeElement, body } = document;
      if (activeElement === body) return '';
      return `${activeElement?.textContent ?? ''}|${activeElement?.id ?? ''}|${activeElement?.getAttribute('name') ?? ''}`;
    });
  const tabTo = async (what: string): Promise<void> => {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused()).includes(what)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`no way to ${what} by Tab`);
  };
  await tabTo('Accept all');
  await page.keyboard.press('Enter');
  await tabTo('Ridge roast');
  await page.keyboard.press('Enter');
  await page.locator('.product').waitFor();
  await tabTo('Add to cart');
  await page.keyboard.press('Enter');
  await tabTo('View cart');
  await page.keyboard.press('Enter');
  await page.locator('.lines').waitFor();
  await tabTo('more-ridge-roast');
  await page.keyboard.press('Enter');
  expect(await focused()).toContain('more-ridge-roast');
  await tabTo('Check out');
  await page.keyboard.press('Enter');
  await page.locator('[data-cartwright-slot="payment"]:not([aria-busy])').waitFor();
  for (const [field, value] of [
    ['full-name', 'Ada'],
    ['street', '1 Pine Row'],
    ['postal-code', 'D01'],
    ['city', 'Dublin'],
  ] as const) {
    await tabTo(field);
    await page.keyboard.type(value);
  }
  await tabTo('|shipping');
  await page.keyboard.press('Space');
  await tabTo('|payment');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await preselected(visit)).toBe('bank_transfer');
  await tabTo('Place order');
  await page.keyboard.press('Enter');
  await page.locator('.receipt dl').waitFor();
  expect(await page.locator('.receipt').innerText()).toMatch(/Paid with\s+Pay by bank/);
  expect(visit.complaints).toEqual([]);
  await visit.context.close();
});

test('what is missing is said where it is missing, and gone to', async () => {
  const visit = await enterShop(browser, url, { consent: 'Accept all' });
  await putInCart(visit, url);
  await openCheckout(visit, url);
  await visit.page.locator('#full-name').fill('Ada');
  await visit.page.locator('.checkout button[type="submit"]').click();
  expect(await visit.page.evaluate(() => document.activeElement?.id)).toBe('street');
  expect(await visit.page.locator('#street-problem').innerText()).toBe('This is missing.');
  expect(await visit.page.locator('#full-name-problem').innerText()).toBe('');
  await visit.context.close();
});

describe.each([
  ['en-IE', 'ltr'],
  ['ar-AE', 'rtl'],
])('in %s', (locale, direction) => {
  test.each([
    ['on a desktop', undefined],
    ['on a phone', PHONE],
  ])(
    `every page %s: ${direction}, nothing moves, nothing stands beside the screen, axe-core finds nothing serious`,
    async (_, viewport) => {
      const visit = await enterShop(browser, url, { locale, ...(viewport && { viewport }) });
      const { page, complaints } = visit;
      const form = viewport ? 'phone' : 'desktop';
      const isSound = async (name: string): Promise<void> => {
        expect([name, await seriousFindings(page)]).toEqual([name, []]);
        expect([name, await movedBy(page)]).toEqual([name, 0]);
        expect([name, await sidewaysScroll(page)]).toEqual([name, 0]);
      };
      expect(
        await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
      ).toEqual([locale.split('-')[0], direction]);
      await page.locator('.banner').waitFor();
      await isSound('banner');
      await page.locator('.banner button').first().click();
      await isSound('home');
      if (direction === 'rtl') await screenshot(page, `shop-arabic-${form}`);
      await page.goto(`${url}/cart`);
      await page.locator('.empty').waitFor();
      await isSound('empty cart');
      await page.goto(`${url}/checkout`);
      await page.locator('.lead').waitFor();
      await isSound('empty checkout');
      await putInCart(visit, url);
      await isSound('product');
      await page.goto(`${url}/cart`);
      await page.locator('.lines').waitFor();
      await isSound('cart');
      await checkoutOnceIt(visit, url, 'default');
      await isSound('checkout');
      await toPayment(visit);
      await screenshot(page, direction === 'rtl' ? `shop-checkout-arabic-${form}` : `shop-checkout-${form}`);
      await page.locator('.opener').click();
      await page.locator('.faults').waitFor();
      await isSound('behind the scenes');
      await page.keyboard.press('Escape');
      await page.locator('.checkout button[type="submit"]').click();
      await isSound('checkout with something missing');
      await buyWith(visit, locale === 'en-IE' ? 'paypal' : 'cash_on_delivery');
      await isSound('order');
      await page.goto(`${url}/account`);
      await page.locator('#name').waitFor();
      await isSound('sign in');
      await signIn(visit, url, somebody());
      await isSound('account');
      expect(complaints).toEqual([]);
      await visit.context.close();
    },
  );
});
