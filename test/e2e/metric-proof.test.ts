import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS_METRICS } from '../metric-proof/aws-metrics.ts';
import { letEverythingHappen } from '../metric-proof/everything.ts';
import { type EmittedMetric, unproven } from '../metric-proof/unproven.ts';
import { type PlannedStage, plannedStage, type UsedMetric } from '../metric-proof/used-metrics.ts';
import { eventually, startLocalStack, type LocalStack } from './local-stack.ts';

let stack: LocalStack;
let planned: PlannedStage;
let emitted: readonly EmittedMetric[];

const reasonFor = ({ query }: UsedMetric): string | undefined => unproven(query, emitted, planned.resources);
const emittedNow = async (): Promise<readonly EmittedMetric[]> => {
  const status = (await (await fetch(`${stack.url}/_local/status`)).json()) as { metrics: EmittedMetric[] };
  return status.metrics;
};

beforeAll(async () => {
  stack = await startLocalStack({}, ['--movable-clock']);
  const { names } = JSON.parse(readFileSync(join(stack.dir, 'state.json'), 'utf8')) as {
    names: Readonly<Record<string, string>>;
  };
  // What only gets a name when somebody asks for it (a log group) is told apart by its place in the stacks.
  planned = plannedStage(join(stack.dir, 'cdk.out'), (key) => names[key] ?? key);
  await letEverythingHappen(stack);
  emitted = await eventually(emittedNow, (metrics) => {
    emitted = metrics;
    return planned.used.every((one) => reasonFor(one) === undefined);
  });
}, 240_000);
afterAll(() => stack.stop());

test('every metric of a graph or an alarm is one that a function has just emitted, or that AWS emits for a resource of the template', () => {
  const reasons = planned.used.flatMap((one) => {
    const reason = reasonFor(one);
    return reason === undefined ? [] : [`${one.where}: ${reason}`];
  });
  expect(reasons).toEqual([]);
  expect(planned.used.length).toBeGreaterThan(150);
});

test('what the functions emit is all on the dashboard or in an alarm', () => {
  const names = new Set(planned.used.map(({ query }) => query.name));
  const unseen = emitted.filter(({ namespace, name }) => !namespace.startsWith('AWS/') && !names.has(name));
  expect(unseen).toEqual([]);
});

test('what the local run measures in the place of AWS has AWS’s own names', () => {
  const unknown = emitted.filter(
    ({ namespace, name, dimensions }) =>
      namespace.startsWith('AWS/') &&
      AWS_METRICS[namespace]?.[name]?.dimension !== Object.keys(dimensions).join(),
  );
  expect(unknown).toEqual([]);
});

describe('a slip of the pen is found', () => {
  const slips = (text: string): readonly string[] => [
    `${text}s`,
    text.slice(1),
    text.replace(/[a-z]/i, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    ),
  ];
  const queriesLike = ({ query }: UsedMetric, part: string): readonly UsedMetric['query'][] => {
    const { dimensions } = query;
    const entries = Object.entries(dimensions);
    switch (part) {
      case 'namespace':
        return slips(query.namespace).map((namespace) => ({ ...query, namespace }));
      case 'name':
        return slips(query.name).map((name) => ({ ...query, name }));
      case 'statistic':
        return slips(query.statistic).map((statistic) => ({ ...query, statistic }));
      case 'dimension':
        return [
          ...entries.flatMap(([key, value]) =>
            slips(key).map((slip) => {
              const { [key]: _, ...others } = dimensions;
              return { ...query, dimensions: { ...others, [slip]: value } };
            }),
          ),
          ...entries.map(([key]) => {
            const { [key]: _, ...others } = dimensions;
            return { ...query, dimensions: others };
          }),
          { ...query, dimensions: { ...dimensions, Lane2: 'critical' } },
        ];
      default:
        return entries.flatMap(([key, value]) =>
          slips(value).map((slip) => ({ ...query, dimensions: { ...dimensions, [key]: slip } })),
        );
    }
  };

  test.each(['namespace', 'name', 'dimension', 'value of a dimension', 'statistic'])(
    'in the %s of each metric that is used',
    (part) => {
      const missed = planned.used.flatMap((one) =>
        queriesLike(one, part)
          .filter((query) => unproven(query, emitted, planned.resources) === undefined)
          .map((query) => ({ where: one.where, query })),
      );
      expect(missed).toEqual([]);
    },
  );

  test('where the name of a function stands for that of a table', () => {
    const [ofFunction, ofTable] = ['AWS/Lambda', 'AWS/DynamoDB'].map((namespace) =>
      planned.used.find(({ query }) => query.namespace === namespace),
    );
    const [name] = Object.values(ofFunction?.query.dimensions ?? {});
    const query = { ...ofTable!.query, dimensions: { TableName: name ?? '' } };
    expect(unproven(query, emitted, planned.resources)).toBe(
      `the template has no AWS::DynamoDB::Table called ${name}`,
    );
  });
});
