import type { StoredItem } from '../../shared/domain/item.ts';
import { totalsOf } from '../../shared/domain/ledger.ts';
import { profileOf } from '../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { shelf } from '../events.ts';

/** A record as it lies in a stream. */
export interface Kept {
  readonly partitionKey: string;
  readonly data: string | Uint8Array;
}

/** What items hold, by `key item`; what the items of a subject's orders hold, by `key orders`. */
export type States = ReadonlyMap<string, string>;

/**
 * What the facets should be: each subject's distinct messages, folded in one go, with no store, batch or fault
 * anywhere near. What is no event is left out.
 */
export function modelFold(lane: Lane, records: readonly Kept[]): States {
  const subjects = new Map<string, Map<string, StreamEvent>>();
  for (const { partitionKey, data } of records) {
    const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
    if (!parsed.ok) continue;
    const events = subjects.get(partitionKey) ?? new Map<string, StreamEvent>();
    const { message, subject } = parsed.value;
    // What a user is proven to have done and what is claimed of them are told apart, also where a page sends both.
    const name = `${subject.kind} ${message.messageId}`;
    if (!events.has(name)) events.set(name, parsed.value);
    subjects.set(partitionKey, events);
  }
  return statesOf(
    [...subjects].flatMap(([key, events]) => {
      const subject = shelf(key);
      subject.fold([...events.values()], { lane });
      return subject.items();
    }),
  );
}

/** What the facets of both lanes should be. */
export function modelFacets(records: Readonly<Record<Lane, readonly Kept[]>>): States {
  return new Map([...modelFold('critical', records.critical), ...modelFold('bulk', records.bulk)]);
}

/**
 * What items hold, word for word, but for orders: which of them lie in pages depends on how batches were cut. Of those it is
 * what readers see, who read no page, and every entry wherever it lies. An item without any state is as if it were not there: poison
 * leaves nothing but its position.
 */
export function statesOf(items: readonly StoredItem[]): States {
  const isOfOrders = ({ item }: StoredItem): boolean => item.startsWith('orders');
  const orders = new Map<string, StoredItem[]>();
  for (const item of items.filter(isOfOrders)) orders.set(item.key, [...(orders.get(item.key) ?? []), item]);
  return new Map(
    [
      ...items
        .filter((item) => !isOfOrders(item))
        .map(({ key, item, state }) => [`${key} ${item}`, state] as const),
      ...[...orders].map(([key, of]) => [`${key} orders`, ordersText(of)] as const),
    ].filter(([, state]) => !isEmpty(state)),
  );
}

const NO_ORDERS = ordersText([]);

function ordersText(items: readonly StoredItem[]): string {
  const { spent, refunded, ...shown } = totalsOf(
    profileOf(items.filter(({ item }) => item === 'orders')).orders,
  );
  const { entries } = profileOf(items).orders;
  return JSON.stringify({ ...shown, spent: sorted([...spent]), refunded: sorted([...refunded]), entries });
}

/** What a store holds, but for links and copies, which belong to two subjects, and for who is known to be in which segment. */
export function facetStates(items: readonly StoredItem[]): States {
  return statesOf(items.filter(({ item }) => !/^(link|device#|membership$)/.test(item)));
}

/** One sentence for each item that is not what it should be. */
export function differences(wanted: States, found: States): readonly string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => wanted.get(name) !== found.get(name))
    .map(
      (name) =>
        `${name.split(' ')[1]} is ${found.get(name) ?? 'missing'}, not ${wanted.get(name) ?? 'missing'}`,
    );
}

/** The same whatever the order in which browsing was counted. */
export function inAnyOrder(states: States): States {
  return new Map(
    [...states].map(([name, state]) => [name, name.endsWith('browse') ? browseText(state) : state]),
  );
}

function browseText(state: string): string {
  const { n, x, ...rest } = JSON.parse(state) as { readonly n?: Counts; readonly x?: Counts };
  return JSON.stringify({ ...rest, n: sorted(n), x: sorted(x) });
}

type Counts = readonly (readonly [string, number])[];

function sorted(counts: Counts = []): Counts {
  return [...counts].sort(([one], [other]) => one.localeCompare(other));
}

/** Nothing at all, or no more than windows in which nothing was seen. */
function isEmpty(text: string): boolean {
  return text === NO_ORDERS || /^\{("w":\["[^"]*"\])?\}$/.test(text);
}
