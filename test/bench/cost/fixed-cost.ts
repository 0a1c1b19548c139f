import { type CostLine, HOURS_A_MONTH } from '../../../infra/price-table.ts';

/** As much of a CloudFormation resource as its price depends on. */
export interface PricedResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The resources of all stacks of a stage, by logical id. */
export type StageResources = ReadonlyMap<string, PricedResource>;

/** What costs something only when it is used (or nothing at all). Everything else must have a price. */
const WITHOUT_FIXED_PRICE: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CDK::Metadata',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentConfig',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
]);

type Pricing = (resource: PricedResource, id: string, all: StageResources) => readonly CostLine[];

const PRICED: Readonly<Record<string, Pricing>> = {
  'AWS::Kinesis::Stream': (stream) => {
    const retention = Number(stream.Properties?.RetentionPeriodHours ?? 24);
    const shards = shardsOf(stream);
    // What an on-demand stream keeps for longer is paid by the GB, with the events.
    if (shards === null)
      return [{ what: 'Kinesis on-demand streams', price: 'onDemandStreamHour', units: HOURS_A_MONTH }];
    const shardHours = shards * HOURS_A_MONTH;
    return [
      { what: 'Kinesis shards', price: 'shardHour', units: shardHours },
      ...(retention > 24
        ? [
            {
              what: 'Kinesis retention beyond 24 h',
              price: 'extendedRetentionShardHour',
              units: shardHours,
            } as const,
          ]
        : []),
    ];
  },
  'AWS::Kinesis::StreamConsumer': ({ Properties }, id, all) => {
    const shards = shardsOf(streamBehind(Properties?.StreamARN, id, all));
    // On an on-demand stream, only what is pushed is paid.
    if (shards === null) return [];
    return [{ what: 'Enhanced fan-out', price: 'consumerShardHour', units: shards * HOURS_A_MONTH }];
  },
  'AWS::CloudWatch::Alarm': ({ Properties = {} }) => {
    const queries = (Properties.Metrics ?? []) as readonly {
      readonly MetricStat?: { readonly Period?: number };
    }[];
    const periods = queries.flatMap(({ MetricStat }) => (MetricStat ? [Number(MetricStat.Period)] : []));
    if (queries.length === 0) periods.push(Number(Properties.Period));
    return periods.map((seconds) => ({
      what: 'Alarms, by metric',
      price: seconds < 60 ? 'highResolutionAlarmMetric' : 'alarmMetric',
      units: 1,
    }));
  },
  'AWS::CloudWatch::CompositeAlarm': () => [{ what: 'Composite alarms', price: 'compositeAlarm', units: 1 }],
  'AWS::CloudWatch::Dashboard': () => [{ what: 'Dashboards', price: 'dashboard', units: 1 }],
  'AWS::SecretsManager::Secret': () => [{ what: 'Secrets', price: 'secret', units: 1 }],
  'AWS::KMS::Key': () => [{ what: 'Customer keys', price: 'kmsKey', units: 1 }],
  'AWS::WAFv2::WebACL': ({ Properties }) => [
    { what: 'Web ACLs', price: 'webAcl', units: 1 },
    { what: 'Rules of web ACLs', price: 'webAclRule', units: ((Properties?.Rules ?? []) as []).length },
  ],
  'AWS::DynamoDB::Table': ({ Properties }, id) => {
    if (Properties?.BillingMode === 'PAY_PER_REQUEST') return [];
    throw new Error(`${id} is billed by provisioned capacity, which has no price in the table yet`);
  },
  'AWS::Logs::LogGroup': ({ Properties }, id) => {
    if (typeof Properties?.RetentionInDays === 'number') return [];
    throw new Error(`${id} keeps its logs for ever: what it costs has no bound`);
  },
  'AWS::Lambda::Version': unprovisioned,
  'AWS::Lambda::Alias': unprovisioned,
  'AWS::SSM::Parameter': ({ Properties }, id) => {
    if ((Properties?.Tier ?? 'Standard') === 'Standard') return [];
    throw new Error(
      `${id} is a parameter of the tier ${String(Properties?.Tier)}, which has no price in the table yet`,
    );
  },
};

/**
 * What a stage costs in a month in which nothing happens, by kind of resource.
 *
 * @throws {Error} naming the type of a resource that is neither priced nor known to have no fixed price
 */
export function fixedCost(resources: StageResources): readonly CostLine[] {
  const lines = new Map<string, CostLine>();
  for (const [id, resource] of resources) {
    if (WITHOUT_FIXED_PRICE.has(resource.Type)) continue;
    const pricing = Object.hasOwn(PRICED, resource.Type) ? PRICED[resource.Type] : undefined;
    if (pricing === undefined)
      throw new Error(
        `${resource.Type} (${id}) has no price: add it to PRICED, or to WITHOUT_FIXED_PRICE if it costs nothing unused`,
      );
    for (const line of pricing(resource, id, resources)) {
      const name = `${line.what}\n${line.price}`;
      lines.set(name, { ...line, units: line.units + (lines.get(name)?.units ?? 0) });
    }
  }
  return [...lines.values()];
}

/** Null: on demand. */
export function shardsOf({ Properties = {} }: PricedResource): number | null {
  const mode = (Properties.StreamModeDetails as { readonly StreamMode?: string } | undefined)?.StreamMode;
  return mode === 'ON_DEMAND' ? null : Number(Properties.ShardCount);
}

/** The stream that an ARN points to, in this stack or, through an export's name, in the other. */
function streamBehind(arn: unknown, id: string, all: StageResources): PricedResource {
  const text = JSON.stringify(arn ?? null);
  const streams = [...all].filter(
    ([streamId, { Type }]) => Type === 'AWS::Kinesis::Stream' && text.includes(streamId),
  );
  const [stream, ...others] = streams;
  if (stream === undefined || others.length > 0)
    throw new Error(`${id} reads no stream of this stage: ${text}`);
  return stream[1];
}

function unprovisioned({ Properties }: PricedResource, id: string): readonly CostLine[] {
  if (Properties?.ProvisionedConcurrencyConfig === undefined) return [];
  throw new Error(`${id} has provisioned concurrency, which has no price in the table yet`);
}
