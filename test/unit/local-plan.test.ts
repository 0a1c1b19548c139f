import type { Json } from '../../shared/domain/json.ts';
import type { Template } from '../../local/assembly.ts';
import { planRun } from '../../local/plan.ts';
import { refuseUnknownTypes } from '../../local/resource-types.ts';
import { openStackSet, type Resource } from '../../local/stacks.ts';

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, Json>> }>
>;

const fold: Resources = {
  Stream: { Type: 'AWS::Kinesis::Stream' },
  Bucket: { Type: 'AWS::S3::Bucket' },
  Fold: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Key: 'abc.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 60,
      Environment: { Variables: { STREAM: { Ref: 'Stream' } } },
    },
  },
};
const mapping = (properties: Readonly<Record<string, Json>> = {}): Resources => ({
  ...fold,
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
      FunctionName: { Ref: 'Fold' },
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    },
  },
});

const rule = (properties: Readonly<Record<string, Json>> = {}): Resources => ({
  ...fold,
  Clock: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(1 hour)',
      Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Fold', 'Arn'] } }],
      ...properties,
    },
  },
});

function resourcesOf(resources: Resources): readonly Resource[] {
  const template: Template = {
    Resources: Object.fromEntries(
      Object.entries(resources).map(([id, { Type, Properties = {} }]) => [id, { Type, Properties }]),
    ),
    Parameters: {},
    Conditions: {},
    Mappings: {},
    Outputs: {},
  };
  return openStackSet({
    assembly: { stacks: [{ name: 'Stack', template }], assets: new Map() },
    names: { nameOf: (key) => `${key.replace('Stack/', '')}-1`, renew: () => undefined },
    region: 'us-east-1',
    apiUrl: 'http://127.0.0.1:1',
  }).resources;
}

const plan = (resources: Resources) =>
  planRun(resourcesOf(resources), new Map([['abc.zip', '/assets/abc']]), (name) => `arn:${name}`);

describe('what a template asks for', () => {
  it('of an event source mapping, with what is left out as AWS has it', () => {
    expect(plan(mapping()).eventSources).toEqual([
      {
        id: 'Mapping',
        uuid: 'Mapping-1',
        functionName: 'Fold-1',
        streamName: 'Stream-1',
        streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/Stream-1',
        startingPosition: 'TRIM_HORIZON',
        batchSize: 100,
        windowMs: 0,
        parallelization: 1,
        bisect: false,
        maxAgeSeconds: -1,
        maxRetries: -1,
        partialResponses: false,
      },
    ]);
  });

  it('of one with everything, through a consumer of its own', () => {
    const resources = {
      ...mapping({
        EventSourceArn: { Ref: 'Consumer' },
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 3,
        ParallelizationFactor: 2,
        BisectBatchOnFunctionError: true,
        MaximumRecordAgeInSeconds: 72_000,
        MaximumRetryAttempts: 5,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Bucket', 'Arn'] } } },
      }),
      Consumer: {
        Type: 'AWS::Kinesis::StreamConsumer',
        Properties: { ConsumerName: 'fold', StreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
      },
    };
    expect(plan(resources).eventSources).toMatchObject([
      {
        streamName: 'Stream-1',
        batchSize: 500,
        windowMs: 3_000,
        parallelization: 2,
        bisect: true,
        maxAgeSeconds: 72_000,
        maxRetries: 5,
        partialResponses: true,
        failureBucket: 'Bucket-1',
      },
    ]);
  });

  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(15 minutes)', 900_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('of a rule: %s its function is invoked', (ScheduleExpression, everyMs) => {
    const { schedules, functions } = plan(rule({ ScheduleExpression }));
    expect(schedules).toEqual([{ id: 'Clock', ruleName: 'Clock-1', everyMs, functionName: 'Fold-1' }]);
    expect(functions).toHaveLength(1);
  });

  it('of a rule: with what its function is given; of one that is switched off, nothing', () => {
    const targets = [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Fold', 'Arn'] }, Input: '{"scheduled":{"a":1}}' }];
    expect(plan(rule({ Targets: targets })).schedules).toMatchObject([{ input: { scheduled: { a: 1 } } }]);
    expect(plan(rule({ State: 'DISABLED' })).schedules).toEqual([]);
  });

  it('of a function: its asset, its time, its environment; and nothing of one that nobody calls', () => {
    expect(plan(mapping()).functions).toEqual([
      {
        id: 'Fold',
        name: 'Fold-1',
        arn: 'arn:Fold-1',
        modulePath: '/assets/abc/index',
        exportName: 'handler',
        handler: 'index.handler',
        timeoutMs: 60_000,
        memoryMb: 128,
        environment: { STREAM: 'Stream-1' },
      },
    ]);
    expect(plan(fold).functions).toEqual([]);
  });

  it('of an alias: the function that it is of', () => {
    const live: Resources = {
      ...fold,
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fold' } } },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'Fold' },
          FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
          Name: 'live',
        },
      },
    };
    const split = { 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: 'Live' }] }] };
    const byName = { ...mapping({ FunctionName: { 'Fn::Join': ['', [split, ':live']] } }), ...live };
    expect(plan(byName).eventSources.map(({ functionName }) => functionName)).toEqual(['Fold-1']);
    const byArn = { ...rule({ Targets: [{ Id: 'Target0', Arn: { Ref: 'Live' } }] }), ...live };
    expect(plan(byArn).schedules.map(({ functionName }) => functionName)).toEqual(['Fold-1']);
    expect(plan(byArn).functions.map(({ name }) => name)).toEqual(['Fold-1']);
  });
});

describe('what cannot be honoured is refused by name', () => {
  it.each([
    [
      'a filter',
      mapping({ FilterCriteria: { Filters: [] } }),
      /^The resource Mapping .*FilterCriteria is not honoured/,
    ],
    [
      'a queue as source',
      mapping({ EventSourceArn: 'arn:aws:sqs:x:y:z' }),
      /Mapping .*other than a Kinesis stream/,
    ],
    [
      'a queue as destination',
      mapping({ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x:y:z' } } }),
      /Mapping .*other than S3/,
    ],
    ['a start by time', mapping({ StartingPosition: 'AT_TIMESTAMP' }), /Mapping .*starting position/],
    ['a schedule by the clock', rule({ ScheduleExpression: 'cron(0 3 * * ? *)' }), /Clock .*other than rate/],
    [
      'a rule for events',
      rule({ EventPattern: { source: ['aws.s3'] } }),
      /Clock .*EventPattern is not honoured/,
    ],
    [
      'a rule that calls no function',
      rule({ Targets: [{ Id: 'T', Arn: 'arn:aws:sqs:x:y:z' }] }),
      /Clock .*target other than a function/,
    ],
    [
      'a WebSocket API',
      { Socket: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'WEBSOCKET' } } },
      /Socket .*is not an HTTP API/,
    ],
  ])('%s', (_, resources: Resources, sentence) => {
    expect(() => plan(resources)).toThrow(sentence);
  });

  it('a type that matters; a type that does not is passed over', () => {
    expect(() => refuseUnknownTypes([{ id: 'Role', type: 'AWS::IAM::Role' }])).not.toThrow();
    expect(() => refuseUnknownTypes([{ id: 'Jobs', type: 'AWS::SQS::Queue' }])).toThrow(
      /Jobs of type AWS::SQS::Queue/,
    );
  });
});
