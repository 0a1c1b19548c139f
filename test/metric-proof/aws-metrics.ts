/** What AWS emits by itself: for which resource, under which dimension, and with which statistics it makes sense. */
export interface AwsMetric {
  readonly dimension: string;
  /** The type of resource whose name the dimension's value is. */
  readonly of: string;
  readonly statistics: readonly string[];
  /** What must stand in the template beside, for AWS to emit it. */
  readonly needs?: 'stream-source' | 'event-counts';
}

const COUNTED = ['Sum'];
const TIMED = ['Average', 'Maximum', 'Minimum', 'p50', 'p90', 'p99', 'p99.9'];

const ofFunction = (statistics: readonly string[], needs?: AwsMetric['needs']): AwsMetric => ({
  dimension: 'FunctionName',
  of: 'AWS::Lambda::Function',
  statistics,
  ...(needs === undefined ? {} : { needs }),
});
const ofMapping: AwsMetric = {
  dimension: 'EventSourceMappingUUID',
  of: 'AWS::Lambda::EventSourceMapping',
  statistics: COUNTED,
  needs: 'event-counts',
};
const ofTable: AwsMetric = { dimension: 'TableName', of: 'AWS::DynamoDB::Table', statistics: COUNTED };
const ofStream: AwsMetric = { dimension: 'StreamName', of: 'AWS::Kinesis::Stream', statistics: COUNTED };
const ofApi = (statistics: readonly string[]): AwsMetric => ({
  dimension: 'ApiId',
  of: 'AWS::ApiGatewayV2::Api',
  statistics,
});

export const AWS_METRICS: Readonly<Record<string, Readonly<Record<string, AwsMetric>>>> = {
  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  'AWS/Lambda': {
    Invocations: ofFunction(COUNTED),
    Errors: ofFunction(COUNTED),
    Throttles: ofFunction(COUNTED),
    // Its sum is what is billed.
    Duration: ofFunction([...TIMED, 'Sum']),
    ConcurrentExecutions: ofFunction(['Maximum']),
    IteratorAge: ofFunction(TIMED, 'stream-source'),
    OnFailureDestinationDeliveredEventCount: ofMapping,
    DroppedEventCount: ofMapping,
  },
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
  'AWS/ApiGateway': {
    Count: ofApi(COUNTED),
    '4xx': ofApi(COUNTED),
    '5xx': ofApi(COUNTED),
    Latency: ofApi(TIMED),
  },
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
  'AWS/DynamoDB': {
    ConsumedReadCapacityUnits: ofTable,
    ConsumedWriteCapacityUnits: ofTable,
    ReadThrottleEvents: ofTable,
    WriteThrottleEvents: ofTable,
  },
  /** https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html */
  'AWS/Kinesis': {
    IncomingRecords: ofStream,
    IncomingBytes: ofStream,
    WriteProvisionedThroughputExceeded: ofStream,
  },
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html */
  'AWS/Logs': {
    IncomingBytes: { dimension: 'LogGroupName', of: 'AWS::Logs::LogGroup', statistics: COUNTED },
  },
};
