import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { dynamodbSuppressions } from '../../shared/adapters/dynamodb/dynamodb-suppressions.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { httpHandler } from '../../shared/adapters/http/http-handler.ts';
import { loadKeys } from '../../shared/adapters/secrets/load-keys.ts';
import { sourceKeys } from '../../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { eraseProfile, type EraseProfileDependencies } from './handler.ts';

const keys = await loadKeys({ apiKeys: required('API_KEYS_SECRET'), subject: required('SUBJECT_SECRET') });
const client = dynamodbClient();
const dependencies: EraseProfileDependencies = {
  store: dynamodbProfileStore({ client, table: required('PROFILES_TABLE') }),
  suppressions: dynamodbSuppressions({ client, table: required('SUPPRESSIONS_TABLE') }),
  sourceKeys: sourceKeys(keys.apiKeys),
  subjectKeys: subjectKeys(keys.subject.subjectSecret),
  clock: systemClock,
  log: powertoolsLog('erase-profile'),
};
countColdStart('erase-profile', emfMeter());

export const handler = httpHandler((request) => eraseProfile(request, dependencies), dependencies.log);
