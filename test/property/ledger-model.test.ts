import fc from 'fast-check';
import { totalsOf } from '../../shared/domain/ledger.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import { purchase, shelf } from '../events.ts';
import { criticalEvents } from './arbitrary-events.ts';

const MONEY = ['Order Completed', 'Order Updated', 'Order Cancelled', 'Order Delivered', 'Order Refunded'];

/** The plain ledger: the last word on each id, looked up in the whole list. */
function plainTotals(events: readonly StreamEvent[]) {
  const named = (...names: string[]) => events.filter(({ message }) => names.includes(message.event ?? ''));
  const text = (event: StreamEvent, name: string) => String(event.message.properties?.[name]);
  const number = (event: StreamEvent, name: string) => Number(event.message.properties?.[name]);
  const minor = (event: StreamEvent) =>
    number(event, 'total') * (text(event, 'currency') === 'JPY' ? 1 : 100);
  const cancelled = new Set(named('Order Cancelled').map((event) => text(event, 'order_id')));
  const worth = new Map<string, StreamEvent>();
  for (const event of named('Order Completed', 'Order Updated')) {
    const known = worth.get(text(event, 'order_id'));
    // Two events of one millisecond: the larger amount stands, then the later currency in the alphabet.
    const isNewer =
      !known ||
      event.at > known.at ||
      (event.at === known.at &&
        (minor(event) > minor(known) ||
          (minor(event) === minor(known) && text(event, 'currency') > text(known, 'currency'))));
    if (isNewer) worth.set(text(event, 'order_id'), event);
  }
  const orders = [...worth].filter(([id]) => !cancelled.has(id));
  const spent: Record<string, number> = {};
  for (const [, event] of orders)
    spent[text(event, 'currency')] = (spent[text(event, 'currency')] ?? 0) + minor(event);
  return { orders: orders.length, cancelled: worth.size - orders.length, spent };
}

test('totals equal those of a plain recount, with most orders in pages', () => {
  fc.assert(
    fc.property(criticalEvents(400), fc.integer({ min: 1, max: 50 }), (all, size) => {
      const money = all.filter(({ message }) => MONEY.includes(message.event ?? ''));
      const subject = shelf();
      for (let from = 0; from < money.length; from += size) subject.fold(money.slice(from, from + size));
      const { orders, cancelled, spent } = totalsOf(subject.profile().orders);

      expect({ orders, cancelled, spent: Object.fromEntries(spent) }).toEqual(plainTotals(money));
    }),
  );
});

test('sums do not depend on the order of events, to the cent', () => {
  const amounts = [0.1, 0.2, 0.3, 1.005, 19.99, 1e-7, 4096.335];
  const orders = amounts.map((total, index) => ({ total, order: `o${index}` }));
  const sumOf = (list: typeof orders): number | undefined => {
    const subject = shelf();
    subject.fold(list.map(({ total, order }) => purchase({ order, total })));
    return totalsOf(subject.profile().orders).spent.get('EUR');
  };

  expect(sumOf(orders)).toBe(10 + 20 + 30 + 101 + 1999 + 0 + 409_634);
  expect(sumOf([...orders].reverse())).toBe(sumOf(orders));
});
