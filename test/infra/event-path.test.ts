import type { StageName } from '../../shared/domain/store-config.ts';
import { type Json, type JsonObject, logicalIdOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

const STAGES: readonly StageName[] = ['dev', 'prod'];

describe.each(STAGES)('from a stream to a profile, in %s', (name) => {
  const { state, service, stateTemplate, serviceTemplate } = synthesized(name);
  const mappings = [...resourcesOf(serviceTemplate, 'AWS::Lambda::EventSourceMapping').values()].map(
    ({ Properties }) => Properties,
  );
  const functions = resourcesOf(serviceTemplate, 'AWS::Lambda::Function');
  const { streamRetentionHours } = state.stage.settings;

  test('a poisoned record cannot block its shard', () => {
    expect(mappings).toHaveLength(3);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      expect(mapping.MaximumRecordAgeInSeconds).toBeGreaterThan(0);
    }
  });

  test('a failing record is given up by its age alone, while the stream still holds its bytes', () => {
    for (const mapping of mappings) {
      expect(mapping.MaximumRetryAttempts).toBe(-1);
      expect(mapping.MaximumRecordAgeInSeconds).toBe((streamRetentionHours - 4) * 3600);
    }
    for (const stream of resourcesOf(stateTemplate, 'AWS::Kinesis::Stream').values()) {
      expect(stream.Properties.RetentionPeriodHours).toBe(streamRetentionHours);
    }
  });

  test('what is given up keeps its bytes: it goes to the quarantine bucket', () => {
    const bucket = logicalIdOf(state, state.quarantine.bucket);
    for (const mapping of mappings) {
      expect(textOf(mapping.DestinationConfig)).toContain(`FnGetAtt${bucket}Arn`);
    }
  });

  test('no event that came before the first deploy of a function is skipped', () => {
    for (const mapping of mappings) expect(mapping.StartingPosition).toBe('TRIM_HORIZON');
  });

  test('the two lanes share no stream, no function and no role', () => {
    const critical = logicalIdOf(service, service.criticalLane.fold.lambda);
    const bulk = logicalIdOf(service, service.bulkLane.fold.lambda);
    expect(critical).not.toBe(bulk);
    expect(functions.get(critical)?.Properties.Role).not.toEqual(functions.get(bulk)?.Properties.Role);
    expect(mappings.slice(0, 2).map(({ FunctionName }) => textOf(FunctionName))).toEqual(
      [service.criticalLane, service.bulkLane].map(({ fold }) =>
        expect.stringContaining(`'${logicalIdOf(service, fold.live)}'`),
      ),
    );

    const streamsRead = [critical, bulk].map((id) => streamsReadBy(functions.get(id)?.Properties.Role));
    expect(streamsRead).toEqual([
      [logicalIdOf(state, state.critical.stream)],
      [logicalIdOf(state, state.bulk.stream)],
    ]);
  });

  test("in prod no lane can take the other's concurrency; dev, whose account may have little, lends both from one pool", () => {
    const reserved = [service.criticalLane, service.bulkLane].map(
      ({ fold }) => functions.get(logicalIdOf(service, fold.lambda))?.Properties.ReservedConcurrentExecutions,
    );
    expect(reserved).toEqual(name === 'prod' ? [100, 100] : [undefined, undefined]);
  });

  test('regions are counted beside the fold of the critical lane, with nothing shared but the stream', () => {
    const count = logicalIdOf(service, service.regionCounting.count.lambda);
    const fold = logicalIdOf(service, service.criticalLane.fold.lambda);
    expect(textOf(mappings[2]?.FunctionName)).toContain(
      `'${logicalIdOf(service, service.regionCounting.count.live)}'`,
    );
    expect(functions.get(count)?.Properties.Role).not.toEqual(functions.get(fold)?.Properties.Role);
    expect(streamsReadBy(functions.get(count)?.Properties.Role)).toEqual([
      logicalIdOf(state, state.critical.stream),
    ]);
    expect(textOf(functions.get(count)?.Properties.Environment)).not.toContain('PROFILES_TABLE');
  });

  test('each fold knows its lane', () => {
    const lanes = [service.criticalLane, service.bulkLane].map(({ fold }) => {
      const { Environment } = functions.get(logicalIdOf(service, fold.lambda))?.Properties ?? {};
      return (Environment as { readonly Variables: JsonObject }).Variables.LANE;
    });
    expect(lanes).toEqual(['critical', 'bulk']);
  });

  test('each fold knows how long the streams keep an event: a device is absorbed only when it was silent for longer', () => {
    for (const { fold } of [service.criticalLane, service.bulkLane]) {
      const { Environment } = functions.get(logicalIdOf(service, fold.lambda))?.Properties ?? {};
      expect((Environment as { readonly Variables: JsonObject }).Variables.STREAM_RETENTION_HOURS).toBe(
        String(streamRetentionHours),
      );
    }
  });

  test('a cart waits for no batch to fill; page views do', () => {
    const [critical, bulk] = mappings;
    expect(critical).not.toHaveProperty('MaximumBatchingWindowInSeconds');
    expect(bulk?.MaximumBatchingWindowInSeconds).toBeGreaterThanOrEqual(2);
    expect(bulk?.MaximumBatchingWindowInSeconds).toBeLessThanOrEqual(5);
    expect(bulk?.BatchSize).toBeGreaterThanOrEqual(Number(critical?.BatchSize));
  });

  function streamsReadBy(role: Json | undefined): readonly string[] {
    const roleId = textOf(role).match(/'Fn::GetAtt':\['(\w+)'/)?.[1];
    const policies = [...resourcesOf(serviceTemplate, 'AWS::IAM::Policy').values()]
      .map(({ Properties }) => Properties)
      .filter(({ Roles }) => textOf(Roles).includes(`'${roleId}'`));
    const ids = textOf(policies.map(({ PolicyDocument }) => PolicyDocument as Json)).matchAll(
      /FnGetAtt(\w+Stream[0-9A-F]{8})Arn/g,
    );
    return [...new Set([...ids].map(([, id]) => String(id)))];
  }
});

test('regional counts let events gather, and never through the push subscription that a cart pays for', () => {
  const { serviceTemplate } = synthesized('prod', { enhancedFanOut: true });
  const regions = [...resourcesOf(serviceTemplate, 'AWS::Lambda::EventSourceMapping').values()][2]
    ?.Properties;
  expect(regions?.MaximumBatchingWindowInSeconds).toBeGreaterThanOrEqual(30);
  expect(regions?.MaximumBatchingWindowInSeconds).toBeLessThanOrEqual(60);
  expect(regions?.BatchSize).toBe(10_000);
  expect(textOf(regions?.EventSourceArn)).toContain('Fn::ImportValue');
});

test('with enhanced fan-out the critical lane has a push subscription of its own, and only that lane', () => {
  const { serviceTemplate } = synthesized('prod', { enhancedFanOut: true });
  const consumers = resourcesOf(serviceTemplate, 'AWS::Kinesis::StreamConsumer');
  expect(consumers.size).toBe(1);
  const [critical, bulk] = [...resourcesOf(serviceTemplate, 'AWS::Lambda::EventSourceMapping').values()];
  expect(textOf(critical?.Properties.EventSourceArn)).toContain(`'${[...consumers.keys()][0]}'`);
  expect(textOf(bulk?.Properties.EventSourceArn)).toContain('Fn::ImportValue');
});

test('without enhanced fan-out nothing is paid for it', () => {
  const { serviceTemplate } = synthesized('dev', { enhancedFanOut: false });
  serviceTemplate.resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
});
