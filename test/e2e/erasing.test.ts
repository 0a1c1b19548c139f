import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventually, ROOT, startLocalStack, type LocalStack, type Reply } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const EXCERPT = join(ROOT, 'test/data/uci-online-retail-excerpt.events.ndjson.gz');
const BUSIEST = '14911';
const profileOf = (subject: string): Promise<Reply> =>
  stack.get(`/v1/profiles/${encodeURIComponent(subject)}`);

/** What a command that went well printed. */
async function cli(...args: readonly string[]): Promise<string> {
  const { code, output } = await stack.cli(...args);
  if (code !== 0) throw new Error(`exit code ${code}: ${output}`);
  return output;
}

test('the busiest customer of a real year is erased, and stays erased when the year is sent once more', async () => {
  const events = gunzipSync(readFileSync(EXCERPT))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => Buffer.byteLength(line) <= 32 * 1024)
    .map((line) => JSON.parse(line) as { readonly userId?: string });
  const own = events.filter(({ userId }) => userId === BUSIEST).length;
  expect(own).toBeGreaterThan(30);
  expect((await stack.replay(EXCERPT)).output).toMatch(/ suppressed 0; gap 0$/);
  expect((await profileOf(`u:${BUSIEST}`)).body.exists).toBe(true);
  const unknown = (await profileOf('u:nobody')).body;

  const erased = await stack.erase(`/v1/profiles/${encodeURIComponent(`u:${BUSIEST}`)}`);
  expect(erased).toMatchObject({ status: 200, body: { subject: `u:${BUSIEST}`, devices: 0 } });
  expect(erased.body.items).toBeGreaterThan(1);
  expect((await profileOf(`u:${BUSIEST}`)).body).toEqual({ ...unknown, subject: `u:${BUSIEST}` });

  const { output } = await stack.replay(EXCERPT);
  expect(output).toMatch(new RegExp(` suppressed ${own}; gap 0$`));
  expect((await profileOf(`u:${BUSIEST}`)).body).toEqual({ ...unknown, subject: `u:${BUSIEST}` });

  const audit = await cli('audit', '--distance', '0s');
  // A request that was sent twice is in the stream twice.
  expect(Number(/^suppressed +(\d+)$/m.exec(audit)?.[1])).toBeGreaterThanOrEqual(2 * own);
  expect(audit).toMatch(/^gap +0$/m);
  expect(audit).toMatch(/^mismatches +0$/m);
}, 240_000);

test('somebody who comes back begins anew, and the command line exports, erases and erases again', async () => {
  const buy = (order: string) => ({
    type: 'track',
    event: 'Order Completed',
    userId: 'ann',
    anonymousId: 'phone',
    properties: { order_id: order, total: 10, currency: 'EUR', payment_method: 'pix' },
  });
  await stack.post('/v1/batch', { batch: [buy('o1'), buy('o2')] });
  await eventually(
    () => profileOf('u:ann'),
    ({ body }) => body.orders.count === 2,
  );

  const exported = JSON.parse(await cli('privacy', 'export', 'u:ann')) as {
    readonly records: readonly object[];
  };
  expect(exported.records.length).toBeGreaterThan(0);
  expect(JSON.parse(await cli('privacy', 'erase', 'u:ann'))).toMatchObject({ subject: 'u:ann', devices: 1 });
  expect((await profileOf('u:ann')).body).toMatchObject({ exists: false, orders: { count: 0 }, links: [] });

  await stack.post('/v1/batch', { batch: [buy('o3')] });
  const back = await eventually(
    () => profileOf('u:ann'),
    ({ body }) => body.exists,
  );
  expect(back.body.orders).toMatchObject({ count: 1, totals: { EUR: 1_000 } });
  expect(await cli('privacy', 'reapply')).toMatch(/^\d+ subjects were erased; 0 items /);
  expect((await profileOf('u:ann')).body.orders.count).toBe(1);
}, 120_000);
