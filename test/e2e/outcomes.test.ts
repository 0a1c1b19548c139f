import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BROWSER, eventually, SERVER, startLocalStack, type LocalStack } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const PAYMENT = [
  { id: 'credit_card', kind: 'card' },
  { id: 'pix', kind: 'transfer' },
];
const order = (ids: object, more: object = {}): object => ({
  type: 'track',
  event: 'Order Completed',
  ...ids,
  properties: { order_id: 'o1', total: 9.9, currency: 'BRL', payment_method: 'pix', ...more },
});

const cli = async (...args: readonly string[]): Promise<readonly string[]> =>
  (await stack.cli('outcomes', ...args)).output.split('\n');
const cellsOf = (lines: readonly string[], label: string): readonly string[] =>
  lines
    .find((line) => line.startsWith(`${label} `))
    ?.split(/ {2,}/)
    .slice(1) ?? [];

test('a page shows a decision to a guest, the shop’s server tells of the order of a user: the command counts it', async () => {
  expect((await cli())[0]).toMatch(/^no payment order was shown since /);
  await stack.post('/v1/batch', { batch: [order({ anonymousId: 'phone' }, { order_id: 'o0' })] }, SERVER);
  const { body } = await eventually(
    () => stack.post('/v1/decisions', { anonymousId: 'phone', checkout: { payment: PAYMENT } }, BROWSER),
    (reply) => reply.body.source === 'personalized',
  );
  const { source, options } = body.slots.payment as {
    readonly source: string;
    readonly options: readonly { readonly id: string; readonly preselected: boolean }[];
  };
  const shown = (decision_id: string, checkout_id: string): object => ({
    type: 'track',
    event: 'Checkout Decision Shown',
    anonymousId: 'phone',
    properties: {
      decision_id,
      checkout_id,
      slots: {
        payment: {
          source,
          order: options.map(({ id }) => id),
          preselected: options.find(({ preselected }) => preselected)?.id,
        },
      },
    },
  });
  const madeUp = 'dec_4af4b682-e7e9-477a-baab-75a985839bcc.AAAAAAAAAAA';
  const batch = [shown(body.decisionId as string, 'c1'), shown(madeUp, 'c2')];
  expect((await stack.post('/v1/batch', { batch }, BROWSER)).status).toBe(200);

  const open = await eventually(
    () => cli(),
    (lines) => cellsOf(lines, 'personalized')[0] === '1',
  );
  expect(cellsOf(open, 'personalized').slice(0, 4)).toEqual(['1', '1', '0', '–']);
  await stack.post('/v1/batch', { batch: [order({ userId: 'ann' }, { checkout_id: 'c1' })] }, SERVER);

  const closed = await eventually(
    () => cli(),
    (lines) => cellsOf(lines, 'personalized')[2] === '1',
  );
  expect(cellsOf(closed, 'personalized').slice(0, 5)).toEqual(['1', '0', '1', '–', '1']);
  expect(cellsOf(closed, 'all')).toEqual(cellsOf(closed, 'personalized'));
  expect(cellsOf(await cli('--by', 'order'), 'pix > credit_card').slice(0, 3)).toEqual(['1', '0', '1']);
}, 240_000);

test('of a deployed stage the outputs name the table; a file without it is refused', async () => {
  const outputs = join(stack.dir, 'outputs.json');
  writeFileSync(outputs, '{"Stack":{}}');
  const { code, errors } = await stack.cli('outcomes', '--outputs', outputs);
  expect([code, errors]).toEqual([1, expect.stringContaining('outputs.json')]);
});
