import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbRegionStore } from '../../shared/adapters/dynamodb/dynamodb-region-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { streamHandler } from '../../shared/adapters/lambda/stream-handler.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { powertoolsMeter } from '../../shared/adapters/telemetry/powertools-meter.ts';
import type { CountDependencies } from './count-batch.ts';
import { countRegions } from './handler.ts';

const dependencies: CountDependencies = {
  store: dynamodbRegionStore({ client: dynamodbClient(), table: required('REGIONS_TABLE') }),
  clock: systemClock,
  meter: powertoolsMeter(),
  log: powertoolsLog('count-regions'),
};

export const handler = streamHandler(
  (event, context) => countRegions(event, context, dependencies),
  dependencies.log,
);
