import * as v from 'valibot';

/** Only `none` may stand there: the property changes what happens, and nothing here honours it. */
export const notHonoured = v.optional(v.never('is not honoured by the local run'));

export const FunctionProperties = v.object({
  Code: v.object({ ZipFile: notHonoured, ImageUri: notHonoured, S3Key: v.string() }),
  Handler: v.string(),
  Runtime: v.pipe(v.string(), v.startsWith('nodejs', 'has a runtime other than Node.js')),
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  Environment: v.optional(v.object({ Variables: v.optional(v.record(v.string(), v.string()), {}) }), {}),
  Layers: notHonoured,
  ReservedConcurrentExecutions: v.optional(v.number()),
});

export const EventSourceProperties = v.object({
  EventSourceArn: v.pipe(v.string(), v.includes(':kinesis:', 'has a source other than a Kinesis stream')),
  FunctionName: v.string(),
  Enabled: v.optional(v.boolean(), true),
  StartingPosition: v.picklist(['TRIM_HORIZON', 'LATEST'], 'has a starting position that is not honoured'),
  BatchSize: v.optional(v.number(), 100),
  MaximumBatchingWindowInSeconds: v.optional(v.number(), 0),
  ParallelizationFactor: v.optional(v.number(), 1),
  BisectBatchOnFunctionError: v.optional(v.boolean(), false),
  MaximumRecordAgeInSeconds: v.optional(v.number(), -1),
  MaximumRetryAttempts: v.optional(v.number(), -1),
  FunctionResponseTypes: v.optional(v.array(v.string()), []),
  DestinationConfig: v.optional(
    v.object({
      OnFailure: v.optional(
        v.object({
          Destination: v.pipe(v.string(), v.startsWith('arn:aws:s3:::', 'has a destination other than S3')),
        }),
      ),
    }),
    {},
  ),
  FilterCriteria: notHonoured,
  TumblingWindowInSeconds: notHonoured,
});

export const RuleProperties = v.object({
  EventPattern: notHonoured,
  ScheduleExpression: v.pipe(
    v.string('is a rule without a schedule'),
    v.regex(/^rate\(\d+ (minute|hour|day)s?\)$/, 'has a schedule other than rate(…)'),
  ),
  State: v.optional(v.picklist(['ENABLED', 'DISABLED']), 'ENABLED'),
  Targets: v.optional(
    v.array(
      v.object({
        Arn: v.pipe(v.string(), v.includes(':function:', 'has a target other than a function')),
        Input: v.optional(v.string()),
        InputPath: notHonoured,
        InputTransformer: notHonoured,
      }),
    ),
    [],
  ),
});

export const ApiProperties = v.object({
  ProtocolType: v.literal('HTTP', 'is not an HTTP API'),
  CorsConfiguration: v.optional(
    v.object({
      AllowOrigins: v.optional(v.array(v.string()), []),
      AllowMethods: v.optional(v.array(v.string()), []),
      AllowHeaders: v.optional(v.array(v.string()), []),
      ExposeHeaders: v.optional(v.array(v.string()), []),
      AllowCredentials: v.optional(v.boolean(), false),
      MaxAge: v.optional(v.number()),
    }),
  ),
});

export const StageProperties = v.object({
  StageName: v.literal('$default', 'is a stage other than $default'),
});

export const RouteProperties = v.object({
  RouteKey: v.string(),
  Target: v.pipe(v.string(), v.startsWith('integrations/')),
  AuthorizationType: v.optional(v.literal('NONE', 'has an authorizer, which is not honoured'), 'NONE'),
});

export const IntegrationProperties = v.object({
  IntegrationType: v.literal('AWS_PROXY', 'is an integration other than AWS_PROXY'),
  IntegrationUri: v.string(),
  PayloadFormatVersion: v.literal('2.0', 'has a payload format other than 2.0'),
  TimeoutInMillis: v.optional(v.number(), 30_000),
});
