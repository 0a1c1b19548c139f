import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { StageName, StageSettings } from '../shared/domain/store-config.ts';

/** What every construct needs to know about the stage that it is built for. */
export interface Stage {
  readonly name: StageName;
  readonly settings: StageSettings;
}

/** The `service` dimension of every metric and log line of a stage. */
export function serviceName(stage: Stage): string {
  return `cartwright-${stage.name}`;
}

export function removalPolicy(stage: Stage): RemovalPolicy {
  return stage.settings.onDelete === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}

/**
 * How long a failing record is retried. It must leave the retry loop while the stream still holds it, or the
 * on-failure destination gets no bytes: four hours are room for a person and for an outage of the destination.
 */
export function maximumRecordAge(stage: Stage): Duration {
  return Duration.hours(stage.settings.streamRetentionHours - 4);
}
