import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Json } from '../../shared/domain/json.ts';
import { compileSegments, segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import type { Test } from '../../shared/domain/segments/condition.ts';
import { indexConditions } from '../../shared/domain/segments/condition-index.ts';
import { holds, type Evidence } from '../../shared/domain/segments/evaluate.ts';
import { passes } from '../../shared/domain/segments/pass-test.ts';
import { sortableVersion } from '../../shared/domain/segments/sortable-version.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import { store } from '../../store.config.ts';
import { keyOf, memoryStage } from '../memory-stage.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const NOW = Date.UTC(2026, 0, 15, 12);
const context = { now: NOW, holds: () => false };
const evidenceOf = (fields: Json): Evidence => ({
  fields,
  now: NOW,
  window: () => ({ value: null, isComplete: true, completeFrom: 0 }),
  segment: () => undefined,
});
const ORDERED: readonly Test[] = [
  { kind: 'order', order: '>=', than: 18 },
  { kind: 'number', value: 18 },
  { kind: 'order', order: '<', than: 'z' },
  { kind: 'version', order: '>=', than: '1' },
];
const HOSTILE = ['{"toString":1,"valueOf":1}', '[{"toString":1}]', '{"valueOf":"x","length":-1}', '[[[[]]]]'];

test.each(HOSTILE)('%s is compared with nothing, and nothing of it is called', (text) => {
  for (const test of ORDERED) expect(() => passes(test, JSON.parse(text) as Json, context)).not.toThrow();
});

test('an event that says such a thing is folded like any other', async () => {
  const stage = memoryStage({
    announcing: {
      segments: segmentsOfConfig({
        ...store.segments,
        named: {
          dear: {
            description: 'Looked at something dear.',
            when: {
              $count: {
                event: 'Product Viewed',
                where: { 'properties.price': { $gte: 5 } },
                is: { $gte: 1 },
              },
            },
          },
        },
      }),
      announcements: { announce: () => Promise.resolve() },
    },
  });
  await stage.learn([
    {
      type: 'track',
      event: 'Product Viewed',
      anonymousId: 'phone',
      messageId: 'm1',
      properties: { product_id: 'p', price: { toString: 1, valueOf: 1 } },
    },
  ]);

  expect(stage.quarantine.entries()).toEqual([]);
  expect(stage.store.items().some(({ key, item }) => key === keyOf('a:phone') && item === 'browse')).toBe(
    true,
  );
});

test('the first odd value that somebody sends changes nothing for those who come after', () => {
  const condition = { kind: 'field', path: ['age'], test: ORDERED[0]! } as const;
  for (const odd of ['\u00a020', '\ufeff20', '\u200320', ' 20', 'I20', 'Infinity']) {
    const index = indexConditions([condition], () => undefined);
    for (const age of [odd, 'unknown', 'é', odd]) {
      const evidence = evidenceOf({ age });
      expect(index.match(evidence)).toEqual(holds(condition, evidence) ? [0] : []);
    }
  }
});

test('ever new values take no more memory: an index knows those that its conditions name', () => {
  const index = indexConditions(
    [
      { kind: 'field', path: ['city'], test: { kind: 'text', value: 'Recife' } },
      { kind: 'field', path: ['spent', 'EUR'], test: { kind: 'order', order: '>', than: 5 } },
    ],
    () => undefined,
  );
  const feed = (count: number): void => {
    for (let at = 0; at < count; at++) {
      const fields = { [`n${at}`]: at, city: `city ${at}`, spent: { EUR: at / 7, [`C${at}`]: 1 } };
      index.match(evidenceOf(fields));
    }
  };
  feed(10_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  feed(200_000);
  collect();

  // 200,000 texts of their own would be some 10 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
  expect(index.match(evidenceOf({ city: 'Recife', spent: { EUR: 6 } }))).toEqual([0, 1]);
});

test('a version as long as an event can be is none, and is not taken apart', () => {
  expect(sortableVersion(`${'+'.repeat(30_000)}\n`)).toBe(sortableVersion(''));
  expect(sortableVersion('1'.repeat(300))).toBe(sortableVersion(''));
});

test('names of prototypes are names like others', () => {
  const named = Object.fromEntries(
    ['constructor', 'toString', 'hasOwnProperty'].map((id) => [
      id,
      {
        description: '',
        when: { $segment: id === 'toString' ? 'constructor' : 'toString', 'orders.count': 1 },
      },
    ]),
  ) as SegmentsConfig['named'];
  expect(compileSegments({ ...store.segments, named }).faults.map(({ code }) => code)).toEqual([
    'segment_cycle',
    'segment_cycle',
  ]);
});

test('segments that double each other forty times are refused, and at once', () => {
  const named: Record<string, SegmentsConfig['named'][string]> = {
    s0: { description: '', when: { 'orders.count': 1 } },
  };
  for (let at = 1; at <= 40; at++) {
    const before = { $segment: `s${at - 1}` };
    named[`s${at}`] = { description: '', when: { $and: [before, before] } };
  }
  const { faults } = compileSegments({ ...store.segments, named });

  expect(faults[0]).toMatchObject({ code: 'nested_too_deep', path: 'segments.named.s10.when' });
});
