import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** What the linter says of one file that stands at `path` in a project with our rules. */
function lint(path: string, code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cartwright-lint-'));
  try {
    cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/oxlint'),
      ['--type-aware', '-f', 'unix', path],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wrong: readonly (readonly [promise: string, path: string, code: string, rule: string])[] = [
  [
    'the domain imports only itself',
    'shared/domain/x.ts',
    "import { a } from '../ports/clock.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'the domain’s folders import only the domain',
    'shared/domain/segments/x.ts',
    "import { a } from '../../ports/clock.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'the domain imports nothing of Node',
    'shared/domain/x.ts',
    "import { join } from 'node:path';\nexport const b = join;",
    'no-restricted-imports',
  ],
  [
    'the domain asks no clock',
    'shared/domain/x.ts',
    'export const b = Date.now();',
    'no-restricted-properties',
  ],
  [
    'the domain throws no dice',
    'shared/domain/x.ts',
    'export const b = Math.random();',
    'no-restricted-properties',
  ],
  [
    'the domain reads no environment',
    'shared/domain/x.ts',
    'export const b = process.env;',
    'no-restricted-globals',
  ],
  [
    'a port knows no adapter',
    'shared/ports/x.ts',
    "import { a } from '../adapters/system-clock.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'a provider’s adapter carries no client of the provider along',
    'shared/providers/x.ts',
    "import Stripe from 'stripe';\nexport const b = Stripe;",
    'no-restricted-imports',
  ],
  [
    'a provider’s adapter knows nothing of our adapters',
    'shared/providers/x.ts',
    "import type { a } from '../adapters/system-clock.ts';\nexport type B = a;",
    'no-restricted-imports',
  ],
  [
    'a handler knows no SDK',
    'functions/a/handler.ts',
    "import { KinesisClient } from '@aws-sdk/client-kinesis';\nexport const b = KinesisClient;",
    'no-restricted-imports',
  ],
  [
    'a handler reads no environment',
    'functions/a/handler.ts',
    'export const b = process.env.X;',
    'no-restricted-globals',
  ],
  [
    'nothing imports tests',
    'functions/a/index.ts',
    "import { a } from '../../test/events.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'infra imports no function',
    'infra/x.ts',
    "import { a } from '../functions/a/handler.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'no promise floats',
    'local/x.ts',
    'export function f() {\n  Promise.resolve(1);\n}',
    'no-floating-promises',
  ],
  [
    'a switch over a union names every case',
    'local/x.ts',
    "export function f(a: 'x' | 'y'): number {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n  return 0;\n}",
    'switch-exhaustiveness-check',
  ],
  [
    'the demo shop knows nothing of the stack that it talks to',
    'web/demo/server/x.ts',
    "import { a } from '../../../shared/protocol/body.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'a page of the demo shop knows the public SDK, not what it is made of',
    'web/demo/page/x.ts',
    "import { a } from '../../sdk/delivery.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  [
    'a page of the demo shop knows nothing of its server',
    'web/demo/page/x.ts',
    "import { a } from '../server/order.ts';\nexport const b = a;",
    'no-restricted-imports',
  ],
  ['nothing is exported by default', 'local/x.ts', 'export default 1;', 'no-default-export'],
];

test.each(wrong)('%s', (_promise, path, code, rule) => {
  expect(lint(path, code)).toContain(rule);
});

test('what keeps to the rules passes', () => {
  expect(lint('shared/domain/x.ts', 'export const b = 1;\n')).toBe('');
  const code = "import { a } from '../../sdk/index.ts';\nexport const b = a;\n";
  expect(lint('web/demo/page/x.ts', code)).not.toContain('no-restricted-imports');
  expect(lint('shared/providers/x.ts', "import type Stripe from 'stripe';\nexport type B = Stripe;\n")).toBe(
    '',
  );
});
