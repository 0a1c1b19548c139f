import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbRegionStore } from '../../shared/adapters/dynamodb/dynamodb-region-store.ts';
import { required } from '../../shared/adapters/environment/required.ts';
import { quietHandler } from '../../shared/adapters/lambda/quiet-handler.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import type { CountDependencies } from './count-batch.ts';
import { countRegions } from './handler.ts';

const dependencies: CountDependencies = {
  store: dynamodbRegionStore({ client: dynamodbClient(), table: required('REGIONS_TABLE') }),
  clock: systemClock,
  meter: emfMeter(),
  log: powertoolsLog('count-regions'),
};
countColdStart('count-regions', dependencies.meter);

export const handler = quietHandler(
  (event: KinesisStreamEvent, context: Context) => countRegions(event, context, dependencies),
  dependencies.log,
);
