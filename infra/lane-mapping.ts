import type { Duration } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import {
  type DlqDestinationConfig,
  EventSourceMapping,
  type IEventSourceDlq,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EventStream } from './event-stream.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import { maximumRecordAge, type Stage } from './stage.ts';
import type { StageFunction } from './stage-function.ts';

export interface LaneMappingProps {
  readonly stage: Stage;
  readonly source: EventStream;
  readonly target: StageFunction;
  readonly quarantine: QuarantineBucket;
  readonly batchSize: number;
  /** Absent: a batch is whatever is there. */
  readonly batchingWindow?: Duration;
  /** A push subscription of its own: about 70 ms instead of a poll a second. */
  readonly enhancedFanOut: boolean;
}

/**
 * Feeds one lane's stream to a function. A record that fails is isolated by bisecting, retried until it is too old
 * (a count would give up healthy records after a long outage) and then put, with its bytes, into quarantine.
 */
export class LaneMapping extends Construct {
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, props: LaneMappingProps) {
    super(scope, id);
    const { stage, source, target, quarantine } = props;
    source.grantPoll(target.lambda);
    quarantine.grantDiscard(target.lambda);

    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: target.lambda,
      eventSourceArn: props.enhancedFanOut ? this.subscribe(props) : source.stream.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: props.batchSize,
      ...(props.batchingWindow === undefined ? {} : { maxBatchingWindow: props.batchingWindow }),
      parallelizationFactor: stage.settings.lanes[source.lane].batchesPerShard,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: -1,
      maxRecordAge: maximumRecordAge(stage),
      onFailure: quarantineDestination(quarantine),
    });
  }

  private subscribe({ stage, source, target }: LaneMappingProps): string {
    const consumer = new StreamConsumer(this, 'Consumer', {
      streamConsumerName: `cartwright-${stage.name}-fold-${source.lane}`,
      stream: source.stream,
    });
    Grant.addToPrincipal({
      grantee: target.lambda,
      actions: ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'],
      resourceArns: [consumer.streamConsumerArn],
    });
    return consumer.streamConsumerArn;
  }
}

/** Unlike the library's own, which grants its function to read and delete in the bucket, it grants nothing. */
function quarantineDestination({ bucket }: QuarantineBucket): IEventSourceDlq {
  return { bind: (): DlqDestinationConfig => ({ destination: bucket.bucketArn }) };
}
