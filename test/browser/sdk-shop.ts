import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sdkBundle } from '../../web/sdk-bundle.ts';

/** A request as the API sees it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A smallest shop on an origin of its own, under a policy that allows nothing but its own files and the API. */
export interface SdkShop {
  readonly url: string;
  close(): Promise<void>;
}

/** An API on another origin that answers as it is told to. */
export interface StubApi {
  readonly url: string;
  readonly seen: Seen[];
  /** Messages that were taken, by id. */
  readonly taken: Map<string, { readonly event?: string; readonly type: string }>;
  decision: object;
  delayMs: number;
  status: number;
  close(): Promise<void>;
}

const listen = async (
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Server> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
const close = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export async function startStubApi(): Promise<StubApi> {
  const server = await listen((request, response, body) => {
    void answer(request, response, body);
  });
  const api: StubApi = {
    url: `http://127.0.0.1:${portOf(server)}`,
    seen: [],
    taken: new Map(),
    decision: {},
    delayMs: 0,
    status: 200,
    close: () => close(server),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse, body: string): Promise<void> => {
    const { method = '', url: path = '', headers } = request;
    api.seen.push({ method, path, headers, body });
    const { status, delayMs, decision } = api;
    if (path === '/v1/batch' && status === 200) {
      for (const message of (JSON.parse(body) as { batch: { messageId: string; type: string }[] }).batch)
        api.taken.set(message.messageId, message);
    }
    if (path === '/v1/decisions') await sleep(delayMs);
    response
      .writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
      .end(JSON.stringify(path === '/v1/decisions' ? decision : { success: true }));
  };
  return api;
}

/**
 * @param api what the shop's pages talk to, beside the shop
 * @param others what it has beside its own: scripts by a path that ends in `.js`, pages by any other
 */
export async function startSdkShop(
  api: string,
  others: Readonly<Record<string, string>> = {},
): Promise<SdkShop> {
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/cartwright.js': ['text/javascript', await sdkBundle('cartwright.js')],
    '/cartwright.css': ['text/css', readFileSync('web/sdk/cartwright.css', 'utf8')],
    '/shop.js': ['text/javascript', SHOP_SCRIPT],
    // A busy machine may need longer than a shopper should wait.
    '/patient.css': ['text/css', ':root { --cartwright-patience: 60s; }'],
    '/icon.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ...Object.fromEntries(
      Object.entries(others).map(
        ([path, text]) => [path, [path.endsWith('.js') ? 'text/javascript' : 'text/html', text]] as const,
      ),
    ),
  };
  const server = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    const [type, text] = files[pathname] ?? ['text/html', page(searchParams)];
    response
      .writeHead(200, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src ${api}`,
      })
      .end(text);
  });
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => close(server) };
}

const OPTIONS = ['card', 'boleto', 'pix'];

export const option = (id: string, preselected = false) => ({
  id,
  rank: 1,
  preselected,
  reasons: ['used-most', 'used-last'],
});
/** A personalized answer to {@link OPTIONS}, and whatever else it is to have. */
export const decision = (slots: object = {}) => ({
  decisionId: 'dec_1',
  version: 'v1',
  tokenRejected: null,
  asOf: null,
  lagMs: null,
  source: 'personalized',
  degraded: false,
  profile: { level: 'device', segments: [], journeyStage: null },
  slots: {
    payment: {
      source: 'personalized',
      fallbackReason: null,
      options: [option('pix', true), option('card'), option('boleto')],
      guardrails: [],
    },
    ...slots,
  },
});
export const PERSONAL = ['pix', 'card', 'boleto'];

/**
 * `dir`: of the text; `waits`: the markup waits for the script from the start; `patient`: for long; `checked`: what the
 * shop has ticked; `blocked`: the SDK does not come; `script`: in the place of the shop's own.
 */
function page(options: URLSearchParams): string {
  const state = options.has('waits') ? ' data-cartwright-state="personalizing"' : '';
  const checked = options.get('checked');
  const radio = (id: string): string =>
    `<div data-cartwright-option="${id}"><label><input type="radio" name="payment" value="${id}"${id === checked ? ' checked' : ''}> ${id}</label></div>`;
  const fieldset = `<fieldset data-cartwright-slot="payment"${state}><legend tabindex="-1">Pay</legend>${OPTIONS.map(radio).join('')}</fieldset>`;
  return `<!doctype html>
<html lang="en" dir="${options.get('dir') ?? 'ltr'}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Checkout</title>
<link rel="stylesheet" href="/cartwright.css">
${options.has('patient') ? '<link rel="stylesheet" href="/patient.css">' : ''}
<link rel="icon" href="/icon.svg">
<h1>Checkout</h1>
<form>
${fieldset}
<div data-cartwright-slot="offers"></div>
<div data-cartwright-slot="messages"></div>
<div data-cartwright-slot="prefill"><button type="button" data-cartwright-prefill disabled>Fill in</button></div>
<label>Country <input data-cartwright-field="country"></label>
<label>City <input data-cartwright-field="city"></label>
</form>
<p id="below">below</p>
<template>${fieldset}</template>
${options.has('blocked') ? '' : '<script src="/cartwright.js"></script>'}
<script src="${options.get('script') ?? '/shop.js'}"></script>
</html>`;
}

/**
 * What a shop writes itself. `window.start()` is called by the page or, with `later`, by the test. As single-page shops do,
 * it puts the options there in the task that mounts them; with `still` they have been there from the start. `locale`: of the texts.
 */
const SHOP_SCRIPT = `
const query = new URLSearchParams(location.search);
window.answers = [];
window.problems = [];
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.shifts += shift.value;
}).observe({ type: 'layout-shift', buffered: true });
window.renew = () => {
  const fieldset = document.querySelector('fieldset');
  const { innerHTML } = document.querySelector('template');
  fieldset.outerHTML = innerHTML;
};
window.start = () => {
  if (!query.has('still') && !query.has('waits')) window.renew();
  window.shop = cartwright.createCartwright({
    host: query.get('api'), writeKey: 'wk_local', onProblem: (code) => window.problems.push(code),
    autoPage: query.has('autoPage'),
    deadlineMs: query.has('hasty') ? undefined : 10_000,
  });
  window.mounted = cartwright.mount(window.shop, {
    request: () => ({
      checkout: { id: 'c1', payment: [...document.querySelectorAll('[data-cartwright-option]')].map((option) => ({ id: option.dataset.cartwrightOption })) },
      context: { locale: query.get('locale') ?? (document.dir === 'rtl' ? 'ar' : 'en') },
    }),
    onAnswer: (answer) => window.answers.push(answer),
    onProblem: (problem) => window.problems.push(problem),
  });
};
if (!query.has('later')) window.start();
`;
