import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/**
 * The most bytes of each function's bundle as it is deployed: what a cold start loads. Raising one needs a reason.
 * collect-events, fold-profiles and audit-profiles carry the S3 client; the first two run it only when something is quarantined.
 * fold-profiles joins outcomes for the dashboard, announces memberships (the Kinesis client: 49 KB, no CPU that could be measured) and
 * erases devices of whom it hears late.
 * decide-checkout reads offers and messages where it starts, and says which of their conditions hold. It and collect-events import an issuer's
 * published keys where a stage names one. None carries the SDK's search for credentials (lambda-credentials.ts).
 */
const LIMITS: Readonly<Record<string, number>> = {
  'collect-events': 540_000,
  'fold-profiles': 625_000,
  'count-regions': 265_000,
  'audit-profiles': 615_000,
  'decide-checkout': 415_000,
  'read-profile': 330_000,
  'erase-profile': 280_000,
};

/** A string of each function's own code that survives minifying. */
const SIGNS: Readonly<Record<string, string>> = {
  'collect-events': 'nothing acknowledged',
  'fold-profiles': 'fold-profiles-',
  'count-regions': 'a region cell stays contended',
  'audit-profiles': 'CRITICAL_MAPPING',
  'decide-checkout': 'DECISION_DEADLINE_MS',
  'read-profile': 'the profile cannot be read now',
  'erase-profile': 'an erasing is not complete',
};

const outdir = mkdtempSync(join(tmpdir(), 'cartwright-bundles-'));
let bundles: readonly { readonly bytes: number; readonly code: string }[];
beforeAll(() => {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'dev' }),
  };
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'infra/app.ts'], {
    cwd: ROOT,
    env,
    stdio: 'pipe',
  });
  bundles = readdirSync(outdir)
    .filter((name) => name.startsWith('asset.') && statSync(join(outdir, name)).isDirectory())
    .map((name) => readFileSync(join(outdir, name, 'index.mjs'), 'utf8'))
    .map((code) => ({ bytes: Buffer.byteLength(code), code }));
}, 120_000);
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test('nothing of the demo shop and of its switches is deployed', () => {
  expect(bundles.length).toBeGreaterThanOrEqual(Object.keys(LIMITS).length);
  // `_local` is the local run's, `larch` the shop's name in all that it keeps, `/shop/` where it lives.
  for (const { code } of bundles)
    expect(/.{0,40}(?:_local\/|larch\.|["'`]\/shop\/).{0,40}/.exec(code)?.[0]).toBeUndefined();
});

test.each(Object.entries(LIMITS))('%s stays below %i bytes', (name, limit) => {
  const bundle = bundles.find(({ code }) => code.includes(SIGNS[name] ?? ''));

  expect(bundle?.bytes).toBeLessThan(limit);
  // A limit far above what there is would notice nothing.
  expect(bundle?.bytes).toBeGreaterThan(limit * 0.9);
});
