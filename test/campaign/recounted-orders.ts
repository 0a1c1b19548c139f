import type { StoredItem } from '../../shared/domain/item.ts';
import { totalsOf } from '../../shared/domain/ledger.ts';
import { profileOf } from '../../shared/domain/profile.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';

interface Order {
  isMade: boolean;
  isCancelled: boolean;
}

/** One sentence for each subject whose orders are not as many as its events tell since it was erased, counted by their names alone. */
export function wrongOrders(items: readonly StoredItem[], events: readonly StreamEvent[]): readonly string[] {
  const subjects = new Map<string, Map<unknown, Order>>();
  const ledgers = new Map(items.filter(({ item }) => item === 'orders').map((item) => [item.key, item]));
  for (const { subject, message, at } of events) {
    const ledger = ledgers.get(subject.key);
    if (subject.kind === 'claims' || at <= (ledger?.erasedAt ?? -1)) continue;
    const id = message.properties?.order_id;
    const orders = subjects.get(subject.key) ?? new Map<unknown, Order>();
    const order = orders.get(id) ?? { isMade: false, isCancelled: false };
    if (message.event === 'Order Completed' || message.event === 'Order Updated') order.isMade = true;
    else if (message.event === 'Order Cancelled') order.isCancelled = true;
    else continue;
    subjects.set(subject.key, orders.set(id, order));
  }
  return [...new Set([...subjects.keys(), ...ledgers.keys()])].flatMap((key) => {
    const ledger = ledgers.get(key);
    const { orders, cancelled } = totalsOf(profileOf(ledger === undefined ? [] : [ledger]).orders);
    const made = [...(subjects.get(key)?.values() ?? [])].filter(({ isMade }) => isMade);
    const ended = made.filter(({ isCancelled }) => isCancelled).length;
    return orders === made.length - ended && cancelled === ended
      ? []
      : [
          `${orders} orders count and ${cancelled} are cancelled, of ${made.length} made and ${ended} cancelled`,
        ];
  });
}
