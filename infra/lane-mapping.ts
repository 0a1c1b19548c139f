import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import {
  type DlqDestinationConfig,
  EventSourceMapping,
  type IEventSourceDlq,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EventStream } from './event-stream.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
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

interface EventCountOptions {
  readonly period: Duration;
  readonly label?: string;
}

/**
 * Feeds one lane's stream to a function. A record that fails is isolated by bisecting, retried until it is too old
 * (a count would give up healthy records after a long outage) and then put, with its bytes, into quarantine.
 */
export class LaneMapping extends Construct {
  readonly mapping: EventSourceMapping;
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: LaneMappingProps) {
    super(scope, id);
    const { stage, source, target, quarantine } = props;
    source.grantPoll(target.lambda);
    quarantine.grantDiscard(target.lambda);

    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: target.live,
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
      // Without it nobody counts what Lambda gives up.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });

    const period = Duration.minutes(5);
    const given = `events of the ${source.lane} lane for ${target.name}`;
    this.alarms = [
      new RunbookAlarm(this, 'DeadLetters', {
        metric: this.metricDelivered({ period }),
        above: 0,
        meaning: `Lambda has given up ${given} and put them into quarantine.`,
        runbook: 'dead-letters',
      }),
      new RunbookAlarm(this, 'Dropped', {
        metric: this.metricDropped({ period }),
        above: 0,
        meaning: `Lambda has given up ${given} and could not put them into quarantine: they are lost in hours.`,
        runbook: 'dropped-events',
      }),
    ];
  }

  /** Events that Lambda gave up and that quarantine has. */
  metricDelivered(options: EventCountOptions): Metric {
    return this.metricOf('OnFailureDestinationDeliveredEventCount', options);
  }

  /** Events that Lambda gave up and that quarantine does not have. */
  metricDropped(options: EventCountOptions): Metric {
    return this.metricOf('DroppedEventCount', options);
  }

  private metricOf(metricName: string, options: EventCountOptions): Metric {
    return new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: this.mapping.eventSourceMappingId },
      statistic: 'Sum',
      ...options,
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
