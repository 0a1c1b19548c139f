import { Duration } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import type { StageSettings } from '../shared/domain/store-config.ts';
import { removalPolicy, type Stage } from './stage.ts';

export interface ChangesStreamProps extends NonNullable<StageSettings['changes']> {
  readonly stage: Stage;
}

/** Where it is told who enters and leaves segments. Whoever reads it brings a mapping of its own. */
export class ChangesStream extends Construct {
  readonly stream: Stream;

  constructor(scope: Construct, id: string, { stage, shards }: ChangesStreamProps) {
    super(scope, id);
    this.stream = new Stream(this, 'Stream', {
      ...(shards === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
      retentionPeriod: Duration.hours(stage.settings.streamRetentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: removalPolicy(stage),
    });
  }

  grantAnnounce(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['kinesis:PutRecords'],
      resourceArns: [this.stream.streamArn],
    });
  }
}
