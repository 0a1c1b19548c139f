import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../shared/domain/json.ts';
import { holds } from '../../shared/domain/segments/evaluate.ts';
import { FaultList } from '../../shared/domain/segments/fault-list.ts';
import { OPEN_SCOPE, parseCondition } from '../../shared/domain/segments/parse-condition.ts';

type Lists = Readonly<Record<string, readonly Json[]>>;
type Vector = readonly [name: string, condition: Json, fields: Json, expected: boolean, lists?: Lists];

/** What `parse` says of a condition, or whether it holds. */
function judged(condition: Json, fields: Json, lists: Lists = {}): boolean | readonly string[] {
  const faults = new FaultList();
  const tree = parseCondition(condition, '', { ...OPEN_SCOPE, lists }, faults);
  if (faults.all.length > 0) return faults.all.map(({ code }) => code);
  return holds(tree, {
    fields,
    now: 0,
    window: () => ({ value: null, isComplete: true, completeFrom: 0 }),
    segment: () => undefined,
  });
}

/**
 * GrowthBook's vectors that are refused when a condition is loaded, where GrowthBook lets it run and never match: what can
 * only be a mistake is said, and nobody's text is matched with a pattern that repeats, since one text could stop it for
 * seconds.
 */
const REFUSED: Readonly<Record<string, string>> = {
  '$in - not array': 'wrong_type',
  '$nin - not array': 'wrong_type',
  '$ini - not array': 'wrong_type',
  '$nini - not array': 'wrong_type',
  'unknown operator - pass': 'unknown_operator',
  '$regex invalid - pass': 'unsafe_pattern',
  '$regex invalid - fail': 'unsafe_pattern',
  '$inGroup fails for unknown group id': 'unknown_list',
  '$notInGroup passes for unknown group id': 'unknown_list',
};

/** The vectors of GrowthBook's SDKs (MIT, github.com/growthbook/growthbook, spec 0.8.0). */
const FILE = join(process.env.CARTWRIGHT_DATA ?? '', 'growthbook', 'cases.json');

const ownVectors = JSON.parse(
  readFileSync(new URL('../vectors/conditions.json', import.meta.url), 'utf8'),
) as readonly Vector[];

test.each(ownVectors.map((vector) => ({ name: vector[0], vector })))('$name', ({ vector }) => {
  const [, condition, fields, expected, lists] = vector;
  expect(judged(condition, fields, lists)).toBe(expected);
});

if (process.env.CARTWRIGHT_DATA !== undefined && existsSync(FILE)) {
  const { evalCondition } = JSON.parse(readFileSync(FILE, 'utf8')) as {
    readonly evalCondition: readonly Vector[];
  };
  test('all 248 are there', () => expect(evalCondition).toHaveLength(248));
  test('every refused one is among them', () => {
    const names = evalCondition.map(([name]) => name);
    expect(Object.keys(REFUSED).filter((name) => !names.includes(name))).toEqual([]);
  });
  const named = evalCondition.map((vector) => ({ name: vector[0], vector }));
  test.each(named)("GrowthBook's $name", ({ vector }) => {
    const [name, condition, fields, expected, lists] = vector;
    const refusal = REFUSED[name];
    expect(judged(condition, fields, lists)).toEqual(refusal === undefined ? expected : [refusal]);
  });
} else {
  process.stdout.write("real data: NOT RUN (GrowthBook's condition vectors)\n");
}
