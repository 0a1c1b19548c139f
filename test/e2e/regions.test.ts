import { BROWSER, eventually, SERVER, startLocalStack, type LocalStack, type Reply } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const SP = { country: 'BR', region: 'SP' };
const purchase = (index: number) => ({
  type: 'track',
  event: 'Order Completed',
  userId: `shopper-${index}`,
  context: { location: SP },
  properties: {
    order_id: `order-${index}`,
    total: 49.9,
    currency: 'BRL',
    payment_method: index < 20 ? 'boleto' : 'pix',
    shipping_method: 'post',
  },
});
/** Somebody of whom nothing is known but where. */
const visit = (context: object): Promise<Reply> =>
  stack.post(
    '/v1/decisions',
    {
      context,
      checkout: {
        payment: [{ id: 'credit_card', kind: 'card' }, { id: 'pix' }, { id: 'boleto', kind: 'voucher' }],
        shipping: [
          { id: 'express', price: 990, etaDays: 1 },
          { id: 'post', price: 0, etaDays: 5 },
        ],
      },
    },
    BROWSER,
  );
const shown = ({ body }: Reply, slot: string) =>
  body.slots[slot].options.map(({ id, reasons }: { id: string; reasons: string[] }) => [id, ...reasons]);

test('thirty shoppers of a region order the checkout of its next visitor, whom nobody knows', async () => {
  const before = await visit(SP);
  expect([before.body.source, shown(before, 'payment')[0]]).toEqual([
    'default',
    ['credit_card', 'store-default'],
  ]);

  const sent = await stack.post(
    '/v1/batch',
    { batch: Array.from({ length: 30 }, (_, index) => purchase(index)) },
    SERVER,
  );
  expect(sent).toEqual({ status: 200, body: { success: true } });
  // Events gather for some seconds; that there was nothing is asked again as soon.
  const after = await eventually(
    () => visit(SP),
    (reply) => reply.body.source === 'regional',
    120_000,
  );

  expect(after.body).toMatchObject({ source: 'regional', degraded: false, profile: { level: 'none' } });
  expect(shown(after, 'payment')).toEqual([
    ['boleto', 'popular-in-region'],
    ['pix', 'popular-in-region'],
    ['credit_card', 'store-default'],
  ]);
  expect(shown(after, 'shipping')).toEqual([
    ['post', 'popular-in-region', 'cheapest'],
    ['express', 'fastest'],
  ]);
  expect(after.body.slots.shipping.options[0].preselected).toBe(true);

  const elsewhere = await eventually(
    () => visit({ country: 'BR', region: 'RJ' }),
    (reply) => reply.body.source === 'regional',
    120_000,
  );
  expect(shown(elsewhere, 'payment')[0]).toEqual(['boleto', 'popular-in-country']);
  const abroad = await visit({ country: 'AR', region: 'SP' });
  expect(abroad.body.source).toBe('default');
}, 300_000);
