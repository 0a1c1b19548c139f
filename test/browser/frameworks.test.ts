import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { compileScript, parse } from 'vue/compiler-sfc';
import { bundleText } from '../../web/sdk-bundle.ts';
import { ROOT } from '../e2e/local-stack.ts';
import { openPage, startChromium } from './browser.ts';
import { decision, PERSONAL, startSdkShop, startStubApi, type SdkShop, type StubApi } from './sdk-shop.ts';

declare global {
  interface Window {
    app: {
      /** Renders again: with other options, or without the checkout. */
      show(options: readonly { readonly id: string; readonly name: string }[] | null): unknown;
    };
  }
}

/** What the documentation tells shops to write, as it stands there; imports are its readers' own. */
const recipe = (language: 'tsx' | 'vue'): string => {
  const text = readFileSync(`${ROOT}/docs/sdk.md`, 'utf8');
  return new RegExp('```' + language + '\\n(.*?)```', 's').exec(text)?.[1] ?? '';
};
const OPTIONS = ['card', 'boleto', 'pix'].map((id) => ({ id, name: `by ${id}` }));

const SHOP = `
  import { createCartwright } from './web/sdk/index.ts';
  window.shop = createCartwright({
    host: new URLSearchParams(location.search).get('api'), writeKey: 'wk_local', deadlineMs: 10_000,
  });
  const OPTIONS = ${JSON.stringify(OPTIONS)};
  const request = { checkout: { id: 'c1', payment: OPTIONS.map(({ id }) => ({ id })) } };`;

const SCRIPTS = {
  '/react.js': {
    loader: 'tsx',
    contents: `${SHOP}
      import { StrictMode, useLayoutEffect, useRef } from 'react';
      import { flushSync } from 'react-dom';
      import { createRoot } from 'react-dom/client';
      import { mount } from './web/sdk/mount.ts';
      ${recipe('tsx')}
      const root = createRoot(document.getElementById('app')!);
      window.app = {
        show: (options) =>
          flushSync(() =>
            root.render(<StrictMode>{options && <Payment options={options} request={request} />}</StrictMode>),
          ),
      };
      window.app.show(OPTIONS);`,
  },
  '/vue.js': {
    loader: 'ts',
    contents: `${SHOP}
      import { createApp, h, nextTick, shallowRef } from 'vue';
      import Payment from 'recipe.vue';
      const shown = shallowRef(OPTIONS);
      createApp({ render: () => shown.value && h(Payment, { options: shown.value, request }) }).mount('#app');
      window.app = {
        show: async (options) => {
          shown.value = options;
          await nextTick();
        },
      };`,
  },
} as const;

/** Vue's own compiler, as its plugins for bundlers call it. */
const VUE_RECIPE: Plugin = {
  name: 'recipe.vue',
  setup(build) {
    build.onResolve({ filter: /^recipe\.vue$/ }, ({ path }) => ({ path, namespace: 'recipe' }));
    build.onLoad({ filter: /./, namespace: 'recipe' }, () => {
      const imports = `import { onBeforeUnmount, onMounted, useTemplateRef } from 'vue';
        import { mount } from './web/sdk/mount.ts';`;
      const { descriptor, errors } = parse(recipe('vue').replace(/<script setup[^>]*>/, `$&\n${imports}`));
      if (errors.length > 0) throw errors[0];
      const { content } = compileScript(descriptor, { id: 'recipe', inlineTemplate: true });
      return { contents: content, loader: 'ts', resolveDir: ROOT };
    });
  },
};

async function bundle({ contents, loader }: (typeof SCRIPTS)[keyof typeof SCRIPTS]): Promise<string> {
  return bundleText({
    stdin: { contents, loader, resolveDir: ROOT },
    jsx: 'automatic',
    plugins: [VUE_RECIPE],
    define: {
      // In which React mounts everything twice, and both complain of what they do not like.
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
  });
}

let browser: Browser;
let api: StubApi;
let shop: SdkShop;

beforeAll(async () => {
  [browser, api] = await Promise.all([startChromium(), startStubApi()]);
  const page = (script: string) =>
    `<!doctype html><html lang="en"><title>Checkout</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/patient.css"><div id="app"></div><script src="${script}"></script></html>`;
  shop = await startSdkShop(api.url, {
    '/react': page('/react.js'),
    '/vue': page('/vue.js'),
    '/react.js': await bundle(SCRIPTS['/react.js']),
    '/vue.js': await bundle(SCRIPTS['/vue.js']),
  });
  api.decision = decision();
});
afterAll(() => Promise.all([browser.close(), api.close(), shop.close()]));

describe.each(['react', 'vue'])('a checkout in %s, written as the documentation says', (framework) => {
  const open = async () => {
    const opened = await openPage(browser, `${shop.url}/${framework}?api=${encodeURIComponent(api.url)}`);
    await arranged(opened.page);
    return opened;
  };
  const arranged = (page: Page) =>
    page.locator('[data-cartwright-slot][data-cartwright-state=personalized]').waitFor();
  const order = (page: Page): Promise<readonly (string | null)[]> =>
    page.$$eval('[data-cartwright-option]', (all) =>
      all.map((one) => one.getAttribute('data-cartwright-option')),
    );
  const chosen = (page: Page): Promise<string | null> =>
    page.evaluate(() => document.querySelector<HTMLInputElement>('input:checked')?.value ?? null);
  const show = (page: Page, options: typeof OPTIONS | null) =>
    page.evaluate((shown) => window.app.show(shown), options);

  test('is arranged, and stands when it is rendered again', async () => {
    const { page, complaints } = await open();
    expect([await order(page), await chosen(page)]).toEqual([PERSONAL, 'pix']);

    await page.locator('input[value=boleto]').check();
    await show(
      page,
      OPTIONS.map(({ id, name }) => ({ id, name: `${name} now` })),
    );
    expect(await page.getByText('by pix now').count()).toBe(1);
    expect([await order(page), await chosen(page)]).toEqual([PERSONAL, 'boleto']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('loses an option that the shop takes out, and keeps the others as they stand', async () => {
    const { page, complaints } = await open();
    await show(
      page,
      OPTIONS.filter(({ id }) => id !== 'card'),
    );
    expect(await order(page)).toEqual(['pix', 'boleto']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('goes and comes back, and is arranged again', async () => {
    const { page, complaints } = await open();
    await show(page, null);
    expect(await order(page)).toEqual([]);
    await show(page, OPTIONS);
    await arranged(page);
    expect(await order(page)).toEqual(PERSONAL);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
