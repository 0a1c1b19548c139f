import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../e2e/local-stack.ts';

const PAGE = 'docs/benchmarks.md';
const HEAD =
  '# Benchmarks\n\nEvery section is written by the script that it names; none of the numbers by hand.\n';

/** Puts a section into a page, in place of the one that was there under the same name. */
export async function writeSection(name: string, markdown: string, file = PAGE): Promise<void> {
  const path = join(ROOT, file);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : HEAD;
  const { start, end } = marksOf(name);
  const section = `${start}\n\n${markdown}\n\n${end}\n`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  const next =
    from === -1 || to === -1
      ? `${page}\n${section}`
      : page.slice(0, from) + section.trimEnd() + page.slice(to + end.length);
  writeFileSync(path, await format(next, { ...(await resolveConfig(path)), parser: 'markdown' }));
}

/** What stands in a page's section; nothing: there is none yet. */
export function readSection(name: string, file = PAGE): string {
  const page = readFileSync(join(ROOT, file), 'utf8');
  const { start, end } = marksOf(name);
  return page.split(start)[1]?.split(end)[0] ?? '';
}

function marksOf(name: string): { readonly start: string; readonly end: string } {
  return { start: `<!-- ${name} -->`, end: `<!-- end of ${name} -->` };
}

/** What was measured, e.g. `e0c05b0`, or `e0c05b0-dirty` where the tree has changes of its own. */
export function commitNow(): string {
  return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT }).toString().trim();
}

/** Where and of what a table was made, as one line. */
export function provenance(now: Date): string {
  const version = (name: string): string =>
    (
      JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as {
        version: string;
      }
    ).version;
  const packages = ['dynalite', 'kinesalite', '@aws-sdk/client-dynamodb', 'esbuild'];
  return (
    `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}; ` +
    `Node ${process.version}, ${packages.map((name) => `${name} ${version(name)}`).join(', ')}; ` +
    `commit ${commitNow()}, ${now.toISOString().slice(0, 10)}.`
  );
}
