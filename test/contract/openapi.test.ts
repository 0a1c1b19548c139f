import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

test('docs/openapi.json is what the wire schemas say (npm run openapi writes it)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cartwright-openapi-'));
  const file = join(folder, 'openapi.json');
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/openapi.ts', file], { cwd: ROOT });

  expect(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')).toBe(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
});
