import { createCartwright } from './index.ts';
import { mount } from './mount.ts';

declare global {
  /** For pages without a bundler: one script tag, then `cartwright.createCartwright(…)`. */
  var cartwright: { readonly createCartwright: typeof createCartwright; readonly mount: typeof mount };
}

globalThis.cartwright = { createCartwright, mount };
