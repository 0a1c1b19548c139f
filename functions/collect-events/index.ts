import { required } from '../../shared/adapters/environment/required.ts';
import { httpHandler } from '../../shared/adapters/http/http-handler.ts';
import { stageTokenVerifier } from '../../shared/adapters/identity/stage-token-verifier.ts';
import { kinesisClient } from '../../shared/adapters/kinesis/kinesis-client.ts';
import { kinesisEventLog } from '../../shared/adapters/kinesis/kinesis-event-log.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { loadKeys } from '../../shared/adapters/secrets/load-keys.ts';
import { sourceKeys } from '../../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { systemTimer } from '../../shared/adapters/system-timer.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { collectEvents, type CollectDependencies } from './handler.ts';

const keys = await loadKeys({
  apiKeys: required('API_KEYS_SECRET'),
  subject: required('SUBJECT_SECRET'),
  identity: required('IDENTITY_SECRET'),
});
const log = powertoolsLog('collect-events');
const dependencies: CollectDependencies = {
  eventLog: kinesisEventLog({
    client: kinesisClient(),
    streams: { critical: required('CRITICAL_STREAM'), bulk: required('BULK_STREAM') },
  }),
  quarantine: s3Quarantine({ bucket: required('QUARANTINE_BUCKET') }),
  sourceKeys: sourceKeys(keys.apiKeys),
  subjectKeys: subjectKeys(keys.subject.subjectSecret),
  tokens: await stageTokenVerifier(process.env, {
    secret: keys.identity.identitySecret,
    clock: systemClock,
    timer: systemTimer,
    log,
  }),
  clock: systemClock,
  meter: emfMeter(),
  log,
};
countColdStart('collect-events', dependencies.meter);

export const handler = httpHandler((request) => collectEvents(request, dependencies), dependencies.log);
