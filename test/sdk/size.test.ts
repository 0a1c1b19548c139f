import { gzipSync } from 'node:zlib';
import { sdkBundle, type SdkBundle } from '../../web/sdk-bundle.ts';

/** Minified and gzipped, bytes. A page pays for each of them: raising one needs a reason. */
const LIMITS: Readonly<Record<SdkBundle, number>> = {
  'index.js': 5_000,
  'mount.js': 4_000,
  'cartwright.js': 9_000,
};

test.each(Object.entries(LIMITS))('%s has at most %i bytes, minified and gzipped', async (name, limit) => {
  const text = await sdkBundle(name as SdkBundle);
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(limit);
});

test('a page’s content security policy need allow nothing for it: no eval, no markup, no style or script of its own', async () => {
  const text = await sdkBundle('cartwright.js');
  expect(text).not.toMatch(
    /\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|<style|<script/,
  );
  expect(text).not.toMatch(/setAttribute\("(style|on\w+)"/);
});
