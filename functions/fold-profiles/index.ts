import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { quietHandler } from '../../shared/adapters/lambda/quiet-handler.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { powertoolsMeter } from '../../shared/adapters/telemetry/powertools-meter.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { store as config } from '../../store.config.ts';
import type { FoldDependencies } from './fold-batch.ts';
import { foldProfiles } from './handler.ts';
import { outcomeMeter } from './measure-outcomes.ts';

const HOUR_MS = 3_600_000;
const lane = required('LANE') === 'critical' ? 'critical' : 'bulk';
const ports = {
  store: dynamodbProfileStore({ client: dynamodbClient(), table: required('PROFILES_TABLE') }),
  clock: systemClock,
  meter: powertoolsMeter(),
  log: powertoolsLog(`fold-profiles-${lane}`),
};
const dependencies: FoldDependencies = {
  ...ports,
  lane,
  quarantine: s3Quarantine({ bucket: required('QUARANTINE_BUCKET') }),
  windows: segmentsOfConfig(config.segments).windows,
  streamRetentionMs: Number(required('STREAM_RETENTION_HOURS')) * HOUR_MS,
  ...(lane === 'critical' && { outcomes: outcomeMeter(ports) }),
};
countColdStart(`fold-profiles-${lane}`, dependencies.meter);

export const handler = quietHandler(
  (event: KinesisStreamEvent, context: Context) => foldProfiles(event, context, dependencies),
  dependencies.log,
);
