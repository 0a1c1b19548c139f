import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { kinesisClient } from '../../shared/adapters/kinesis/kinesis-client.ts';
import { kinesisEventLogReader } from '../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { quietHandler } from '../../shared/adapters/lambda/quiet-handler.ts';
import { s3AuditStates } from '../../shared/adapters/s3/s3-audit-states.ts';
import { s3QuarantinedRecords } from '../../shared/adapters/s3/s3-quarantined-records.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { store as config } from '../../store.config.ts';
import { auditProfiles, type AuditDependencies } from './handler.ts';

const streams = { critical: required('CRITICAL_STREAM'), bulk: required('BULK_STREAM') };
const mappings = { critical: required('CRITICAL_MAPPING'), bulk: required('BULK_MAPPING') };
const bucket = required('QUARANTINE_BUCKET');
const dependencies: AuditDependencies = {
  streams: kinesisEventLogReader({ client: kinesisClient(), streams }),
  store: dynamodbProfileStore({ client: dynamodbClient(), table: required('PROFILES_TABLE') }),
  quarantine: s3QuarantinedRecords({ bucket, streams, mappings }),
  states: s3AuditStates({ bucket }),
  retentionMs: Number(required('STREAM_RETENTION_HOURS')) * 3_600_000,
  windows: segmentsOfConfig(config.segments).windows,
  clock: systemClock,
  meter: emfMeter(),
  log: powertoolsLog('audit-profiles'),
};
countColdStart('audit-profiles', dependencies.meter);

export const handler = quietHandler(
  (event: unknown, context: { getRemainingTimeInMillis(): number }) =>
    auditProfiles(event, context, dependencies),
  dependencies.log,
);
