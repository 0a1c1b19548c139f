import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import type { Stage } from './stage.ts';
import { StageStream } from './stage-stream.ts';

export interface EventStreamProps {
  readonly stage: Stage;
  readonly lane: Lane;
}

/** The durable stream of one lane. */
export class EventStream extends Construct {
  readonly lane: Lane;
  readonly stream: StageStream;

  constructor(scope: Construct, id: string, { stage, lane }: EventStreamProps) {
    super(scope, id);
    this.lane = lane;
    this.stream = new StageStream(this, 'Stream', { stage, shards: stage.settings.lanes[lane].shards });
  }

  grantAppend(grantee: IGrantable): Grant {
    return this.stream.grantPut(grantee);
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
