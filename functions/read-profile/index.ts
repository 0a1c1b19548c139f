import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { httpHandler } from '../../shared/adapters/http/http-handler.ts';
import { loadKeys } from '../../shared/adapters/secrets/load-keys.ts';
import { sourceKeys } from '../../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { store as config } from '../../store.config.ts';
import { readProfile } from './handler.ts';
import type { ReadProfileDependencies } from './read-subject.ts';

const keys = await loadKeys({ apiKeys: required('API_KEYS_SECRET'), subject: required('SUBJECT_SECRET') });
const dependencies: ReadProfileDependencies = {
  store: dynamodbProfileStore({ client: dynamodbClient(), table: required('PROFILES_TABLE') }),
  sourceKeys: sourceKeys(keys.apiKeys),
  subjectKeys: subjectKeys(keys.subject.subjectSecret),
  segments: segmentsOfConfig(config.segments),
  clock: systemClock,
};
countColdStart('read-profile', emfMeter());

export const handler = httpHandler(
  (request) => readProfile(request, dependencies),
  powertoolsLog('read-profile'),
);
