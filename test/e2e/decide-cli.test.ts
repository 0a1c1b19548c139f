import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackNames } from '../../local/stack-names.ts';
import { eventually, SERVER, startLocalStack, type LocalStack } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const ASKED = ['--payment=invoice:invoice,pix:transfer', '--slots=payment'];

test('a shop’s own people ask why a checkout is ordered as it is', async () => {
  await stack.post(
    '/v1/track',
    {
      userId: 'ann',
      event: 'Order Completed',
      properties: { order_id: '1', total: 9, currency: 'EUR', payment_method: 'pix' },
    },
    SERVER,
  );
  const { code, output, errors } = await eventually(
    () => stack.cli('decide', 'u:ann', ...ASKED),
    (said) => said.output.includes('by what this person did'),
  );

  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(
    /1\. pix {6}used most \(once\), used last .* preselected\n {2}2\. invoice {2}the shop's own order/,
  );
});

test('by its URL the API asks for its key, which is not taken from the command line', async () => {
  const { code, errors } = await stack.cli('decide', 'u:ann', ...ASKED, `--url=${stack.url}`);

  expect({ code, errors }).toEqual({
    code: 1,
    errors: '--url needs the secret key in CARTWRIGHT_SECRET_KEY\n',
  });
});

test('a stage is found by its outputs, and what nobody answers at is said', async () => {
  const names = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
  expect(names.api).toBe(stack.url);
  const { code, errors } = await stack.cli('decide', 'u:ann', ...ASKED, '--outputs=no-such-file.json');

  expect({ code, errors }).toEqual({ code: 1, errors: 'there is no file no-such-file.json\n' });
});
