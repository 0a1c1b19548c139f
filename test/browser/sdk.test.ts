import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { Answer } from '../../web/sdk/answer.ts';
import type { Cartwright } from '../../web/sdk/index.ts';
import type { Mounted } from '../../web/sdk/mount.ts';
import { eventually } from '../e2e/local-stack.ts';
import { openPage, seriousFindings, startChromium } from './browser.ts';
import {
  decision,
  option,
  PERSONAL,
  startSdkShop,
  startStubApi,
  type SdkShop,
  type StubApi,
} from './sdk-shop.ts';

/** What the shop's script puts there. */
declare global {
  interface Window {
    shop: Cartwright;
    mounted: Mounted;
    answers: Answer[];
    problems: string[];
    shifts: number;
    start(): void;
    renew(): void;
    before: readonly string[];
  }
}

const SHOPS_OWN = ['card', 'boleto', 'pix'];
/** Beyond every deadline and the last paint. */
const SETTLED_MS = 700;

let browser: Browser;
let api: StubApi;
let shop: SdkShop;

beforeAll(async () => {
  [browser, api] = await Promise.all([startChromium(), startStubApi()]);
  shop = await startSdkShop(api.url);
});
afterAll(() => Promise.all([browser.close(), api.close(), shop.close()]));
beforeEach(() => {
  api.seen.length = 0;
  api.taken.clear();
  Object.assign(api, { decision: decision(), delayMs: 0, status: 200 });
});

const urlOf = (query = ''): string => `${shop.url}/?api=${encodeURIComponent(api.url)}&${query}`;

/** A shopper who has never been here. */
async function visit(query = ''): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  return openPage(browser, urlOf(query));
}
const answered = (page: Page, count = 1) =>
  page.waitForFunction((many) => window.answers.length >= many, count);
const order = (page: Page): Promise<readonly (string | undefined)[]> =>
  page.$$eval('[data-cartwright-option]', (options) =>
    options.map((element) => (element as HTMLElement).dataset.cartwrightOption),
  );
const chosen = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector<HTMLInputElement>('input:checked')?.value ?? null);
const taken = (name: string) => [...api.taken.values()].filter(({ event }) => event === name);

test('a checkout is arranged before it is seen, without a preflight, a shift or a word against the policy', async () => {
  const { page, complaints } = await visit();
  await answered(page);
  await page.waitForTimeout(SETTLED_MS);
  expect(await order(page)).toEqual(PERSONAL);
  expect(await chosen(page)).toBe('pix');
  expect(await page.evaluate(() => window.shifts)).toBe(0);
  expect(await page.$eval('fieldset', ({ dataset }) => dataset.cartwrightState)).toBe('personalized');
  expect(
    await page.$eval('[data-cartwright-option]', (first) => (first as HTMLElement).dataset.cartwrightReasons),
  ).toBe('used-most used-last');
  expect(await page.getByRole('status').textContent()).toBe('Arranged for you');
  expect(api.seen.map(({ method }) => method)).not.toContain('OPTIONS');
  expect(api.seen.filter(({ path }) => path === '/v1/decisions')).toHaveLength(1);
  expect(complaints).toEqual([]);
  expect(await page.evaluate(() => window.problems)).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
  await page.close();
});

test('a prerendered checkout is arranged beforehand, and told of once its shopper comes', async () => {
  const page = await browser.newPage();
  // As Chromium has it while it prerenders, which it does not do under a debugger.
  await page.addInitScript(() => {
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
  });
  await page.goto(urlOf('autoPage=1'));
  await answered(page);
  await page.waitForTimeout(SETTLED_MS);
  expect(await order(page)).toEqual(PERSONAL);
  await page.evaluate(() => window.shop.flush());
  expect([...api.taken.values()]).toEqual([]);

  await page.evaluate(() => {
    Object.defineProperty(document, 'prerendering', { value: false });
    document.dispatchEvent(new Event('prerenderingchange'));
  });
  await eventually(
    () => Promise.resolve([...api.taken.values()].map(({ type, event }) => event ?? type).sort()),
    (told) => told.length === 2,
  );
  expect([...api.taken.values()].map(({ type, event }) => event ?? type).sort()).toEqual([
    'Checkout Decision Shown',
    'page',
  ]);
  await page.close();
});

test('what was shown is told once, as it stood there', async () => {
  const { page } = await visit();
  await answered(page);
  await page.evaluate(() => window.mounted.refresh());
  await eventually(
    () => Promise.resolve(taken('Checkout Decision Shown')),
    (shown) => shown.length > 0,
  );
  await page.waitForTimeout(SETTLED_MS);
  expect(taken('Checkout Decision Shown')).toEqual([
    expect.objectContaining({
      properties: {
        decision_id: 'dec_1',
        checkout_id: 'c1',
        shown_at: expect.stringMatching(/Z$/),
        slots: { payment: { source: 'personalized', order: PERSONAL, preselected: 'pix' } },
      },
    }),
  ]);
  await page.close();
});

test('while it waits, the options keep their place out of sight and say that they are busy', async () => {
  api.delayMs = 100;
  const { page } = await visit('later');
  const [before, waiting] = await page.evaluate(() => {
    const state = () => {
      const fieldset = document.querySelector('fieldset');
      return {
        busy: fieldset?.ariaBusy,
        state: fieldset?.dataset.cartwrightState,
        visibility: getComputedStyle(document.querySelector('[data-cartwright-option]') ?? document.body)
          .visibility,
        height: fieldset?.getBoundingClientRect().height,
      };
    };
    const first = state();
    window.start();
    return [first, state()] as const;
  });
  const { height } = before;
  expect(height).toBeGreaterThan(20);
  expect(before).toEqual({ busy: null, state: undefined, visibility: 'visible', height });
  expect(waiting).toEqual({ busy: 'true', state: 'personalizing', visibility: 'hidden', height });
  await answered(page);
  expect(await page.$eval('fieldset', ({ ariaBusy }) => ariaBusy)).toBeNull();
  await page.close();
});

test('a late answer moves nothing, then or later on the page, and serves the next visit', async () => {
  api.delayMs = 400;
  const { page } = await visit('hasty');
  await answered(page);
  expect(await page.evaluate(() => window.answers[0]?.reason)).toBe('timeout');
  expect(await order(page)).toEqual(SHOPS_OWN);
  await page.waitForTimeout(SETTLED_MS);
  expect(await order(page)).toEqual(SHOPS_OWN);
  expect(await chosen(page)).toBeNull();
  await page.evaluate(() => window.mounted.refresh());
  expect(await order(page)).toEqual(SHOPS_OWN);
  expect(await page.evaluate(() => window.shifts)).toBe(0);

  api.delayMs = 2_000;
  await page.reload();
  await answered(page);
  expect(await page.evaluate(() => window.answers[0]?.source)).toBe('cached');
  expect(await order(page)).toEqual(PERSONAL);
  await page.close();
});

test('the page waits for its deadline and not for the server', async () => {
  api.delayMs = 5_000;
  const { page } = await visit('later&hasty');
  const tookMs = await page.evaluate(async () => {
    window.start();
    const from = performance.now();
    await window.shop.decide({ checkout: { payment: [{ id: 'card' }] } });
    return performance.now() - from;
  });
  expect(tookMs).toBeGreaterThanOrEqual(149);
  expect(tookMs).toBeLessThan(1_000);
  await page.close();
});

test('an answer for options that have been on the screen leaves them as they are', async () => {
  const { page } = await visit('later&still');
  await page.waitForTimeout(100);
  // The script comes when the page has been there for a while.
  await page.evaluate(async () => {
    const script = document.createElement('script');
    script.src = '/cartwright.js';
    document.body.append(script);
    await new Promise((resolve) => script.addEventListener('load', resolve));
    window.start();
  });
  await answered(page);
  expect(await order(page)).toEqual(SHOPS_OWN);
  await eventually(
    () => Promise.resolve(taken('Checkout Decision Shown')),
    (shown) => shown.length > 0,
  );
  expect(taken('Checkout Decision Shown')).toEqual([
    expect.objectContaining({
      properties: expect.objectContaining({
        slots: { payment: { source: 'store-default', order: SHOPS_OWN } },
      }),
    }),
  ]);
  await page.close();
});

describe('markup that waits from the start', () => {
  test('is arranged when the script comes in time', async () => {
    const { page } = await visit('waits&patient');
    await answered(page);
    await page.waitForTimeout(SETTLED_MS);
    expect(await order(page)).toEqual(PERSONAL);
    expect(await page.getByLabel('card').isVisible()).toBe(true);
    expect(await page.evaluate(() => window.shifts)).toBe(0);
    await page.close();
  });

  test('shows itself when none comes, in the shop’s order', async () => {
    const { page } = await visit('waits&blocked&script=/none.js');
    await page.getByLabel('card').check({ timeout: 2_000 });
    expect(await order(page)).toEqual(SHOPS_OWN);
    await page.close();
  });

  test('and has been seen then: a script that comes later leaves it', async () => {
    const { page } = await visit('waits&later');
    await page.waitForTimeout(SETTLED_MS);
    await page.evaluate(() => window.start());
    await answered(page);
    expect(await order(page)).toEqual(SHOPS_OWN);
    expect(await page.getByLabel('card').isVisible()).toBe(true);
    await page.close();
  });
});

describe('the shopper’s own hand', () => {
  test('a choice that was made is neither moved nor changed', async () => {
    const { page } = await visit('later&waits&patient');
    await page.evaluate(() => {
      const choice = document.querySelector<HTMLInputElement>('[value=boleto]');
      if (choice) choice.checked = true;
    });
    await page.evaluate(() => window.start());
    await answered(page);
    expect(await chosen(page)).toBe('boleto');
    await page.close();
  });

  test('what the shop has ticked gives way to the shopper’s habit', async () => {
    const { page } = await visit('checked=card');
    await answered(page);
    expect(await chosen(page)).toBe('pix');
    await page.close();
  });

  test('where nothing may be preselected, nothing is', async () => {
    api.decision = decision({
      payment: { ...decision().slots.payment, options: [option('pix'), option('card'), option('boleto')] },
    });
    const { page } = await visit();
    await answered(page);
    expect(await order(page)).toEqual(PERSONAL);
    expect(await chosen(page)).toBeNull();
    await page.close();
  });

  test('with the focus on one of the options nothing moves, by keyboard alone all can be reached', async () => {
    const { page } = await visit('later&still');
    await page.evaluate(() => {
      window.renew();
      document.querySelector<HTMLInputElement>('[value=card]')?.focus();
      window.start();
    });
    await answered(page);
    expect(await order(page)).toEqual(SHOPS_OWN);
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    expect(await chosen(page)).toBe('boleto');
    await page.close();
  });

  test('with the focus on the heading the options are arranged, and the focus stays', async () => {
    const { page } = await visit('later&waits&patient');
    await page.evaluate(() => {
      document.querySelector('legend')?.focus();
      window.start();
    });
    await answered(page);
    expect(await order(page)).toEqual(PERSONAL);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('LEGEND');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('pix');
    await page.close();
  });

  test('a shopper who acts while the answer is under way keeps what is there', async () => {
    api.delayMs = 1_000;
    const { page } = await visit();
    await page.locator('legend').click();
    await answered(page);
    expect(await order(page)).toEqual(SHOPS_OWN);
    await page.close();
  });

  test('what the shop renders again stands as the shopper has seen it, with the choice the shopper has made', async () => {
    const { page } = await visit();
    await answered(page);
    await page.getByLabel('boleto').check();
    api.decision = decision({
      payment: {
        ...decision().slots.payment,
        options: [option('card', true), option('pix'), option('boleto')],
      },
    });
    await page.evaluate(() => {
      window.renew();
      const choice = document.querySelector<HTMLInputElement>('[value=boleto]');
      choice?.setAttribute('checked', '');
      // In their place at once: the shopper sees nothing move.
      const refreshed = window.mounted.refresh();
      window.before = [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].map(
        ({ value }) => value,
      );
      return refreshed;
    });
    expect(await page.evaluate(() => window.before)).toEqual(PERSONAL);
    expect(await order(page)).toEqual(PERSONAL);
    expect(await chosen(page)).toBe('boleto');
    await page.close();
  });

  test.each(['after', 'beside'])('a mount %s another one moves nothing that stands there', async (when) => {
    const { page } = await visit('later&waits&patient');
    await page.evaluate(() => window.start());
    await answered(page);
    api.decision = decision({
      payment: {
        ...decision().slots.payment,
        options: [option('card', true), option('boleto'), option('pix')],
      },
    });
    await page.evaluate((isAfter) => {
      if (isAfter) window.mounted.destroy();
      window.start();
    }, when === 'after');
    await answered(page, 2);
    expect(await order(page)).toEqual(PERSONAL);
    expect(await chosen(page)).toBe('pix');
    await page.close();
  });

  test('a shop that asks again when it hears the choice hides nothing that has its order', async () => {
    api.delayMs = 300;
    const asked = (many: number) =>
      eventually(
        () => Promise.resolve(api.seen.filter(({ path }) => path === '/v1/decisions')),
        (questions) => questions.length === many,
      );
    const { page } = await visit('later');
    await page.evaluate(() => {
      window.start();
      document.querySelector('fieldset')?.addEventListener('change', () => void window.mounted.refresh());
    });
    await asked(1);
    api.delayMs = 5_000;
    await asked(2);
    expect(await page.locator('[data-cartwright-option]').first().isVisible()).toBe(true);
    expect(await page.$eval('fieldset', ({ dataset }) => dataset.cartwrightState)).toBe('personalized');
    expect(await order(page)).toEqual(PERSONAL);
    await page.close();
  });

  test('what the shop has taken out is left alone', async () => {
    const { page } = await visit();
    await answered(page);
    const state = await page.evaluate(async () => {
      const old = document.querySelector('fieldset');
      window.renew();
      if (old) old.dataset.cartwrightState = 'of the shop';
      await window.mounted.refresh();
      return old?.dataset.cartwrightState;
    });
    expect(state).toBe('of the shop');
    await page.close();
  });

  test('other options that the shop puts there are a new list, to be arranged again', async () => {
    const { page } = await visit();
    await answered(page);
    await page.evaluate(() => {
      const fieldset = document.querySelector('fieldset');
      fieldset?.replaceChildren(
        ...['invoice', 'pix'].map((id) => {
          const element = document.createElement('div');
          element.dataset.cartwrightOption = id;
          element.textContent = id;
          return element;
        }),
      );
      return window.mounted.refresh();
    });
    expect(await order(page)).toEqual(['pix', 'invoice']);
    await page.close();
  });
});

describe('offers, messages and what is known of the shopper', () => {
  const slots = (endsInMs: number) => ({
    prefill: { source: 'personalized', fields: { address: { country: 'BR', region: 'SP', city: 'Santos' } } },
    offers: {
      source: 'default',
      items: [
        {
          id: 'o1',
          kind: 'percent',
          title: '<b>10 %</b> off',
          endsAt: new Date(Date.now() + endsInMs).toISOString(),
          reasons: [],
        },
        {
          id: 'o2',
          kind: 'free-shipping',
          title: 'Free shipping',
          missing: { amount: 1250, currency: 'EUR' },
          endsAt: null,
          reasons: [],
        },
      ],
    },
    messages: {
      source: 'default',
      items: [{ id: 'm1', kind: 'notice', text: 'مرحبا', locale: 'ar', reasons: [] }],
    },
  });

  test('stand there as text, with what is missing and how long they last, and move nothing', async () => {
    api.decision = decision(slots(3_600_000));
    const { page, complaints } = await visit();
    await answered(page);
    await page.waitForTimeout(SETTLED_MS);
    expect(await page.getByText('<b>10 %</b> off').count()).toBe(1);
    expect(await page.locator('[data-cartwright-part=missing]').textContent()).toBe('€12.50 to go');
    const clock = page.locator('time');
    const before = await clock.textContent();
    expect(before).toMatch(/^(1:00:00|0:59:\d\d)$/);
    await page.waitForTimeout(1_200);
    expect(await clock.textContent()).not.toBe(before);
    expect(
      await page.$eval('[data-cartwright-kind=notice] span', ({ lang, dir }: HTMLElement) => [lang, dir]),
    ).toEqual(['ar', 'auto']);
    expect(await page.evaluate(() => window.shifts)).toBe(0);
    expect(complaints).toEqual([]);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });

  test.each([
    ['pt_BR', '12,50'],
    ['no such locale', '12.50'],
  ])('with the locale “%s” what is missing is told all the same', async (locale, amount) => {
    api.decision = decision(slots(3_600_000));
    const { page } = await visit(`locale=${locale}`);
    await answered(page);
    expect(await page.locator('[data-cartwright-part=missing]').textContent()).toContain(amount);
    expect(await page.evaluate(() => window.problems)).toEqual([]);
    await page.close();
  });

  test('an offer that is over is out of sight, and what is below it stays where it is', async () => {
    api.decision = decision(slots(1_500));
    const { page } = await visit();
    await answered(page);
    const below = await page.locator('#below').boundingBox();
    await page.getByText('<b>10 %</b> off').waitFor({ state: 'hidden' });
    expect(await page.locator('#below').boundingBox()).toEqual(below);
    expect(await page.getByText('Free shipping').isVisible()).toBe(true);
    await page.close();
  });

  test('fields are filled when the shopper asks for it, and only those that are empty', async () => {
    api.decision = decision(slots(60_000));
    const { page } = await visit();
    await answered(page);
    const country = page.locator('[data-cartwright-field=country]');
    const city = page.locator('[data-cartwright-field=city]');
    expect([await country.inputValue(), await city.inputValue()]).toEqual(['', '']);
    await city.fill('Recife');
    await page.getByRole('button', { name: 'Fill in' }).click();
    expect([await country.inputValue(), await city.inputValue()]).toEqual(['BR', 'Recife']);
    await page.close();
  });

  test('with nothing known there is nothing to ask for', async () => {
    const { page } = await visit();
    await answered(page);
    expect(await page.getByRole('button', { name: 'Fill in' }).isDisabled()).toBe(true);
    await page.close();
  });
});

test('from right to left it is the same, read from the right', async () => {
  api.decision = decision();
  const { page } = await visit('dir=rtl');
  await answered(page);
  await page.waitForTimeout(SETTLED_MS);
  expect(await order(page)).toEqual(PERSONAL);
  const [first, body] = await page.$eval(
    'input',
    (input) => [input.getBoundingClientRect().right, document.body.getBoundingClientRect().right] as const,
  );
  expect(body - first).toBeLessThan(60);
  expect(
    await page.evaluate(() => [window.shifts, document.documentElement.scrollWidth <= innerWidth]),
  ).toEqual([0, true]);
  await page.close();
});

describe('events', () => {
  test('of a page that is left at once arrive all the same', async () => {
    const { page } = await visit('later');
    await page.evaluate(() => {
      window.start();
      window.shop.track('Product Added');
      location.href = 'about:blank';
    });
    await eventually(
      () => Promise.resolve(taken('Product Added')),
      (all) => all.length === 1,
    );
    await page.close();
  });

  test('of an offline shopper arrive once each when the network is back, those before a reload too', async () => {
    const { page } = await visit('later');
    await page.evaluate(() => window.start());
    await answered(page);
    await page.waitForTimeout(SETTLED_MS);
    api.taken.clear();
    api.seen.length = 0;
    await page.context().setOffline(true);
    await page.evaluate(() => {
      for (const name of ['A', 'B', 'C']) window.shop.track(name);
    });
    await page.waitForTimeout(SETTLED_MS);
    expect(api.seen).toEqual([]);
    await page.context().setOffline(false);
    await eventually(
      () => Promise.resolve(['A', 'B', 'C'].flatMap(taken)),
      (all) => all.length === 3,
    );
    await page.waitForTimeout(SETTLED_MS);
    const sent = api.seen
      .filter(({ path }) => path === '/v1/batch')
      .flatMap(({ body }) => [...body.matchAll(/"event":"[ABC]"/g)]);
    expect(sent).toHaveLength(3);
    await page.close();
  });

  test('of a single-page shop are one page view an address', async () => {
    const { page } = await visit('later&autoPage');
    await page.evaluate(() => {
      window.start();
      history.pushState({}, '', '/p/1#secret');
      history.replaceState({}, '', '/p/1');
      history.back();
    });
    await eventually(
      () => Promise.resolve([...api.taken.values()].filter(({ type }) => type === 'page')),
      (views) => views.length === 3,
    );
    // What stands behind the # no server is told by a browser, nor by us.
    expect(JSON.stringify([...api.taken.values()])).not.toContain('secret');
    await page.close();
  });

  test('go as simple requests: text, no header of their own, no cookie', async () => {
    const { page } = await visit();
    await answered(page);
    await eventually(
      () => Promise.resolve(taken('Checkout Decision Shown')),
      (all) => all.length === 1,
    );
    for (const { headers } of api.seen) {
      expect(headers['content-type']).toBe('text/plain;charset=UTF-8');
      expect(headers.cookie).toBeUndefined();
      expect(headers.authorization).toBeUndefined();
    }
    await page.close();
  });
});

describe('a script that comes before the slots', () => {
  const SCRIPTS = '<script src="/cartwright.js"></script><script src="/shop.js"></script>';
  const WAITING = ' data-cartwright-state="personalizing"';
  const list = (state = '') =>
    `<fieldset data-cartwright-slot="payment"${state}>${SHOPS_OWN.map(
      (id) =>
        `<label data-cartwright-option="${id}"><input type="radio" name="payment" value="${id}"> ${id}</label>`,
    ).join('')}</fieldset>`;
  let close: () => Promise<unknown>;
  afterEach(() => close());
  /** Behind it the page goes on when something has been painted. */
  const SLOW = '<script src="/slow.js"></script>';
  const open = async (content: string) => {
    const written = await startSdkShop(api.url, {
      '/slow.js': '',
      '/checkout': `<!doctype html><html lang="en"><head><title>Checkout</title><link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/cartwright.css"><link rel="stylesheet" href="/patient.css">
${content}`,
    });
    const page = await browser.newPage();
    close = () => Promise.all([page.close(), written.close()]);
    await page.route('**/slow.js', async (route) => {
      await page.waitForFunction(() => performance.getEntriesByType('paint').length > 0);
      await route.continue();
    });
    await page.goto(`${written.url}/checkout?still=1&api=${encodeURIComponent(api.url)}`);
    await answered(page);
    await page.waitForTimeout(SETTLED_MS);
    const questions = api.seen.filter(({ path }) => path === '/v1/decisions').length;
    const problems = await page.evaluate(() => window.problems);
    return { page, questions, problems };
  };

  test('mounts what the page brings later, before it is seen, and asks once', async () => {
    const { page, questions, problems } = await open(SCRIPTS + list(WAITING));
    expect(await order(page)).toEqual(PERSONAL);
    expect(await page.getByRole('status').textContent()).toBe('Arranged for you');
    expect([questions, problems]).toEqual([1, []]);
  });

  test('leaves what the page has shown before all of it was there', async () => {
    const { page, problems } = await open(SCRIPTS + list() + SLOW);
    expect(await order(page)).toEqual(SHOPS_OWN);
    expect(problems).toEqual([]);
  });

  test('arranges at once what stands before it, and the rest when all is there', async () => {
    const { page, questions, problems } = await open(list(WAITING) + SCRIPTS + list(WAITING));
    expect(await order(page)).toEqual([...PERSONAL, ...PERSONAL]);
    expect([questions, problems]).toEqual([2, []]);
  });
});

test('what the documentation tells a shop to write works as it stands there', async () => {
  const blocks = [...readFileSync('docs/sdk.md', 'utf8').matchAll(/```(html|js)\n(.*?)```/gs)].map(
    ([, , text = '']) => text,
  );
  const [markup = '', script = ''] = blocks;
  api.decision = decision({
    payment: { ...decision().slots.payment, options: [option('pix', true), option('card')] },
  });
  const written = await startSdkShop(api.url, {
    '/checkout': `<!doctype html><title>Checkout</title><link rel="stylesheet" href="/patient.css"><link rel="icon" href="/icon.svg">${markup}`,
    '/checkout.js': script.replace('https://api.example', api.url),
  });
  const { page, complaints } = await openPage(browser, `${written.url}/checkout`);
  await page.locator('[data-cartwright-state]:not([data-cartwright-state=personalizing])').waitFor();
  const source = await page.$eval('fieldset', ({ dataset }) => dataset.cartwrightState);
  // Its deadline is a shopper's, which a busy machine may miss: then the shop's own order stands.
  expect([source, ...(await order(page))]).toEqual(
    source === 'personalized' ? ['personalized', 'pix', 'card'] : ['store-default', 'card', 'pix'],
  );
  const questions = await eventually(
    () => Promise.resolve(api.seen.filter(({ path }) => path === '/v1/decisions')),
    (seen) => seen.length > 0,
  );
  expect(JSON.parse(questions[0]?.body ?? '')).toMatchObject({
    writeKey: 'wk_…',
    context: { country: 'BR' },
    checkout: { id: 'c1' },
  });
  expect(complaints).toEqual([]);
  await page.close();
  await written.close();
});

test('with storage blocked the checkout is arranged and events go', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  const page = await context.newPage();
  await page.goto(urlOf());
  await answered(page);
  expect(await order(page)).toEqual(PERSONAL);
  await eventually(
    () => Promise.resolve(taken('Checkout Decision Shown')),
    (all) => all.length === 1,
  );
  expect(await page.evaluate(() => window.problems)).toEqual([]);
  await context.close();
});

test('under Global Privacy Control nobody is named and nothing is left in the browser', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
  });
  const page = await context.newPage();
  await page.goto(urlOf());
  await answered(page);
  await page.waitForTimeout(SETTLED_MS);
  expect(api.seen.map(({ path }) => path)).toEqual(['/v1/decisions']);
  expect(JSON.parse(api.seen[0]?.body ?? '')).not.toHaveProperty('anonymousId');
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
    0,
    0,
    '',
  ]);
  await context.close();
});

test('with the API down or the script blocked, the shop’s own checkout is there and works', async () => {
  api.status = 500;
  const { page } = await visit();
  await answered(page);
  expect(await page.evaluate(() => window.answers[0])).toMatchObject({
    source: 'store-default',
    reason: 'http',
  });
  expect(await order(page)).toEqual(SHOPS_OWN);
  await page.getByLabel('boleto').check();
  expect(await chosen(page)).toBe('boleto');
  await page.close();
});
