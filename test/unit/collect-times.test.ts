import { AS_BROWSER, memoryStage, NOW } from '../memory-stage.ts';

const YEAR = 365 * 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const order = (orderId: string, fields: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'ann',
  ...fields,
  properties: { order_id: orderId, total: 10, currency: 'EUR', payment_method: 'pix' },
});
const viewed = {
  type: 'track',
  event: 'Product Viewed',
  anonymousId: 'a1',
  properties: { product_id: 'p1' },
};
const thisMonth = iso(NOW).slice(0, 7);

async function lastOrderAt(body: object): Promise<string> {
  const stage = memoryStage();
  await stage.collect('batch', body);
  await stage.deliver('critical');
  const profile = await stage.profile('u:ann');
  return (profile.body as { orders: { lastAt: string } }).orders.lastAt;
}

describe('when something happened, as the profile shows it', () => {
  const said = (clock: number) => ({ timestamp: iso(clock - 60_000) });

  test.each<[string, object]>([
    ['a right clock', { batch: [order('o', said(NOW))], sentAt: iso(NOW) }],
    [
      'a clock a year ahead, sent beside the batch as Segment’s clients do',
      { batch: [order('o', said(NOW + YEAR))], sentAt: iso(NOW + YEAR) },
    ],
    [
      'a clock a year behind, sent in the event',
      { batch: [order('o', { ...said(NOW - YEAR), sentAt: iso(NOW - YEAR) })] },
    ],
    [
      'a clock a year behind, in RudderStack’s words',
      { batch: [order('o', { originalTimestamp: iso(NOW - YEAR - 60_000), sentAt: iso(NOW - YEAR) })] },
    ],
    [
      'the event’s own sentAt outweighs the batch’s',
      { batch: [order('o', { ...said(NOW), sentAt: iso(NOW) })], sentAt: iso(NOW + YEAR) },
    ],
    ['no sentAt: the clock is believed', { batch: [order('o', said(NOW))] }],
    [
      'an offset of the shop’s own zone',
      { batch: [order('o', { timestamp: iso(NOW - 60_000 + 3 * 3_600_000).replace('Z', '+03:00') })] },
    ],
  ])('is a minute ago: %s', async (_name, body) => {
    expect(await lastOrderAt(body)).toBe(iso(NOW - 60_000));
  });

  test.each<[string, object]>([
    ['it says nothing', {}],
    ['it says null', { timestamp: null, originalTimestamp: null }],
    ['it says nothing but when it was sent', { sentAt: iso(NOW - YEAR) }],
    ['it comes from the future', { timestamp: iso(NOW + YEAR) }],
    ['it was sent before it happened', { timestamp: iso(NOW), sentAt: iso(NOW - YEAR) }],
  ])('is when it was received: %s', async (_name, times) => {
    expect(await lastOrderAt({ batch: [order('o', times)] })).toBe(iso(NOW));
  });

  test('is what a shop says of its past', async () => {
    const imported = { timestamp: '2019-05-06T07:08:09.000Z', originalTimestamp: iso(NOW), sentAt: iso(NOW) };
    expect(await lastOrderAt({ batch: [order('o', imported)] })).toBe('2019-05-06T07:08:09.000Z');
  });
});

describe('an event without a messageId', () => {
  const viewsOf = async (...bodies: readonly object[]) => {
    const stage = memoryStage();
    for (const body of bodies) {
      expect((await stage.collect('batch', body, AS_BROWSER)).status).toBe(200);
      stage.clock.advance(1_000);
    }
    expect(await stage.deliver('bulk')).toBeNull();
    const { body } = await stage.profile('a:a1');
    return (body as { browse: { views: Record<string, number> } }).browse.views[thisMonth];
  };

  test('is the same when the same bytes are sent again, also in another batch', async () => {
    expect(await viewsOf({ batch: [viewed] }, { batch: [viewed], sentAt: iso(NOW + 500) })).toBe(1);
  });

  test('is another when anything in it is', async () => {
    expect(
      await viewsOf(
        { batch: [viewed, { ...viewed, timestamp: iso(NOW - 5_000) }] },
        { batch: [{ ...viewed, properties: { product_id: 'p2' } }] },
      ),
    ).toBe(3);
  });
});
