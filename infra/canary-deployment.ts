import { AlarmRule, CompositeAlarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { describeAlarm } from './runbook-alarm.ts';
import { serviceName, type Stage } from './stage.ts';
import type { StageFunction } from './stage-function.ts';

/** Long enough for every alarm that it is rolled back on: the slowest takes two periods of five minutes. */
const SHIFT = LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES;

export interface CanaryDeploymentProps {
  readonly stage: Stage;
  readonly functions: readonly StageFunction[];
  /** Any of them takes the new version back. */
  readonly alarms: readonly IAlarm[];
}

/**
 * A new version of each function serves a tenth of its calls for a quarter of an hour, then all of them. If anything is
 * raised meanwhile, calls go to the old version again at once, and the deploy fails.
 */
export class CanaryDeployment extends Construct {
  /** Over levels, not over budgets: what only a tenth of the shoppers meet burns no budget fast. */
  readonly alarm: CompositeAlarm;

  constructor(scope: Construct, id: string, { stage, functions, alarms }: CanaryDeploymentProps) {
    super(scope, id);
    const alarmName = `${serviceName(stage)}-rollback`;
    this.alarm = new CompositeAlarm(this, 'Rollback', {
      compositeAlarmName: alarmName,
      alarmRule: AlarmRule.anyOf(...alarms),
      alarmDescription: describeAlarm({
        meaning: 'A service level is missed: a deploy that is under way is rolled back, and none begins.',
        runbook: 'rollback',
      }),
    });
    // By its name alone: its alarms look at event sources, which wait for the aliases, which wait for this.
    const watched = CompositeAlarm.fromCompositeAlarmName(this, 'Watched', alarmName);

    const application = new LambdaApplication(this, 'Application');
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'Shifts calls from one version of a function to the next, as its alarms allow',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
        resources: functions.map(({ live, lambda }) => `${lambda.functionArn}:${live.aliasName}`),
      }),
    );
    // CloudWatch knows no smaller share of it.
    role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    for (const { name, live } of functions) {
      new LambdaDeploymentGroup(this, name, {
        application,
        alias: live,
        deploymentConfig: SHIFT,
        alarms: [watched],
        // What the library would add lets it update every function's aliases.
        role: role.withoutPolicyUpdates(),
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      });
    }
  }
}
