import { ruleOf } from '../../shared/domain/events.ts';
import { mergeFacts, type Facts } from '../../shared/domain/facts.ts';
import { minorUnits } from '../../shared/domain/money.ts';
import type { Json } from '../../shared/domain/json.ts';
import { compileSegments, type Segments, windowsIn } from '../../shared/domain/segments/compile-segments.ts';
import { holds, truthOf, valueAt, type Evidence } from '../../shared/domain/segments/evaluate.ts';
import { evidenceOf } from '../../shared/domain/segments/membership.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import { NO_WINDOWS_PLANNED, type Window } from '../../shared/domain/segments/window.ts';
import type { JsonObject, StreamEvent } from '../../shared/domain/stream-event.ts';
import { store } from '../../store.config.ts';
import { seededRandom, shuffled, type Random } from '../bench/ranking/seeded-random.ts';
import { DEVICE_KEY, shelf, streamEvent, USER_KEY } from '../events.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const DAY = 86_400_000;
const DAYS = 60;

const from = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;
const below = (random: Random, most: number): number => Math.floor(random() * most);

/** What a person did in two months on a device and signed in, in the order in which it arrived; some of it late. */
function history(random: Random, count: number): readonly StreamEvent[] {
  const orders: string[] = [];
  const events = Array.from({ length: count }, (_, index): StreamEvent => {
    const event = from(random, [
      'Product Viewed',
      'Order Completed',
      'Order Refunded',
      'Coupon Applied',
      'page',
      'identify',
    ]);
    const known = event === 'Order Refunded' && orders.length > 0 && random() < 0.7;
    const order = known ? from(random, orders) : `o${index}`;
    if (event === 'Order Completed') orders.push(order);
    const type = event === 'page' || event === 'identify' ? event : 'track';
    const properties: JsonObject = {
      ...(event.startsWith('Order ') && { order_id: order, total: 1 + below(random, 90) }),
      ...(event === 'Order Refunded' && { refund_id: `r${index}` }),
      currency: from(random, ['EUR', 'EUR', 'SEK']),
      category: from(random, ['shoes', 'hats', null, 3]),
      price: from(random, [1, 2.5, '7', 'dear', null]),
      coupon_id: `c${below(random, 3)}`,
    };
    const minute = below(random, DAYS * 24 * 60);
    const late = random() < 0.2 ? below(random, 20) * DAY : 0;
    return streamEvent({
      messageId: `m${index}`,
      type,
      ...(type === 'track' && { event }),
      ...(type === 'identify' ? { traits: { age: 15 + below(random, 20) } } : { properties }),
      minute,
      of: event.startsWith('Order') || event === 'identify' || random() < 0.5 ? 'user' : 'device',
      arrival: { receivedAt: NOON + minute * 60_000 + 1_000 + late },
    });
  });
  return events.sort((left, right) => left.receivedAt - right.receivedAt);
}

/** A condition over one window, as a shop would write it. */
function randomLook(random: Random): object {
  const number = () =>
    from(random, [{ $gte: 1 + below(random, 6) }, { $lt: 1 + below(random, 6) }, below(random, 4)]);
  const within = random() < 0.7 ? { within: `${1 + below(random, 40)}d` } : {};
  const event = from(random, ['Product Viewed', 'page', 'Coupon Applied', 'identify']);
  const where =
    random() < 0.5 && event !== 'identify'
      ? { where: { 'properties.category': from(random, ['shoes', 'hats']) } }
      : {};
  switch (below(random, 9)) {
    case 0:
      return { $count: { event: 'Order Completed', ...within, is: number() } };
    case 1:
      return {
        $sum: {
          event: 'Order Completed',
          currency: 'EUR',
          ...within,
          is: { $gte: below(random, 200) * 100 },
        },
      };
    case 2:
      return { $count: { event: 'Order Refunded', ...within, is: number() } };
    case 3:
      return { $distinct: { event: 'page', of: '$day', ...within, is: number() } };
    case 4:
      return { $distinct: { event, ...where, of: 'properties.coupon_id', ...within, is: number() } };
    case 5:
      return {
        $sum: { event, ...where, of: 'properties.price', ...within, is: { $gte: below(random, 12) } },
      };
    case 6:
      return { $first: { event, ...where, is: from(random, [{ $within: '20d' }, { $exists: true }]) } };
    case 7:
      return { $last: { event: 'identify', of: 'traits.age', ...within, is: { $gte: 18, $lt: 26 } } };
    default:
      return { $count: { event, ...where, ...within, is: number() } };
  }
}

function randomSegments(random: Random): Segments {
  const when = (): object => {
    const look = randomLook(random);
    return from(random, [look, { $not: look }, { $or: [look, randomLook(random)] }]);
  };
  const named = Object.fromEntries(
    Array.from({ length: 6 }, (_, at) => [`s${at}`, { description: '', when: when() }]),
  ) as SegmentsConfig['named'];
  const { segments, faults } = compileSegments({ ...store.segments, named });
  if (faults.length > 0) throw new Error(faults[0]?.message);
  return segments;
}

/** What windows show of the raw events themselves. */
function recount(events: readonly StreamEvent[], now: number): Evidence['window'] {
  const contentOf = ({ message: { properties = {}, traits = {}, context = {} } }: StreamEvent): Json => ({
    properties,
    traits,
    context,
  });
  return (window: Window) => {
    const { op, event, where, of, currency, withinMs } = window;
    const seen = events
      .filter(({ message }) => (message.type === 'track' ? message.event : message.type) === event)
      .filter(
        (one) =>
          where === undefined ||
          holds(where, {
            fields: contentOf(one),
            now: one.at,
            window: () => ({ value: null, isComplete: true, completeFrom: 0 }),
            segment: () => undefined,
          }),
      )
      .filter(({ at }) => withinMs === undefined || at > now - withinMs)
      .sort((left, right) => left.at - right.at);
    const property = (one: StreamEvent): Json => (of === undefined ? one.at : valueAt(contentOf(one), of));
    const amount = (one: StreamEvent): number => {
      if (currency !== undefined) {
        const { properties } = one.message;
        return properties?.currency === currency ? (minorUnits(properties.total, currency) ?? 0) : 0;
      }
      const value = Number(property(one) ?? NaN);
      return Number.isSafeInteger(value) ? value : 0;
    };
    const shown = seen.filter((one) => of === undefined || of[0] === '$day' || property(one) !== null);
    const value = (): Json => {
      switch (op) {
        case 'count':
          return seen.length;
        case 'sum':
          return seen.reduce((sum, one) => sum + amount(one), 0);
        case 'distinct':
          return new Set(
            shown.map((one) =>
              of?.[0] === '$day' ? Math.floor(one.at / DAY) : JSON.stringify(property(one)),
            ),
          ).size;
        case 'first':
          return shown[0] === undefined ? null : property(shown[0]);
        case 'last':
          return shown.at(-1) === undefined ? null : property(shown.at(-1)!);
      }
    };
    return { value: value(), isComplete: true, completeFrom: 0 };
  };
}

/** Folds events in batches of any size, the user's and the device's, and reads them as one. */
function fold(
  random: Random,
  parts: readonly (readonly [readonly StreamEvent[], Segments['windows']])[],
): Facts {
  const subjects = [USER_KEY, DEVICE_KEY].map((key) => {
    const subject = shelf(key);
    for (const [events, windows] of parts) {
      for (const lane of ['critical', 'bulk'] as const) {
        const own = events.filter(
          (event) => event.subject.key === key && ruleOf(event.message).lane === lane,
        );
        for (let at = 0; at < own.length;) {
          const size = 1 + below(random, 9);
          subject.fold(own.slice(at, at + size), { lane, windows });
          at += size;
        }
      }
    }
    return subject.profile();
  });
  return mergeFacts(subjects[0]!, subjects[1]!);
}

test('what windows say is what a recount of the raw events says', () => {
  const said = { true: 0, false: 0, undefined: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const segments = randomSegments(random);
    const events = history(random, 10 + below(random, 120));
    const facts = fold(random, [[random() < 0.5 ? events : shuffled(events, random), segments.windows]]);
    const now = NOON + below(random, DAYS + 30) * DAY;
    const known = events.filter(({ at }) => at <= now);
    if (known.length < events.length) continue;
    const evidence = evidenceOf(facts, segments, now);
    for (const [id, { condition }] of segments.named) {
      const truth = truthOf(condition, evidence);
      said[`${truth}`] += 1;
      const expected = truthOf(condition, { ...evidence, window: recount(events, now) });
      // Only a sum over more than is kept cannot be told.
      const isTold = truth !== undefined || windowsIn(condition).every(({ op }) => op !== 'sum');
      expect({ seed, id, truth: truth ?? expected, isTold }).toEqual({
        seed,
        id,
        truth: expected,
        isTold: true,
      });
    }
  }
  expect(Math.min(said.true, said.false)).toBeGreaterThan(50);
});

test('a segment that came later says nothing wrong, and in time it can be told', () => {
  const said = { true: 0, false: 0, undefined: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const segments = randomSegments(random);
    const before = random() < 0.5 ? NO_WINDOWS_PLANNED : randomSegments(random).windows;
    const events = history(random, 10 + below(random, 120));
    const cut = below(random, events.length);
    const facts = fold(random, [
      [events.slice(0, cut), before],
      [events.slice(cut), segments.windows],
    ]);
    const now = NOON + (DAYS + below(random, 60)) * DAY;
    const evidence = evidenceOf(facts, segments, now);
    for (const [id, { condition }] of segments.named) {
      const truth = truthOf(condition, evidence);
      said[`${truth}`] += 1;
      const expected = truthOf(condition, { ...evidence, window: recount(events, now) });
      expect({ seed, id, truth: truth ?? expected }).toEqual({ seed, id, truth: expected });
    }
  }
  expect(Math.min(said.true, said.false, said.undefined)).toBeGreaterThan(50);
});
