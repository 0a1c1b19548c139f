import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { SDK_BUNDLES, sdkBundle } from './sdk-bundle.ts';

/** `npm run build:web`: the SDK as it is shipped, in `web/dist`: bundles, their types, the style sheet. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const dist = here('dist/');

const tsc = here('../node_modules/typescript/bin/tsc');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const name of SDK_BUNDLES) {
  const text = await sdkBundle(name);
  writeFileSync(dist + name, text);
  process.stdout.write(
    `web/dist/${name} ${(gzipSync(text, { level: 9 }).length / 1_000).toFixed(2)} KB gzipped\n`,
  );
}
cpSync(here('sdk/cartwright.css'), `${dist}cartwright.css`);
execFileSync(
  process.execPath,
  `${tsc} -p ${here('sdk')} --noEmit false --declaration --emitDeclarationOnly --outDir ${dist}`.split(' '),
  { stdio: 'inherit' },
);
// A global's types are found beside its script.
renameSync(`${dist}tag.d.ts`, `${dist}cartwright.d.ts`);
// Beside a bundle there are no sources to resolve `./x.ts` to.
for (const file of readdirSync(dist).filter((name) => name.endsWith('.d.ts'))) {
  const types = readFileSync(dist + file, 'utf8');
  writeFileSync(dist + file, types.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
