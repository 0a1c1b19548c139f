import { LocalFault } from './fault.ts';

/** Types that the local run acts on. */
const RUN = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::Kinesis::Stream',
  'AWS::Kinesis::StreamConsumer',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Version',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
]);

/** Types that make no difference on one machine: access, encryption, edges, logs, notifications, gradual deploys, clean-up on delete. */
const WITHOUT_EFFECT = new Set([
  'AWS::CDK::Metadata',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::ResourcePolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
  'Custom::LogRetention',
  'Custom::S3AutoDeleteObjects',
]);

/**
 * @throws {LocalFault} naming the first resource whose type matters and cannot be honoured
 */
export function refuseUnknownTypes(
  resources: readonly { readonly id: string; readonly type: string }[],
): void {
  const unknown = resources.find(({ type }) => !RUN.has(type) && !WITHOUT_EFFECT.has(type));
  if (unknown) {
    throw new LocalFault(
      `The local run cannot honour the resource ${unknown.id} of type ${unknown.type}: run it in the cloud, or teach local/ this type.`,
    );
  }
}
