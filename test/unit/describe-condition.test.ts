import type { Json } from '../../shared/domain/json.ts';
import { describeCondition } from '../../shared/domain/segments/describe-condition.ts';
import { FaultList } from '../../shared/domain/segments/fault-list.ts';
import { parseCondition } from '../../shared/domain/segments/parse-condition.ts';

const scope = { over: 'profile', lists: {}, segments: ['vip'], events: [] } as const;

function described(source: Json): string {
  const faults = new FaultList();
  const condition = parseCondition(source, 'when', scope, faults);
  expect(faults.all).toEqual([]);
  return describeCondition(condition);
}

test.each<[Json, string]>([
  [{}, 'anything is known'],
  [{ 'orders.count': { $gte: 3 } }, 'the number of orders is at least 3'],
  [
    { 'orders.lastAt': { $before: '90d', $within: '365d' } },
    'the last order lies 90 days or more back and lies less than 365 days back',
  ],
  [{ 'orders.spent.EUR': { $gt: 20_050 } }, 'the sum of all orders is more than 200.50 EUR'],
  [{ 'orders.refunded.JPY': { $lt: 5_000 } }, 'the sum of all refunds is less than 5,000 JPY'],
  [{ 'payment.preferred': { $in: ['pix'] } }, 'the payment method used most is "pix"'],
  [
    { 'payment.preferred': { $nin: ['pix', 'card'] } },
    'the payment method used most is not one of "pix", "card"',
  ],
  [{ locale: null }, 'the language is not known'],
  [{ locale: { $not: { $exists: true } } }, 'the language is not known'],
  [
    { 'cart.updatedAt': { $not: { $within: '2h' } } },
    'the last change of the cart does not lie less than 2 hours back',
  ],

  [
    { 'orders.count': { $not: { $gte: 1, $lt: 3 } } },
    'the number of orders does not do this: is at least 1 and is less than 3',
  ],
  [
    { $segment: 'vip', $not: { 'orders.count': 0 } },
    'the person is in “vip”, and not (the number of orders is 0)',
  ],
  [
    { $sum: { event: 'Order Completed', currency: 'EUR', within: '90d', is: { $gte: 20_000 } } },
    'the sum of “Order Completed” within 90 days is at least 200.00 EUR',
  ],
  [
    {
      $count: {
        event: 'Product Viewed',
        where: { 'properties.category': 'shoes' },
        within: '1d',
        is: { $gte: 2 },
      },
    },
    'the number of “Product Viewed” (properties.category is "shoes") within 1 day is at least 2',
  ],
  [{ $first: { event: 'page', is: { $within: '30m' } } }, 'the first “page” lies less than 30 minutes back'],
])('%j in words', (source, words) => {
  expect(described(source)).toBe(words);
});
