import { createCartwright } from './index.ts';
import { mount } from './mount.ts';

/** For pages without a bundler: one script tag, then `cartwright.createCartwright(…)`. */
(globalThis as unknown as { cartwright: object }).cartwright = { createCartwright, mount };
