import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ServiceStack } from './service-stack.ts';
import type { StateStack } from './state-stack.ts';

/** A finding of cdk-nag that stands, where it stands, and why. */
interface Acknowledgement {
  readonly finding: string;
  readonly at: readonly IConstruct[];
  readonly reason: string;
}

/** Every exception from the AWS Solutions rules, in one place. A finding that is not here stops the synth. */
export function acknowledgeFindings(state: StateStack, service: ServiceStack): void {
  const {
    collectEvents,
    decideCheckout,
    readProfile,
    profileErasing,
    criticalLane,
    bulkLane,
    regionCounting,
    profileAudit,
    canary,
    api,
  } = service;
  const folds = [criticalLane.fold, bulkLane.fold];
  const bucketArn = importedName(state, state.quarantine.bucket.bucketArn);

  const acknowledgements: readonly Acknowledgement[] = [
    {
      finding: 'AwsSolutions-S1',
      at: [state.quarantine],
      reason:
        'Nobody but the functions of this stage writes here and people read it by hand, now and then: CloudTrail data ' +
        'events, where an account has them on, say who. A second bucket of access logs would need the same care.',
    },
    {
      finding: 'AwsSolutions-SMG4',
      at: [state.secrets.apiKeys, state.secrets.identity],
      reason:
        'The other half of each key is held by the shop (its servers and token issuer): a rotation on a timer would ' +
        'lock them out. They are rotated by hand, together with the shop.',
    },
    {
      finding: 'AwsSolutions-SMG4',
      at: [state.secrets.subject],
      reason:
        'State, not a credential: every stored key is an HMAC under it, and a new value would orphan all profiles.',
    },
    ...(state.stage.settings.pointInTimeRecovery
      ? []
      : [
          {
            finding: 'AwsSolutions-DDB3',
            at: [state.profiles, state.regions, state.suppressions],
            reason: `The stage ${state.stage.name} holds nothing worth restoring; pointInTimeRecovery in store.config.ts turns it on.`,
          },
        ]),
    {
      finding: 'AwsSolutions-IAM5[Resource::*]',
      at: [collectEvents, decideCheckout, readProfile, profileErasing],
      reason:
        'secretsmanager:BatchGetSecretValue takes no resource. Each secret of the batch is still checked against ' +
        'secretsmanager:GetSecretValue, which names the secrets.',
    },
    {
      finding: `AwsSolutions-IAM5[Resource::${bucketArn}/quarantine/*]`,
      at: [collectEvents, ...folds],
      reason:
        'Keys of quarantined events carry their day and position; adding an object is all that is allowed there.',
    },
    {
      finding: `AwsSolutions-IAM5[Resource::${bucketArn}/aws/lambda/*]`,
      at: [...folds, regionCounting],
      reason:
        'Lambda itself chooses the keys under which it puts discarded batches; adding an object is all that is allowed there.',
    },
    {
      finding: `AwsSolutions-IAM5[Resource::${bucketArn}/aws/lambda/*]`,
      at: [profileAudit],
      reason:
        'Lambda itself chooses the keys under which it puts discarded batches; reading them is the only way to tell which records are in them.',
    },
    {
      finding: 'AwsSolutions-IAM5[Resource::*]',
      at: canary ? [canary] : [],
      reason: 'cloudwatch:DescribeAlarms takes no resource that would let it read one alarm alone; it reads.',
    },
    {
      finding: 'AwsSolutions-APIG4',
      at: [api],
      reason:
        'Keys and identity tokens are checked by the functions: Segment-compatible clients send them as Basic user name or ' +
        'in the body, which no authorizer sees, and a bad token must not cost a shopper the checkout.',
    },
  ];

  for (const { finding, at, reason } of acknowledgements) {
    for (const construct of at) Validations.of(construct).acknowledge({ id: finding, reason });
  }
}

/** How the service stack's template, and so a finding about it, spells a value of the state stack. */
function importedName(state: StateStack, value: string): string {
  const resolved: unknown = state.resolve(state.exportValue(value));
  if (typeof resolved === 'object' && resolved !== null && 'Fn::ImportValue' in resolved) {
    return String(resolved['Fn::ImportValue']);
  }
  throw new Error(`Not exported by ${state.stackName}`);
}
