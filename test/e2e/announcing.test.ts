import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackParts } from '../../local/stack-parts.ts';
import type { StackNames } from '../../local/stack-names.ts';
import type { Announcement } from '../../shared/protocol/announcement.ts';
import { startLocalStack, ROOT, SERVER, type LocalStack } from './local-stack.ts';

const SOURCES = [
  'infra',
  'functions',
  'shared',
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** The stack of a shop that announces a segment: this one, but for two lines of its store.config.ts. */
function announcingAssembly(): string {
  const shop = mkdtempSync(join(tmpdir(), 'cartwright-shop-'));
  for (const source of SOURCES) cpSync(join(ROOT, source), join(shop, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(shop, 'node_modules'));
  const config = readFileSync(join(ROOT, 'store.config.ts'), 'utf8')
    .replace("'high-value': {", "'high-value': { announce: true,")
    .replace(/\n(\s+)dev: \{/, '\n$1dev: { changes: { shards: 1 },');
  writeFileSync(join(shop, 'store.config.ts'), config);
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'infra/app.ts'], {
    cwd: shop,
    env: {
      ...process.env,
      CDK_OUTDIR: join(shop, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'dev' }),
    },
    stdio: 'pipe',
  });
  return shop;
}

let shop: string;
let stack: LocalStack;
beforeAll(async () => {
  shop = announcingAssembly();
  stack = await startLocalStack({}, ['--assembly', join(shop, 'cdk.out')]);
}, 240_000);
afterAll(async () => {
  await stack.stop();
  rmSync(shop, { recursive: true, force: true });
});

test('a shop that announces a segment is told who enters it, and the profile says since when', async () => {
  const order = (id: string) => ({
    type: 'track',
    event: 'Order Completed',
    userId: 'ann',
    messageId: id,
    properties: { order_id: id, total: 20, currency: 'EUR', payment_method: 'pix' },
  });
  const { status } = await stack.post('/v1/batch', { batch: ['o1', 'o2', 'o3'].map(order) }, SERVER);
  const names = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
  const { changes, subjectKeys } = stackParts(names);
  const entered = await firstOf(changes!(0));
  const { body } = await stack.get('/v1/profiles/u%3Aann');

  expect(status).toBe(200);
  expect(entered).toMatchObject({
    subject: (await subjectKeys()).keyOf('u:ann'),
    segment: 'high-value',
    state: 'in',
    because: 'events',
  });
  expect(body.enteredAt).toEqual({ 'high-value': entered?.at });
}, 60_000);

async function firstOf(told: AsyncIterable<Announcement>): Promise<Announcement | undefined> {
  for await (const one of told) return one;
  return undefined;
}
