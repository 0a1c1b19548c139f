import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** What the snippets of a section take for granted: the names of the providers' own types. */
const GIVEN: Readonly<Record<string, string>> = {
  Stripe: "import type { StripeElements } from '@stripe/stripe-js';",
  Adyen:
    "import { AdyenCheckout, Dropin, type CoreConfiguration, type PaymentMethodsResponse } from '@adyen/adyen-web';\n" +
    "import type { PaymentMethodsRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentMethodsRequest.js';",
  Shopify:
    "import type { ShopifyDeliveryOption, ShopifyPaymentMethod } from '../shared/providers/shopify-operations.ts';\n" +
    'interface Attributed { readonly attribute?: { readonly value?: string | null } | null }\n' +
    'interface PaymentInput { readonly cart: Attributed; readonly paymentMethods: readonly ShopifyPaymentMethod[] }\n' +
    'interface DeliveryInput { readonly cart: Attributed & { readonly deliveryGroups: readonly { readonly deliveryOptions: readonly ShopifyDeliveryOption[] }[] } }',
};
const OURS =
  "import type { DecidedOptions } from '../shared/providers/arrange-known.ts';\n" +
  'interface Slot { readonly options: DecidedOptions }\n' +
  'type Slots = { readonly payment?: Slot; readonly shipping?: Slot };\nexport type Used = Slot | Slots;\n';

/** What the compiler says of files that stand in a folder of the repository, with the DOM. */
function typeErrors(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(ROOT, '.snippets-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../tsconfig.json',
        compilerOptions: { lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: [] },
        include: [],
        files: Object.keys(files),
      }),
    );
    return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: ROOT, encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the snippets for each provider compile against its published types', () => {
  const page = readFileSync(join(ROOT, 'docs/providers.md'), 'utf8');
  const sections = page.split(/^## /m).slice(1);
  const files = sections.map((section) => {
    const [name = ''] = section.split('\n');
    const snippets = [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    expect([name, snippets.length]).toEqual([name, 1]);
    return [`${name.toLowerCase()}.ts`, `${GIVEN[name]}\n${OURS}\n${snippets.join('\n')}`] as const;
  });

  expect(files.map(([name]) => name)).toEqual(['stripe.ts', 'adyen.ts', 'shopify.ts']);
  expect(typeErrors(Object.fromEntries(files))).toBe('');
});

test('what a provider does not take is noticed', () => {
  const wrong =
    "import type { DropinConfiguration } from '@adyen/adyen-web';\n" +
    "import type { StripePaymentElementOptions } from '@stripe/stripe-js';\n" +
    "export const dropin: DropinConfiguration = { openFirstPaymentMethod: 'pix' };\n" +
    "export const element: StripePaymentElementOptions = { layout: { type: 'accordion', defaultCollapsed: 'no' } };\n";

  expect(typeErrors({ 'wrong.ts': wrong })).toMatch(
    /openFirstPaymentMethod[\s\S]*defaultCollapsed|TS2322[\s\S]*TS2322/,
  );
});
