/** The on-demand list price of one unit, and the page of AWS that states it. */
export interface Price {
  readonly usd: number;
  readonly unit: string;
  readonly source: string;
}

/** The state of knowledge these were written down from, without looking at the pages again: check before you budget. */
export const PRICES_AS_OF = '2025-06';
export const PRICES_REGION = 'us-east-1';

/** What AWS's own calculators take a month for. */
export const HOURS_A_MONTH = 730;

const KINESIS = 'https://aws.amazon.com/kinesis/data-streams/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const API_GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const SECRETS = 'https://aws.amazon.com/secrets-manager/pricing/';
const KMS = 'https://aws.amazon.com/kms/pricing/';
const WAF = 'https://aws.amazon.com/waf/pricing/';
const TRANSFER = 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer';

/** Of the first tier, without free allowances: those are the account's, not a stage's. */
export const PRICES = {
  shardHour: { usd: 0.015, unit: 'shard-hour', source: KINESIS },
  extendedRetentionShardHour: { usd: 0.02, unit: 'shard-hour kept beyond 24 h', source: KINESIS },
  consumerShardHour: { usd: 0.015, unit: 'consumer-shard-hour', source: KINESIS },
  onDemandStreamHour: { usd: 0.04, unit: 'stream-hour', source: KINESIS },
  putPayloadUnit: { usd: 0.014e-6, unit: 'PUT payload unit of 25 KB', source: KINESIS },
  fanOutGb: { usd: 0.013, unit: 'GB pushed, provisioned stream', source: KINESIS },
  onDemandInGb: { usd: 0.08, unit: 'GB in, each record rounded up to 1 KB', source: KINESIS },
  onDemandOutGb: { usd: 0.04, unit: 'GB read', source: KINESIS },
  onDemandFanOutGb: { usd: 0.05, unit: 'GB pushed, on-demand stream', source: KINESIS },
  onDemandRetentionGbMonth: { usd: 0.1, unit: 'GB-month kept beyond 24 h', source: KINESIS },
  alarmMetric: { usd: 0.1, unit: 'alarm metric a month', source: CLOUDWATCH },
  highResolutionAlarmMetric: { usd: 0.3, unit: 'alarm metric under 60 s a month', source: CLOUDWATCH },
  compositeAlarm: { usd: 0.5, unit: 'composite alarm a month', source: CLOUDWATCH },
  dashboard: { usd: 3, unit: 'dashboard a month', source: CLOUDWATCH },
  customMetric: { usd: 0.3, unit: 'custom metric a month', source: CLOUDWATCH },
  logGb: { usd: 0.5, unit: 'GB of logs taken in', source: CLOUDWATCH },
  secret: { usd: 0.4, unit: 'secret a month', source: SECRETS },
  kmsKey: { usd: 1, unit: 'customer key a month', source: KMS },
  webAcl: { usd: 5, unit: 'web ACL a month', source: WAF },
  webAclRule: { usd: 1, unit: 'rule of a web ACL a month', source: WAF },
  writeUnit: { usd: 0.625e-6, unit: 'write request unit', source: DYNAMODB },
  readUnit: { usd: 0.125e-6, unit: 'read request unit', source: DYNAMODB },
  lambdaRequest: { usd: 0.2e-6, unit: 'invocation', source: LAMBDA },
  lambdaArmGbSecond: { usd: 0.0000133334, unit: 'GB-second, Arm', source: LAMBDA },
  httpApiRequest: { usd: 1e-6, unit: 'HTTP API request of up to 512 KB', source: API_GATEWAY },
  transferOutGb: { usd: 0.09, unit: 'GB out to the internet', source: TRANSFER },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** Some units of one thing that has a price. */
export interface CostLine {
  readonly what: string;
  readonly price: PriceName;
  readonly units: number;
}

export function usdOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { price, units }) => sum + PRICES[price].usd * units, 0);
}
