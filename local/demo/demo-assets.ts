import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sdkBundle } from '../../web/sdk-bundle.ts';
import { contentTypeOf, type Asset } from '../ops/page-assets.ts';

/** What the demo shop's pages are made of, by path; `page` is the document of all of them. */
export interface DemoAssets {
  readonly page: Asset;
  readonly files: ReadonlyMap<string, Asset>;
}

/** Where the SDK's one tag points to. */
export const SDK_PATH = '/shop/cartwright.js';

/** Bundles the shop as a shop would: its own code in one file, the SDK in another, as it is shipped. */
export async function demoAssets(writeKey: string): Promise<DemoAssets> {
  const [{ outputFiles }, sdk] = await Promise.all([
    build({
      entryPoints: [inWeb('demo/page/shop.ts'), inWeb('demo/page/shop.css')],
      outdir: '/shop',
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
      // Pictures are files of their own.
      external: ['/shop/art/*'],
    }),
    sdkBundle('cartwright.js'),
  ]);
  const own = outputFiles.map(
    ({ path, text }) => [`/shop/${basename(path)}`, { type: contentTypeOf(path), body: text }] as const,
  );
  const art = readdirSync(inWeb('demo/art')).map(
    (name) =>
      [
        `/shop/art/${name}`,
        { type: contentTypeOf(name), body: readFileSync(inWeb(`demo/art/${name}`), 'utf8') },
      ] as const,
  );
  const html = readFileSync(inWeb('demo/page/shop.html'), 'utf8');
  return {
    page: { type: contentTypeOf('shop.html'), body: html.replaceAll('{{write-key}}', escaped(writeKey)) },
    files: new Map([...own, [SDK_PATH, { type: contentTypeOf(SDK_PATH), body: sdk }], ...art]),
  };
}

function inWeb(path: string): string {
  return fileURLToPath(new URL(`../../web/${path}`, import.meta.url));
}

function escaped(text: string): string {
  return text.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
