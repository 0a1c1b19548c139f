import type { Browser, Page } from 'playwright-core';
import type { Dashboard } from '../../local/dashboard.ts';
import { eventually } from '../e2e/local-stack.ts';
import { type Drill, startDrill } from '../fire-drill/drill.ts';
import { endpointsOf, throttle } from '../metric-proof/everything.ts';
import { openPage, PHONE, screenshot, seriousFindings, sidewaysScroll, startChromium } from './browser.ts';

const QUESTIONS = [
  'Are shoppers served?',
  'Is it fresh?',
  'Is anything lost?',
  'Is it healthy?',
  'What does it cost?',
];
const NEXT_LOOK_MS = 15_000;

let drill: Drill;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [drill, browser] = await Promise.all([startDrill(), startChromium()]);
  url = drill.stack.url;
}, 120_000);
afterAll(() => Promise.all([drill.end(), browser.close()]));

/** An hour in a shop: events, checkouts, an audit. */
async function anHour(): Promise<void> {
  for (let quarter = 0; quarter < 12; quarter++) {
    await drill.pass(5);
    await drill.shop(2 + ((quarter * 5) % 7));
    await drill.catchUp();
    await drill.decide(1 + ((quarter * 3) % 5));
    await drill.visit();
  }
  await drill.audit();
  await drill.catchUp();
}

const textOf = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();

test('before anything has happened, it says what would fill it', async () => {
  const { page, complaints } = await openPage(browser, `${url}/ops`);
  await page.getByText('All well').waitFor();
  expect(await textOf(page, '#decision-table')).toContain('Nothing yet. A decision fills it:');
  expect(await textOf(page, '#facts')).toContain('not audited yet');
  expect(complaints).toEqual([]);
  await page.close();
});

describe('after an hour in a shop', () => {
  beforeAll(anHour, 120_000);

  test('it asks the five questions of the dashboard in their order, and shows every graph of it', async () => {
    const reply = await fetch(`${url}/_local/dashboard`);
    const { dashboards } = (await reply.json()) as { readonly dashboards: readonly Dashboard[] };
    const widgets = dashboards.flatMap((dashboard) => dashboard.widgets);
    const graphs = widgets.flatMap((widget) => (widget.type === 'metric' ? [widget.title] : []));
    expect(graphs.length).toBeGreaterThan(20);

    const { page, complaints } = await openPage(browser, `${url}/ops`);
    await page
      .getByText(QUESTIONS[0] ?? '')
      .first()
      .waitFor();
    expect(await page.locator('#board h2').allInnerTexts()).toEqual(QUESTIONS);
    expect((await page.locator('#board h3').allInnerTexts()).sort()).toEqual([...graphs, 'Alarms'].sort());
    // Drawn, not just named: of what has happened there is a line.
    const latency = page.locator('article', { hasText: 'Decision latency at the function' });
    expect(await latency.locator('canvas').count()).toBe(1);
    expect(await latency.innerText()).toMatch(/p99\s+[\d.]+ m?s/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('one look says whether checkouts are personal, how fresh profiles are, and whether anything is lost', async () => {
    const { page } = await openPage(browser, `${url}/ops`);
    await page.getByText('All well').waitFor();
    const facts = await textOf(page, '#facts');
    expect(facts).toMatch(/\d+ personalized, 0 fell back/);
    expect(facts).toMatch(/Profiles follow within\s+critical [\d.]+ m?s/);
    expect(facts).toMatch(/Lost\s+nothing, says the audit/);
    expect(await page.title()).toBe('✓ All well · Cartwright');
    await screenshot(page, 'ops');
    await page
      .locator('#board section')
      .first()
      .evaluate((section) => section.scrollIntoView());
    await screenshot(page, 'ops-graphs');
    await page.close();
  });

  test('a decision shows its order with the reasons, its guardrails and its freshness, and nobody by name', async () => {
    await drill.stack.post('/v1/decisions', {
      userId: 'shopper-1',
      context: { country: 'SE', currency: 'EUR' },
      checkout: {
        lines: [{ productId: 'p1', quantity: 1, price: 9_900 }],
        payment: [
          { id: 'invoice', kind: 'invoice' },
          { id: 'swish', kind: 'transfer' },
          { id: 'pix', kind: 'transfer' },
        ],
      },
    });
    const { page } = await openPage(browser, `${url}/ops`);
    const first = page.locator('#decision-rows tr').first();
    await first.waitFor();
    const row = await first.innerText();
    expect(row).toMatch(/personalized/);
    expect(row).toMatch(/pix\s+used-most/);
    expect(row).toMatch(/se-debit-before-credit/);
    expect(row).toMatch(/offers\s[^]*free-shipping\s+the cart has reached it/);
    expect(row).toMatch(/account\s+newest event [\d.]+ \w+ old, known after [\d.]+ m?s/);

    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.locator('#decision-rows tr').count()).toBeGreaterThan(6);
    expect(await page.locator('body').innerText()).not.toMatch(/shopper-\d|visitor/);
    await page.close();
  });

  test('by keyboard alone a decision is shown whole, and left again where it was', async () => {
    const { page } = await openPage(browser, `${url}/ops`);
    const button = page.locator('#decision-rows button').first();
    await button.waitFor();
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog[open]');
    expect(await dialog.innerText()).toContain('"decisionId": "dec_');
    expect(await dialog.innerText()).not.toContain('shopper-');
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.close();
  });

  test('on a phone nothing stands beside the screen', async () => {
    const { page, complaints } = await openPage(browser, `${url}/ops`, PHONE);
    await page.getByText('All well').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(complaints).toEqual([]);
    await screenshot(page, 'ops-phone');
    await page.close();
  });

  test.each(['/ops', '/ops/runbook'])('axe-core finds nothing serious on %s', async (path) => {
    const { page, complaints } = await openPage(browser, url + path);
    await page.locator('h2').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('with the store out of reach it says so at once, what to do, and when it is over', async () => {
  const names = endpointsOf(drill.stack);
  const { page, complaints } = await openPage(browser, `${url}/ops`);
  await throttle(names.dynamodb, ['Query']);
  try {
    for (let minute = 0; minute < 12; minute++) {
      await drill.decide(3);
      await drill.pass(1);
    }
    await page.getByText(/^Paging: \d+ alarms raised$/).waitFor({ timeout: NEXT_LOOK_MS });
    expect(await textOf(page, '#facts')).toMatch(/[1-9]\d* fell back/);
    // The first that fail say so, until the breaker opens.
    expect(await page.locator('#decision-rows tr').first().innerText()).toMatch(
      /its store is out of reach|the store of profiles has kept failing/,
    );
    expect(await page.title()).toMatch(/^▲ Paging/);
    expect(await textOf(page, '#raised')).toContain('DecisionsFallbackRateHigh');
    expect(await seriousFindings(page)).toEqual([]);
    await screenshot(page, 'ops-incident');

    const raised = page.locator('#raised li', { hasText: 'DecisionsFallbackRateHigh' });
    await raised.getByRole('link', { name: 'What to do' }).click();
    await page.getByRole('heading', { name: 'Fallback rate' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#fallback-rate');
    await page.goBack();
  } finally {
    await throttle(names.dynamodb, []);
  }
  await drill.pass(6 * 60 + 1);
  await eventually(
    async () => {
      await drill.decide(1);
      await drill.catchUp();
      await drill.pass(6);
      return drill.raised();
    },
    (left) => left.size === 0,
    60_000,
  );
  await page.getByText('All well').waitFor({ timeout: NEXT_LOOK_MS });
  expect(await textOf(page, '#changes')).toMatch(/Over\s+PagingPage[^]*Raised\s+PagingPage/);
  expect(complaints).toEqual([]);
  await page.close();
}, 120_000);

test('a run that has ended is not taken for one that is well', async () => {
  const { page } = await openPage(browser, `${url}/ops`);
  await page.getByText('All well').waitFor();
  await page.route('**/_local/ops*', (route) => route.abort());
  await page.getByText('The local run does not answer.').waitFor({ timeout: NEXT_LOOK_MS });
  expect(await page.title()).toBe('✗ No answer · Cartwright');
  await page.close();
});
