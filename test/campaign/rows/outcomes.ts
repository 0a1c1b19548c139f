import { isDeepStrictEqual } from 'node:util';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { decisionIdOf } from '../../../shared/domain/decision-id.ts';
import { joinOutcomes, outcomeFacetsIn } from '../../../shared/domain/outcomes.ts';
import type { StreamEvent } from '../../../shared/domain/stream-event.ts';
import { parseStreamRecord } from '../../../shared/protocol/stream-record.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { keyOf, NOW } from '../../memory-stage.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { runSchedule } from '../schedule.ts';
import { SHOWING, someRecords, type ShopRecords } from '../shop-events.ts';

const WINDOW_MS = 86_400_000;

export const outcomesRow: Row = pureRow({
  name: 'outcomes',
  input:
    'decisions shown, some made up, to guests and users; orders with and without their checkout; with the faults of “any schedule”',
  holds: 'outcomes = a recount of the distinct events: differences 0',
  runs: { short: 300, long: 100_000 },
  async run(seed): Promise<Trial> {
    const records = await someRecords(seed, seededRandom(seed), {
      events: 4 + (seed % 40),
      mix: SHOWING,
      days: 3,
      isSteady: true,
    });
    const store = memoryProfileStore();
    const { invocations, crashes, violations } = await runSchedule(seed, { records, store, storms: 60 });
    const { facets } = await outcomeFacetsIn(store.items());
    const found = joinOutcomes(facets, { now: NOW, windowMs: WINDOW_MS })
      .map(({ rung, order, at, status, rank = 'unknown' }) =>
        [at, rung, order.join(), status, rank].join(' '),
      )
      .sort();
    const wanted = recount(records);
    const wrong = isDeepStrictEqual(found, wanted)
      ? []
      : [`outcomes are ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
    const completed = found.filter((text) => text.includes(' completed ')).length;
    return {
      counts: { schedules: 1, outcomes: found.length, completed, invocations, crashes },
      violations: [...violations, ...wrong],
    };
  },
});

interface Told {
  readonly person: string;
  readonly at: number;
  /** What it is told apart by. */
  readonly name: string;
  readonly checkout?: string;
}
interface Shown extends Told {
  readonly decision?: string;
  readonly rung: string;
  readonly order: readonly string[];
}
interface Bought extends Told {
  readonly method?: string;
}
interface Properties {
  readonly checkout_id?: string;
  readonly order_id?: string;
  readonly decision_id?: string;
  readonly payment_method?: string;
  readonly slots?: { readonly payment: { readonly source: string; readonly order: readonly string[] } };
}

/** The same outcomes by the plainest means: all distinct events in memory, gone through again and again. */
function recount(records: ShopRecords): readonly string[] {
  const events = distinctEvents(records);
  const personOf = peopleOf(events);
  const told = (event: StreamEvent) => ({ person: personOf(event.subject.key), at: event.at });
  const propertiesOf = ({ message }: StreamEvent): Properties => message.properties ?? {};
  const named = (name: string) => events.filter(({ message }) => message.event === name);

  const shown = lastOf(
    named('Checkout Decision Shown').flatMap((event): readonly Shown[] => {
      const { checkout_id: checkout, decision_id: id, slots } = propertiesOf(event);
      const { source: rung = '', order = [] } = slots?.payment ?? {};
      const name = /^dec_(d\d)\./.exec(id ?? '')?.[1];
      const decision = name !== undefined && id === decisionIdOf(name, keyOf) ? name : undefined;
      if (rung === 'made up' || (rung !== 'store-default' && decision === undefined)) return [];
      const what = checkout ?? decision ?? event.message.messageId;
      return [
        {
          ...told(event),
          name: what,
          rung,
          order,
          ...(checkout !== undefined && { checkout }),
          ...(decision !== undefined && { decision }),
        },
      ];
    }),
  );
  const believed = shown.filter((one) => {
    const later = shown.filter(
      (other) =>
        other.decision === one.decision &&
        (other.rung === 'cached') === (one.rung === 'cached') &&
        other.at > one.at,
    );
    return one.decision === undefined || later.length < (one.rung === 'cached' ? 10 : 1);
  });
  const bought = lastOf(
    named('Order Completed').map((event): Bought => {
      const { checkout_id: checkout, order_id: order = '', payment_method: method } = propertiesOf(event);
      return {
        ...told(event),
        name: checkout ?? order,
        ...(checkout !== undefined && { checkout }),
        ...(method !== undefined && { method }),
      };
    }),
  );
  const uses = events.flatMap((event) => {
    const { payment_method: method, checkout_id: checkout, order_id: order } = propertiesOf(event);
    return method === undefined
      ? []
      : [{ ...told(event), method, use: `${event.subject.key} ${checkout ?? order} ${method}` }];
  });

  const purchaseOf = new Map<Shown, Bought>();
  const isOurs = new Set<Bought>();
  for (const one of believed) {
    const purchase = bought.find(({ checkout }) => checkout !== undefined && checkout === one.checkout);
    if (purchase !== undefined) isOurs.add(purchase);
    if (purchase !== undefined && Math.abs(purchase.at - one.at) <= WINDOW_MS) purchaseOf.set(one, purchase);
  }
  const others = bought.filter((one) => !isOurs.has(one)).sort((left, right) => left.at - right.at);
  for (const purchase of others) {
    const [newest] = believed
      .filter(({ person }) => person === purchase.person)
      .filter(({ at }) => at <= purchase.at && purchase.at - at <= WINDOW_MS)
      .filter(({ checkout }) => checkout === undefined || purchase.checkout === undefined)
      .sort((left, right) => right.at - left.at);
    if (newest !== undefined && !purchaseOf.has(newest)) purchaseOf.set(newest, purchase);
  }

  return believed
    .map((one) => {
      const purchase = purchaseOf.get(one);
      const status =
        purchase !== undefined ? 'completed' : NOW >= one.at + WINDOW_MS ? 'not-completed' : 'open';
      const [entered] = uses
        // A use is at the last of the times that its subject told of it.
        .filter(({ use, at }) => uses.every((other) => other.use !== use || other.at <= at))
        .filter(({ person }) => person === one.person || person === purchase?.person)
        .filter(({ at, method }) => at >= one.at && at <= (purchase?.at ?? 0) && one.order.includes(method))
        .sort((left, right) => right.at - left.at);
      const method = purchase?.method ?? (purchase && entered?.method);
      const place = method === undefined ? 'unknown' : one.order.indexOf(method) + 1 || '';
      return [one.at, one.rung, one.order.join(), status, place].join(' ');
    })
    .sort();
}

function distinctEvents({ critical }: ShopRecords): readonly StreamEvent[] {
  const byMessage = new Map<string, StreamEvent>();
  for (const { data, partitionKey } of critical) {
    const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
    if (!parsed.ok || parsed.value.subject.kind === 'claims') continue;
    const name = `${partitionKey} ${parsed.value.message.messageId}`;
    if (!byMessage.has(name)) byMessage.set(name, parsed.value);
  }
  return [...byMessage.values()];
}

/** A device is the user's who alone was proven on it. */
function peopleOf(events: readonly StreamEvent[]): (subject: string) => string {
  return (subject) => {
    const users = new Set(
      events
        .filter(({ subject: { kind }, keys }) => kind === 'user' && keys.device === subject)
        .map(({ subject: { key } }) => key),
    );
    return users.size === 1 ? [...users].join() : subject;
  };
}

function lastOf<Entry extends Told>(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter((one) => entries.every((other) => other.name !== one.name || other.at <= one.at));
}
