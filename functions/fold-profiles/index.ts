import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { dynamodbSuppressions } from '../../shared/adapters/dynamodb/dynamodb-suppressions.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { kinesisAnnouncements } from '../../shared/adapters/kinesis/kinesis-announcements.ts';
import { kinesisClient } from '../../shared/adapters/kinesis/kinesis-client.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { quietHandler } from '../../shared/adapters/lambda/quiet-handler.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { store as config } from '../../store.config.ts';
import type { FoldDependencies } from './fold-batch.ts';
import { foldProfiles } from './handler.ts';
import { outcomeMeter } from './measure-outcomes.ts';

const HOUR_MS = 3_600_000;
const segments = segmentsOfConfig(config.segments);
/** Of a stage that announces. */
const changes = process.env.CHANGES_STREAM;
const lane = required('LANE') === 'critical' ? 'critical' : 'bulk';
const client = dynamodbClient();
const ports = {
  store: dynamodbProfileStore({ client, table: required('PROFILES_TABLE') }),
  clock: systemClock,
  meter: emfMeter(),
  log: powertoolsLog(`fold-profiles-${lane}`),
};
const dependencies: FoldDependencies = {
  ...ports,
  lane,
  suppressions: dynamodbSuppressions({ client, table: required('SUPPRESSIONS_TABLE') }),
  quarantine: s3Quarantine({ bucket: required('QUARANTINE_BUCKET') }),
  windows: segments.windows,
  streamRetentionMs: Number(required('STREAM_RETENTION_HOURS')) * HOUR_MS,
  ...(lane === 'critical' && { outcomes: outcomeMeter(ports) }),
  ...(changes !== undefined && {
    announcing: {
      segments,
      announcements: kinesisAnnouncements({ client: kinesisClient(), stream: changes }),
    },
  }),
};
countColdStart(`fold-profiles-${lane}`, dependencies.meter);

export const handler = quietHandler(
  (event: KinesisStreamEvent, context: Context) => foldProfiles(event, context, dependencies),
  dependencies.log,
);
