import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AlarmRule, CompositeAlarm, type IAlarmRule } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { describeAlarm } from './runbook-alarm.ts';
import { serviceName, type Stage } from './stage.ts';

export interface PagingProps {
  readonly stage: Stage;
  /** Any of them pages. */
  readonly rules: readonly IAlarmRule[];
}

/** One alarm over all that somebody must act on at once, and one topic through which it says so, once. */
export class Paging extends Construct {
  readonly alarm: CompositeAlarm;
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { stage, rules }: PagingProps) {
    super(scope, id);
    // The key that AWS manages for SNS does not let CloudWatch in: alarms would be lost without a word.
    const key = new Key(this, 'Key', {
      description: `Alarms of ${serviceName(stage)} on their way to people`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      // It keeps nothing: a message lives as long as its delivery.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cloudwatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    key.grantEncryptDecrypt(cloudwatch);
    this.topic = new Topic(this, 'Topic', {
      displayName: serviceName(stage),
      masterKey: key,
      enforceSSL: true,
    });
    const { alarmEmail } = stage.settings;
    if (alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(alarmEmail));

    this.alarm = new CompositeAlarm(this, 'Page', {
      alarmRule: AlarmRule.anyOf(...rules),
      alarmDescription: describeAlarm({
        meaning: 'A service level is missed, or something may be lost: the alarms behind it say which.',
        runbook: 'page',
      }),
    });
    const send = new SnsAction(this.topic);
    this.alarm.addAlarmAction(send);
    this.alarm.addOkAction(send);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudwatch],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.alarm.alarmArn } },
      }),
    );
  }
}
