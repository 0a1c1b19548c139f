import type { Browser, BrowserContext, Page } from 'playwright-core';
import { eventually, type LocalStack } from '../e2e/local-stack.ts';
import { DESKTOP } from './browser.ts';

export interface Device {
  readonly viewport?: { readonly width: number; readonly height: number };
  /** BCP 47; what the browser asks for. */
  readonly locale?: string;
  /** Global Privacy Control, as a browser that has it sends and shows it. */
  readonly gpc?: boolean;
  /** What is answered to the banner; absent: nothing. */
  readonly consent?: 'Accept all' | 'Reject all';
}

/** Somebody in the shop, on a device that nobody has used before. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What scripts, the console and the content security policy complained of. */
  readonly complaints: readonly string[];
  /** All that was sent to the API, by path. */
  readonly sent: readonly { readonly path: string; readonly body: string }[];
}

const READY = '[data-cartwright-state]:not([data-cartwright-state="personalizing"])';

/** Opens the shop's first page. */
export async function enterShop(browser: Browser, url: string, device: Device = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: device.viewport ?? DESKTOP,
    locale: device.locale ?? 'en-IE',
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...(device.gpc === true && { extraHTTPHeaders: { 'sec-gpc': '1' } }),
  });
  await context.addInitScript(countShifts);
  if (device.gpc === true) await context.addInitScript(refuseTracking);
  const page = await context.newPage();
  const complaints: string[] = [];
  const sent: { readonly path: string; readonly body: string }[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/v1/')) sent.push({ path: pathname, body: request.postData() ?? '' });
  });
  await page.goto(url);
  await page.locator('h1').waitFor();
  if (device.consent !== undefined) await page.locator('.banner button', { hasText: device.consent }).click();
  return { context, page, complaints, sent };
}

/** In the page: sums up what moves without the shopper having done anything. */
function countShifts(): void {
  const shifts = globalThis as { movedBy?: number };
  shifts.movedBy = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      readonly value: number;
      readonly hadRecentInput: boolean;
    })[])
      if (!entry.hadRecentInput) shifts.movedBy = (shifts.movedBy ?? 0) + entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

function refuseTracking(): void {
  Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true });
}

/** The Cumulative Layout Shift of the page so far, whatever is painted included. */
export async function movedBy(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return (globalThis as { movedBy?: number }).movedBy ?? Number.NaN;
  });
}

export async function putInCart({ page }: Visit, url: string, productId = 'tarn-mug'): Promise<void> {
  await page.goto(`${url}/product/${productId}`);
  await page.locator('.product .button').click();
  await page.locator('.said a').waitFor();
}

/** Opens the checkout, until its ways to pay are in their place, whoever has put them there. */
export async function openCheckout({ page }: Visit, url: string): Promise<void> {
  await page.goto(`${url}/checkout`);
  await page.locator(`[data-cartwright-slot="payment"]${READY}`).waitFor();
}

/**
 * Opens the checkout until the payment slot says that it is of this rung. On a busy machine an answer may be too late, and what
 * was just done is not known at once.
 */
export async function checkoutOnceIt(visit: Visit, url: string, is: string): Promise<void> {
  const source = await eventually(
    async () => {
      await openCheckout(visit, url);
      return visit.page.locator('[data-cartwright-slot="payment"]').getAttribute('data-cartwright-state');
    },
    (state) => state === is,
    30_000,
  );
  expect(source).toBe(is);
}

/** The ways to pay, or to have it delivered, from top to bottom. */
export function shown({ page }: Visit, slot: 'payment' | 'shipping' = 'payment'): Promise<readonly string[]> {
  return page
    .locator(`[data-cartwright-slot="${slot}"] input`)
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
}

/** What is chosen without the shopper having chosen; '' for nothing. */
export async function preselected(
  { page }: Visit,
  slot: 'payment' | 'shipping' = 'payment',
): Promise<string> {
  return page
    .locator(`[data-cartwright-slot="${slot}"] input`)
    .evaluateAll((inputs) => (inputs as HTMLInputElement[]).find(({ checked }) => checked)?.value ?? '');
}

const ADDRESS = {
  'full-name': 'Ada Byrne',
  street: '1 Pine Row',
  'postal-code': 'D01',
  city: 'Dublin',
  region: 'SP',
};

/** Fills the checkout that is open, and orders. */
export async function buyWith({ page }: Visit, method: string, delivery = 'standard'): Promise<void> {
  for (const [field, value] of Object.entries(ADDRESS)) {
    const input = page.locator(`#${field}`);
    if ((await input.count()) > 0) await input.fill(value);
  }
  await page.locator(`[data-cartwright-slot="shipping"] input[value="${delivery}"]`).check();
  await page.locator(`[data-cartwright-slot="payment"] input[value="${method}"]`).check();
  await page.locator('.checkout button[type="submit"]').click();
  await page.locator('.receipt dl').waitFor();
}

export async function signIn({ page }: Visit, url: string, name: string): Promise<void> {
  await page.goto(`${url}/account`);
  await page.locator('#name').fill(name);
  await page.locator('form button').click();
  await page.locator('.orders').waitFor();
}

/** The device as the SDK names it. */
export function anonymousIdOf({ page }: Visit): Promise<string> {
  return page.evaluate(
    () =>
      (JSON.parse(localStorage.getItem('cartwright.visitor') ?? '{}') as { anonymousId: string }).anonymousId,
  );
}

/** A profile as the wire has it. */
export type SeenProfile = Readonly<Record<string, any>>; // eslint-disable-line typescript/no-explicit-any -- what a test asserts on is what the wire says

/** What Cartwright knows of a subject, once it is as wanted. */
export async function profileOnce(
  stack: LocalStack,
  subject: string,
  isWanted: (profile: SeenProfile) => boolean,
): Promise<SeenProfile> {
  const { body } = await eventually(
    () => stack.get(`/v1/profiles/${encodeURIComponent(subject)}`),
    (reply) => isWanted(reply.body),
    30_000,
  );
  return body;
}

/** What Cartwright knows of a subject once so many orders are in it, and how they were paid, which is written after them. */
export async function profileWith(orders: number, stack: LocalStack, subject: string): Promise<SeenProfile> {
  const paid = ({ payment }: SeenProfile): number =>
    Object.values(payment as Readonly<Record<string, { readonly uses: number }>>).reduce(
      (sum, { uses }) => sum + uses,
      0,
    );
  return profileOnce(
    stack,
    subject,
    (profile) => profile.orders?.count === orders && paid(profile.checkout) >= orders,
  );
}

/** What the drawer says, opened and closed again. */
export async function behindTheScenes({ page }: Visit): Promise<string> {
  await page.locator('.opener').click();
  const said = await page.locator('.drawer').innerText();
  await page.keyboard.press('Escape');
  return said;
}
