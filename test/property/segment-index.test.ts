import type { Json } from '../../shared/domain/json.ts';
import type { Condition, Test } from '../../shared/domain/segments/condition.ts';
import { indexConditions } from '../../shared/domain/segments/condition-index.ts';
import { holds, type Evidence, type WindowValue } from '../../shared/domain/segments/evaluate.ts';
import { sortableVersion } from '../../shared/domain/segments/sortable-version.ts';
import { windowName, type Window, type WindowOp } from '../../shared/domain/segments/window.ts';
import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;
const CONDITIONS = 50;
const PEOPLE = 50;

/** What fields hold and what tests ask for: the ordinary, the missing, the wrong type, and what JavaScript makes of it. */
// prettier-ignore
const VALUES: readonly Json[] = [
  null, 0, 1, 2, 3, -1, 2.5, 1e300, '', ' ', '0', '1', '2', '2.5', 'a', 'A', 'b', 'null', 'true', true, false,
  [], [1], ['a'], ['a', 'b'], [['a']], {}, { a: 1 }, [{ a: 1 }, { a: 'b' }], [null, 0, ''],
  '1.2.3', 'v1.10.0', '\u00a02', '\ufeff1', '\u20032.5', 'I', 'Infinity', '1e300', 1e21, '1e+21', 'é', '0x2',
  { toString: 1, valueOf: 1 }, [{ toString: 1 }], ['2'], [[2]], '+'.repeat(40), NOW, NOW - HOUR, NOW - HOUR + 1, NOW + HOUR,
];
const SCALARS = VALUES.filter((value) => value === null || typeof value !== 'object');
const PATHS = [['a'], ['b'], ['b', 'c'], ['d'], ['e'], ['f'], ['constructor'], ['__proto__', 'x']] as const;
const OPS: readonly WindowOp[] = ['count', 'sum', 'first', 'last', 'distinct'];
const WINDOWS = OPS.flatMap((op) =>
  [undefined, 6 * HOUR].map((withinMs): Window => ({
    op,
    event: 'page',
    name: windowName(op, ['page']),
    ...(withinMs !== undefined && { withinMs }),
    source: 'browse',
    capacity: 4,
  })),
);

const from = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;
const some = <Value>(random: Random, most: number, make: () => Value): readonly Value[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, make);

function randomTest(random: Random, depth = 0): Test {
  const number = () => from(random, [0, 1, 2, 2.5, 3, -1, 1e300]);
  const order = () => from(random, ['<', '<=', '>', '>='] as const);
  const inner = () => randomTest(random, depth + 1);
  const flat: readonly (() => Test)[] = [
    () => ({ kind: 'text', value: from(random, ['', 'a', 'A', '1', '2.5', 'true']) }),
    () => ({ kind: 'number', value: number() }),
    () => ({ kind: 'flag', value: random() < 0.5 }),
    () => ({ kind: 'null' }),
    () => ({ kind: 'json', value: JSON.stringify(from(random, VALUES)) }),
    () => ({ kind: 'same', value: from(random, SCALARS) }),
    () => ({ kind: 'order', order: order(), than: random() < 0.8 ? number() : from(random, ['a', '1']) }),
    () => ({
      kind: 'version',
      order: from(random, ['<', '=', '>='] as const),
      than: sortableVersion(from(random, ['1.2.3', '1.10'])),
    }),
    () => ({
      kind: 'one-of',
      values: some(random, 3, () => from(random, SCALARS)),
      ignoresCase: random() < 0.2,
    }),
    () => ({ kind: 'exists' }),
    () => ({ kind: 'pattern', pattern: from(random, [/^a/, /^A/i, /1/]) }),
    () => ({ kind: 'type', type: from(random, ['string', 'number', 'boolean', 'object', 'array', 'null']) }),
    () => ({ kind: 'within', ms: from(random, [HOUR, 2 * HOUR]) }),
    () => ({ kind: 'before', ms: from(random, [HOUR, 2 * HOUR]) }),
  ];
  const nested: readonly (() => Test)[] = [
    () => ({ kind: 'has-all', tests: some(random, 2, inner), ignoresCase: random() < 0.3 }),
    () => ({ kind: 'size', test: inner() }),
    () => ({ kind: 'element', test: inner() }),
    () => ({ kind: 'object-element', condition: { kind: 'field', path: ['a'], test: inner() } }),
    () => ({ kind: 'every', tests: some(random, 3, inner) }),
    () => ({ kind: 'no', test: inner() }),
  ];
  return from(random, depth < 2 && random() < 0.3 ? nested : flat)();
}

/** @param named how many segments there are before it: it refers to one of them, or to one that does not exist */
function randomCondition(random: Random, named: number, depth = 0): Condition {
  const inner = () => randomCondition(random, named, depth + 1);
  const chance = random();
  if (depth < 3 && chance < 0.2) return { kind: 'all', of: some(random, 4, inner) };
  if (depth < 3 && chance < 0.35) return { kind: 'any', of: some(random, 4, inner) };
  if (depth < 3 && chance < 0.45) return { kind: 'not', of: inner() };
  if (chance < 0.5) return { kind: 'member', segment: String(Math.floor(random() * named - 0.1)) };
  if (chance < 0.65) return { kind: 'window', window: from(random, WINDOWS), test: randomTest(random) };
  return { kind: 'field', path: from(random, PATHS), test: randomTest(random) };
}

function randomEvidence(random: Random, segment: Evidence['segment']): Evidence {
  const entries = new Map<string, Json>();
  for (const [name] of PATHS) if (random() < 0.8) entries.set(name, from(random, VALUES));
  if (random() < 0.5) entries.set('b', { c: from(random, VALUES) });
  // As what is read from JSON: a field that is called like a prototype is a field.
  const text = [...entries].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const fields = JSON.parse(`{${text.join()}}`) as Json;
  const shown = new Map(
    WINDOWS.map((window): [Window, WindowValue] => {
      const value =
        window.op === 'first' || window.op === 'last' ? from(random, VALUES) : Math.floor(random() * 4);
      return [window, { value, isComplete: random() < 0.6, completeFrom: 0 }];
    }),
  );
  return {
    fields,
    now: NOW + Math.floor(random() * 3) * HOUR,
    window: (window) => shown.get(window)!,
    segment,
  };
}

test('the index finds those conditions that hold, of a million made-up ones and people', () => {
  let tried = 0;
  let held = 0;
  for (let seed = 1; tried < 1_000_000; seed++) {
    const random = seededRandom(seed);
    const conditions: Condition[] = [];
    for (let at = 0; at < CONDITIONS; at++) conditions.push(randomCondition(random, at));
    const segment = (id: string) => conditions[Number(id)];
    // A condition refers to those before it, never to itself.
    const index = indexConditions(conditions, segment);
    for (let person = 0; person < PEOPLE; person++) {
      const evidence = randomEvidence(random, segment);
      const expected = conditions.flatMap((condition, position) =>
        holds(condition, evidence) ? [position] : [],
      );
      const found = index.match(evidence);
      tried += CONDITIONS;
      held += expected.length;
      if (found.join() === expected.join()) continue;
      const wrong = conditions.findIndex((_, at) => found.includes(at) !== expected.includes(at));
      throw new Error(
        `seed ${seed}, person ${person}: condition ${wrong}, ${JSON.stringify(conditions[wrong])} of ${JSON.stringify(evidence.fields)}`,
      );
    }
  }

  // Neither all nor nothing: both answers are tried.
  expect(held / tried).toBeGreaterThan(0.2);
  expect(held / tried).toBeLessThan(0.8);
});

test('of no conditions none holds, and one that asks nothing always does', () => {
  const evidence = randomEvidence(seededRandom(1), () => undefined);

  expect(indexConditions([], () => undefined).match(evidence)).toEqual([]);
  expect(indexConditions([{ kind: 'all', of: [] }], () => undefined).match(evidence)).toEqual([0]);
});
