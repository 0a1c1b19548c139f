import { Duration } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import { removalPolicy, type Stage } from './stage.ts';

export interface EventStreamProps {
  readonly stage: Stage;
  readonly lane: Lane;
}

/**
 * The durable stream of one lane. It has no physical name of ours: CloudFormation's is unique to each life of the
 * stream, which is what makes it the incarnation that watermarks are compared within.
 */
export class EventStream extends Construct {
  readonly lane: Lane;
  readonly stream: Stream;

  constructor(scope: Construct, id: string, { stage, lane }: EventStreamProps) {
    super(scope, id);
    const { shards } = stage.settings.lanes[lane];
    this.lane = lane;
    this.stream = new Stream(this, 'Stream', {
      ...(shards === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
      retentionPeriod: Duration.hours(stage.settings.streamRetentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: removalPolicy(stage),
    });
  }

  grantAppend(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['kinesis:PutRecords'],
      resourceArns: [this.stream.streamArn],
    });
  }

  /** What reading a stream from time to time takes, whoever else reads it. */
  grantRead(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
      resourceArns: [this.stream.streamArn],
    });
  }

  /** What an event source mapping polls with. */
  grantPoll(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      resourceArns: [this.stream.streamArn],
    });
  }
}
