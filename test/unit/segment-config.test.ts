import { checkStoreConfig } from '../../shared/domain/check-store-config.ts';
import { compileSegments } from '../../shared/domain/segments/compile-segments.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import { store } from '../../store.config.ts';

/** As JSON would bring it: whatever the compiler thinks of it. */
const configOf = (when: unknown, more: object = {}): SegmentsConfig =>
  ({
    ...store.segments,
    named: { one: { description: '', when }, other: { description: '', when: {} } },
    ...more,
  }) as SegmentsConfig;
const faultsOf = (when: unknown, more: object = {}) => compileSegments(configOf(when, more)).faults;
const order = { event: 'Order Completed', is: { $gte: 1 } };

test('the segments that ship are right', () => expect(compileSegments(store.segments).faults).toEqual([]));

test.each<[string, unknown, string, string, string?]>([
  ['a typo in a field', { 'orders.cuont': 1 }, 'unknown_field', '.orders.cuont', 'orders.count'],
  ['a prototype’s name', { constructor: 1 }, 'unknown_field', '.constructor'],
  [
    'a typo in an operator',
    { 'orders.count': { $gtee: 1 } },
    'unknown_operator',
    '.orders.count.$gtee',
    '$gte',
  ],
  ['a typo in a look back', { $cuont: order }, 'unknown_operator', '.$cuont', '$count'],
  [
    'a typo in a window’s setting',
    { $count: { ...order, wihtin: '1d' } },
    'unknown_operator',
    '.$count.wihtin',
    'within',
  ],
  [
    'a typo in an event',
    { $count: { ...order, event: 'Order Complete' } },
    'unknown_event',
    '.$count.event',
    'Order Completed',
  ],
  ['a typo in a segment', { $segment: 'othre' }, 'unknown_segment', '.$segment', 'other'],
  ['a typo in a list', { locale: { $inGroup: 'langs' } }, 'unknown_list', '.locale.$inGroup', 'language'],
  ['a text for a number', { 'orders.count': 'three' }, 'wrong_type', '.orders.count'],
  ['a number for a text', { locale: 3 }, 'wrong_type', '.locale'],
  ['a text that is compared', { locale: { $gt: 'a' } }, 'wrong_type', '.locale.$gt'],
  ['a list of the wrong things', { locale: { $in: ['sv', 3] } }, 'wrong_type', '.locale.$in[1]'],
  [
    'a time that is compared with a number',
    { 'orders.lastAt': { $gt: 5 } },
    'wrong_type',
    '.orders.lastAt.$gt',
  ],
  ['a number that is not finite', { 'orders.count': { $gt: NaN } }, 'wrong_type', '.orders.count.$gt'],
  ['a condition that is none', { $and: [3] }, 'wrong_type', '.$and[0]'],
  ['alternatives that are no list', { $or: {} }, 'wrong_type', '.$or'],
  ['no duration', { 'orders.lastAt': { $within: '3 days' } }, 'not_a_duration', '.orders.lastAt.$within'],
  ['a look back too far', { $count: { ...order, within: '732d' } }, 'window_too_long', '.$count.within'],
  ['more than is kept', { $count: { event: 'page', is: { $gte: 65 } } }, 'more_than_kept', '.$count.is'],
  ['money without a currency', { $sum: order }, 'wrong_type', '.$sum.currency'],
  ['a sum of nothing', { $sum: { event: 'page', is: { $gte: 1 } } }, 'wrong_type', '.$sum.of'],
  ['nothing to tell apart', { $distinct: { event: 'page', is: { $gte: 1 } } }, 'wrong_type', '.$distinct.of'],
  [
    'a filter on what the ledger has not',
    { $count: { event: 'Order Refunded', where: { 'properties.x': 1 }, is: { $gte: 1 } } },
    'unknown_field',
    '.$count',
  ],
  [
    'a filter on no part of an event',
    { $count: { ...order, where: { x: 1 } } },
    'unknown_field',
    '.$count.where.x',
  ],
  [
    'a first within a time',
    { $first: { event: 'page', within: '1d', is: { $exists: true } } },
    'wrong_type',
    '.$first.within',
  ],
  ['a pattern that repeats', { locale: { $regex: '^(\\w+\\s?)*$' } }, 'unsafe_pattern', '.locale.$regex'],
  ['a pattern with a bounded repetition', { locale: { $regex: 'a{2}' } }, 'unsafe_pattern', '.locale.$regex'],
  ['a pattern that refers back', { locale: { $regex: '(a)\\1' } }, 'unsafe_pattern', '.locale.$regex'],
  [
    'a pattern of too many ways',
    { locale: { $regex: '(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b)' } },
    'unsafe_pattern',
    '.locale.$regex',
  ],
  [
    'a typo in what is asked of an element',
    {
      $count: {
        event: 'page',
        where: { 'properties.list': { $elemMatch: { $adn: [], a: 1 } } },
        is: { $gte: 1 },
      },
    },
    'unknown_operator',
    '.$count.where.properties.list.$elemMatch.$adn',
    '$and',
  ],
  ['a segment that hangs on itself', { $not: { $segment: 'one' } }, 'segment_cycle', ''],
])('%s is refused with its path and the nearest right name', (_what, when, code, path, ...[nearest]) => {
  const faults = faultsOf(when, { lists: { language: ['sv'] } });
  expect(faults.map((fault) => [fault.code, fault.path])).toEqual([[code, `segments.named.one.when${path}`]]);
  expect(faults[0]?.message).toContain(nearest === undefined ? '' : `did you mean "${nearest}"?`);
});

test('a circle of segments is refused at each of them', () => {
  const named = {
    a: { description: '', when: { $segment: 'b' } },
    b: { description: '', when: { $or: [{ $not: { $segment: 'a' } }] } },
    c: { description: '', when: { $segment: 'a' } },
  };
  const { faults } = compileSegments({ ...store.segments, named });
  expect(faults.map(({ code, path }) => [code, path])).toEqual([
    ['segment_cycle', 'segments.named.a.when'],
    ['segment_cycle', 'segments.named.b.when'],
  ]);
  expect(faults[0]?.message).toContain('a → b → a');
});

test('a condition nested without end is refused', () => {
  let when: unknown = {};
  for (let depth = 0; depth < 5_000; depth++) when = { $not: when };
  expect(faultsOf(when).map(({ code }) => code)).toEqual(['nested_too_deep']);
});

test("the shop's own events can be named once they are told", () => {
  const when = { $count: { event: 'Quiz Finished', is: { $gte: 1 } } };
  expect(faultsOf(when).map(({ code }) => code)).toEqual(['unknown_event']);
  expect(faultsOf(when, { events: ['Quiz Finished'] })).toEqual([]);
});

test('what is wrong with segments stops the synthesis like anything else in the configuration', () => {
  const config = { ...store, segments: configOf({ 'orders.cuont': 1 }) };
  expect(checkStoreConfig(config, 'dev').map(({ code }) => code)).toEqual(['unknown_field']);
  const misspelt = { ...store, segments: { ...store.segments, named: { a: { description: '', wehn: {} } } } };
  expect(checkStoreConfig(misspelt as unknown as typeof store, 'dev')[0]?.message).toContain(
    'did you mean "when"?',
  );
});

test('the fold keeps what is asked for and no more', () => {
  const within = (days: number, least: number) => ({
    $count: { event: 'page', within: `${days}d`, is: { $gte: least } },
  });
  const { windows } = compileSegments(
    configOf({ $or: [within(1, 2), within(30, 5), { $count: order }] }),
  ).segments;
  expect(
    windows.browse.filter(({ event }) => event === 'page').map(({ op, capacity }) => [op, capacity]),
  ).toEqual([['count', 5]]);
  expect(windows.checkout).toEqual([]);
});

test.each<[object, number]>([
  [{ $gte: 3 }, 3],
  [{ $gt: 3 }, 4],
  [{ $lt: 3 }, 3],
  [{ $lte: 3 }, 4],
  [{ $in: [1, 7] }, 8],
  [{ $not: { $gte: 3 } }, 3],
  [{ $exists: true }, 1],
  [{ $gte: -2 }, 1],
])('%j is told by %i events', (is, capacity) => {
  const { segments } = compileSegments(configOf({ $count: { event: 'page', is } }));
  expect(segments.windows.browse.find(({ event, op }) => event === 'page' && op === 'count')?.capacity).toBe(
    capacity,
  );
});
