import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly type: string;
  readonly body: string;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  svg: 'image/svg+xml',
};

/** All that the page is made of, by path: its own code and its chart library in one file each, nothing from elsewhere. */
export async function pageAssets(): Promise<ReadonlyMap<string, Asset>> {
  const { outputFiles } = await build({
    entryPoints: ['ops.ts', 'runbook.ts', 'ops.css'].map(inPage),
    outdir: '/ops',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  const page = (name: string): Asset => ({
    type: contentTypeOf(name),
    body: readFileSync(inPage(name), 'utf8'),
  });
  return new Map<string, Asset>([
    ['/ops', page('ops.html')],
    ['/ops/runbook', page('runbook.html')],
    ['/ops/icon.svg', page('icon.svg')],
    ...outputFiles.map(
      ({ path, text }) => [`/ops/${basename(path)}`, { type: contentTypeOf(path), body: text }] as const,
    ),
  ]);
}

function inPage(name: string): string {
  return fileURLToPath(new URL(`page/${name}`, import.meta.url));
}

/** @example contentTypeOf('ops.css') // 'text/css; charset=utf-8' */
export function contentTypeOf(name: string): string {
  return `${TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain'}; charset=utf-8`;
}
