import { randomUUID } from 'node:crypto';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { dynamodbRegionStore } from '../../shared/adapters/dynamodb/dynamodb-region-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { httpHandler } from '../../shared/adapters/http/http-handler.ts';
import { stageTokenVerifier } from '../../shared/adapters/identity/stage-token-verifier.ts';
import { loadKeys, secretsClient } from '../../shared/adapters/secrets/load-keys.ts';
import { sourceKeys } from '../../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { systemTimer } from '../../shared/adapters/system-timer.ts';
import { countColdStart, trueOnce } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { stageSettingsOf } from '../../shared/domain/store-config.ts';
import { store as config } from '../../store.config.ts';
import { decideCheckout, type DecideDependencies } from './handler.ts';
import { knownRegions } from './known-regions.ts';
import { storeBreaker } from './store-breaker.ts';

const client = dynamodbClient();
const store = dynamodbProfileStore({ client, table: required('PROFILES_TABLE') });
// What has to be fetched is asked for first, all at once, and what has to be computed is computed meanwhile. The first
// decision must not pay for the connection: it is made while the function starts.
const starting = Promise.all([
  loadKeys(
    {
      apiKeys: required('API_KEYS_SECRET'),
      subject: required('SUBJECT_SECRET'),
      identity: required('IDENTITY_SECRET'),
    },
    // Who we are is found out once, not once a client.
    secretsClient({ region: client.config.region, credentials: client.config.credentials }),
  ),
  store.query('warm-up', { signal: AbortSignal.timeout(1_000) }).catch(() => []),
]);
const segments = segmentsOfConfig(config.segments);
const decisionConfig = decisionConfigOf(config, segments);
const log = powertoolsLog('decide-checkout');
const regionStore = dynamodbRegionStore({ client, table: required('REGIONS_TABLE') });
const [keys] = await starting;
const { keyOf } = subjectKeys(keys.subject.subjectSecret);
const dependencies: DecideDependencies = {
  store,
  regions: knownRegions({
    store: regionStore,
    clock: systemClock,
    timer: systemTimer,
    log,
    config: config.regions,
  }),
  breaker: storeBreaker({ timer: systemTimer, log }),
  sourceKeys: sourceKeys(keys.apiKeys),
  subjectKeys: { keyOf },
  tokens: await stageTokenVerifier(process.env, {
    secret: keys.identity.identitySecret,
    clock: systemClock,
    timer: systemTimer,
    log,
  }),
  clock: systemClock,
  timer: systemTimer,
  meter: emfMeter(),
  log,
  newDecisionId: () => decisionIdOf(randomUUID(), keyOf),
  isFirst: trueOnce(),
  config: decisionConfig,
  segments,
  stage: {
    ...stageSettingsOf(config, required('STAGE')),
    decisionDeadlineMs: Number(required('DECISION_DEADLINE_MS')),
  },
};
countColdStart('decide-checkout', dependencies.meter);

export const handler = httpHandler((request) => decideCheckout(request, dependencies), dependencies.log);
