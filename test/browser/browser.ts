import axe, { type AxeResults } from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's own; another one by its path. */
const CHROMIUM = process.env.CARTWRIGHT_CHROMIUM ?? '/usr/bin/chromium';
/** Where screenshots go: `npm run screenshots` says docs/images. Absent: none are taken. */
const SCREENSHOTS = process.env.CARTWRIGHT_SCREENSHOTS;

export const DESKTOP = { width: 1280, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** A page and everything that it complained of. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, of the console, of the content security policy, and answers that are none. */
  readonly complaints: readonly string[];
}

export function startChromium(): Promise<Browser> {
  // Root, as in a container of CI, gets no sandbox; all that is opened here is this repository's own.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

export async function openPage(
  browser: Browser,
  url: string,
  viewport: { readonly width: number; readonly height: number } = DESKTOP,
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport, colorScheme: 'light', reducedMotion: 'reduce' });
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** What axe-core calls serious or critical, as `rule: selector`. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // By the debugger, not by a script of the page: its policy lets none in.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { readonly axe: { run(): Promise<AxeResults> } }
    ).axe.run();
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      targets: nodes.map(({ target }) => target.join(' ')),
    }));
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, targets }) => targets.map((target) => `${id}: ${target}`));
}

/** How far a page can be scrolled sideways, px: on a phone, nobody wants to. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export async function screenshot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
