import { readFileSync } from 'node:fs';
import { README, readmeWithCosts } from '../bench/cost/cost-page.ts';
import { fixedCost, type PricedResource, type StageResources } from '../bench/cost/fixed-cost.ts';
import { PRICES, usdOf } from '../../infra/price-table.ts';
import { type StageCost, stageCosts, stageResources } from '../bench/cost/stage-cost.ts';
import { costOfDecisions, costOfEvents } from '../bench/cost/usage-cost.ts';
import { countEvents } from '../bench/cost/counted-events.ts';
import { EXCERPT, linesOf } from '../bench/real-events.ts';

const resources = (all: Readonly<Record<string, PricedResource>>): StageResources =>
  new Map(Object.entries(all));
const monthly = (all: Readonly<Record<string, PricedResource>>): number => usdOf(fixedCost(resources(all)));
const provisioned = (shards: number, hours = 24): PricedResource => ({
  Type: 'AWS::Kinesis::Stream',
  Properties: { ShardCount: shards, RetentionPeriodHours: hours },
});
const onDemand: PricedResource = {
  Type: 'AWS::Kinesis::Stream',
  Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' }, RetentionPeriodHours: 168 },
};
const consumer: PricedResource = {
  Type: 'AWS::Kinesis::StreamConsumer',
  Properties: { StreamARN: { 'Fn::ImportValue': 'State:ExportsOutputFnGetAttCriticalStreamArn' } },
};

describe('what the stages cost', () => {
  let costs: readonly StageCost[];
  beforeAll(async () => {
    costs = await stageCosts();
  }, 240_000);

  test('dev costs at most 45 dollars a month while nothing happens', () => {
    const dev = costs.find(({ stage }) => stage === 'dev');
    expect(usdOf(dev?.fixed ?? [])).toBeGreaterThan(20);
    expect(usdOf(dev?.fixed ?? [])).toBeLessThanOrEqual(45);
  });

  test('README says what it costs; if not, npm run cost -- --write brings it up to date', async () => {
    expect(await readmeWithCosts(costs)).toBe(readFileSync(README, 'utf8'));
  });

  test('counting twice comes to the same', async () => {
    expect(await stageCosts()).toEqual(costs);
  }, 240_000);

  test('events that come alone cost more than events that share requests and writes', () => {
    for (const { quietEvents, busyEvents } of costs)
      expect(usdOf(quietEvents)).toBeGreaterThan(2 * usdOf(busyEvents));
  });
});

describe('the fixed price of a resource', () => {
  test('of a type that nobody has priced is not taken for nothing: it fails and names the type', () => {
    const all = { ...Object.fromEntries(stageResources('dev')), Gateway: { Type: 'AWS::EC2::NatGateway' } };
    expect(() => monthly(all)).toThrow(/^AWS::EC2::NatGateway \(Gateway\) has no price/);
  });

  test('of a stream is that of its shards, and of keeping them beyond a day', () => {
    expect(monthly({ CriticalStream: provisioned(2) })).toBeCloseTo(2 * 0.015 * 730);
    expect(monthly({ CriticalStream: provisioned(2, 168) })).toBeCloseTo(2 * 0.035 * 730);
    expect(monthly({ CriticalStream: onDemand })).toBeCloseTo(0.04 * 730);
  });

  test('of enhanced fan-out is paid for each shard of its stream, on an on-demand one for none', () => {
    const bulk = { BulkStream: provisioned(7) };
    const streams = { CriticalStream: provisioned(3), ...bulk };
    expect(monthly({ ...streams, consumer }) - monthly(streams)).toBeCloseTo(3 * 0.015 * 730);
    expect(monthly({ CriticalStream: onDemand, ...bulk, consumer })).toBeCloseTo(
      monthly({ CriticalStream: onDemand, ...bulk }),
    );
    expect(() => monthly({ ...bulk, consumer })).toThrow('consumer reads no stream of this stage');
  });

  test('of an alarm is paid for each metric that it reads, and more below a minute', () => {
    const alarm = (properties: object) => ({
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { ...properties } },
    });
    expect(monthly(alarm({ Period: 60 }))).toBeCloseTo(0.1);
    expect(monthly(alarm({ Period: 10 }))).toBeCloseTo(0.3);
    const stat = { MetricStat: { Period: 60 } };
    expect(monthly(alarm({ Metrics: [stat, stat, { Expression: 'm1 / m2' }] }))).toBeCloseTo(0.2);
    expect(monthly({ Pages: { Type: 'AWS::CloudWatch::CompositeAlarm' } })).toBeCloseTo(0.5);
  });

  test.each<[string, PricedResource]>([
    ['provisioned capacity', { Type: 'AWS::DynamoDB::Table', Properties: { BillingMode: 'PROVISIONED' } }],
    ['for ever', { Type: 'AWS::Logs::LogGroup', Properties: {} }],
    [
      'provisioned concurrency',
      { Type: 'AWS::Lambda::Alias', Properties: { ProvisionedConcurrencyConfig: {} } },
    ],
    ['Advanced', { Type: 'AWS::SSM::Parameter', Properties: { Tier: 'Advanced' } }],
  ])('is refused where it depends on what the table does not have: %s', (said, resource) => {
    expect(() => monthly({ Odd: resource })).toThrow(said);
  });
});

test('on the way through, an event is paid in every function that reads it, by that function’s memory', async () => {
  const counted = await countEvents(linesOf(EXCERPT).slice(0, 50), { critical: 1, bulk: 1 }, 1);
  const dev = stageResources('dev');
  const units = (what: string, all: StageResources): number =>
    costOfEvents({ counted, eventsARequest: 1 }, all)
      .filter((line) => line.what === what)
      .reduce((sum, line) => sum + line.units, 0);
  const events = counted.fold.events;
  const { critical, bulk } = counted.fold.recordBytes;
  expect(units('Lambda invocations', dev)).toBeCloseTo(
    (1_000_000 * (events + 2 * critical.length + bulk.length)) / events,
  );
  const bigger = new Map(
    [...dev].map(([id, resource]) => [
      id,
      resource.Type === 'AWS::Lambda::Function'
        ? { ...resource, Properties: { ...resource.Properties, MemorySize: 2_048 } }
        : resource,
    ]),
  );
  expect(units('Lambda time', bigger)).toBeGreaterThan(units('Lambda time', dev) * 1.9);
  const reads = costOfDecisions(counted, dev).find(({ price }) => price === 'readUnit');
  expect(reads?.units).toBeGreaterThanOrEqual(1_000_000);
});

test('every price names the page of AWS that states it', () => {
  for (const { usd, unit, source } of Object.values(PRICES)) {
    expect(usd).toBeGreaterThan(0);
    expect(unit).not.toBe('');
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/[^ ]*pricing/);
  }
});
