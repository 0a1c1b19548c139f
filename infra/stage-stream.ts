import { Duration } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import type { LaneSettings } from '../shared/domain/store-config.ts';
import { removalPolicy, type Stage } from './stage.ts';

export interface StageStreamProps extends Pick<LaneSettings, 'shards'> {
  readonly stage: Stage;
}

/**
 * A stream of so many shards, encrypted, and kept or deleted with its stack as the stage says. It has no physical name of
 * ours: CloudFormation's is unique to each life of the stream, which is what makes it the incarnation that watermarks are
 * compared within.
 */
export class StageStream extends Stream {
  constructor(scope: Construct, id: string, { stage, shards }: StageStreamProps) {
    super(scope, id, {
      ...(shards === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
      retentionPeriod: Duration.hours(stage.settings.streamRetentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: removalPolicy(stage),
    });
  }

  /** Putting records into it, and nothing else. */
  grantPut(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['kinesis:PutRecords'],
      resourceArns: [this.streamArn],
    });
  }
}
