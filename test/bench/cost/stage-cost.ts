import { METRICS } from '../../../shared/ports/telemetry.ts';
import type { StageName } from '../../../shared/domain/store-config.ts';
import { resourcesOf, synthesized } from '../../infra/synthesized.ts';
import { DIMENSION_VALUES } from '../../metric-proof/dimension-values.ts';
import { EXCERPT, linesOf } from '../real-events.ts';
import { FULL_BATCHES } from '../fold-in-memory.ts';
import { countEvents, type CountedEvents } from './counted-events.ts';
import { fixedCost, type StageResources } from './fixed-cost.ts';
import type { CostLine } from '../../../infra/price-table.ts';
import { costOfDecisions, costOfEvents } from './usage-cost.ts';

/** As analytics-node sends by default: `maxEventsInBatch`. */
export const BUSY_EVENTS_A_REQUEST = 15;
const REGION_BATCH = 10_000;

export interface StageCost {
  readonly stage: StageName;
  /** A month in which nothing happens. */
  readonly fixed: readonly CostLine[];
  /** A month in which every metric has values. */
  readonly metrics: readonly CostLine[];
  /** A million events, each alone: a request and an invocation of every reader for each. */
  readonly quietEvents: readonly CostLine[];
  /** A million events in requests of {@link BUSY_EVENTS_A_REQUEST} and in batches as large as they may be. */
  readonly busyEvents: readonly CostLine[];
  readonly decisions: readonly CostLine[];
}

/** The costs of both stages as store.config.ts has them; the events counted are those of the shipped excerpt. */
export async function stageCosts(): Promise<readonly StageCost[]> {
  const lines = linesOf(EXCERPT);
  const quiet = await countEvents(lines, { critical: 1, bulk: 1 }, 1);
  const busy = await countEvents(lines, FULL_BATCHES, REGION_BATCH);
  return (['dev', 'prod'] as const).map((stage) => costOf(stage, stageResources(stage), quiet, busy));
}

function costOf(
  stage: StageName,
  resources: StageResources,
  quiet: CountedEvents,
  busy: CountedEvents,
): StageCost {
  return {
    stage,
    fixed: fixedCost(resources),
    metrics: [{ what: 'Custom metrics', price: 'customMetric', units: customMetrics() }],
    quietEvents: costOfEvents({ counted: quiet, eventsARequest: 1 }, resources),
    busyEvents: costOfEvents({ counted: busy, eventsARequest: BUSY_EVENTS_A_REQUEST }, resources),
    decisions: costOfDecisions(busy, resources),
  };
}

/** All resources of a stage's stacks, by logical id. */
export function stageResources(stage: StageName): StageResources {
  const { stateTemplate, serviceTemplate } = synthesized(stage);
  const [state, service] = [resourcesOf(stateTemplate), resourcesOf(serviceTemplate)];
  const both = new Map([...state, ...service]);
  if (both.size < state.size + service.size) throw new Error('a logical id stands in both stacks');
  return both;
}

/** CloudWatch bills each combination of a metric's name and dimension values that had a value. */
function customMetrics(): number {
  return Object.values(METRICS).reduce(
    (total, { dimensions }) =>
      total +
      dimensions.reduce((product: number, dimension) => {
        const values = DIMENSION_VALUES[dimension];
        if (values === undefined) throw new Error(`how many values has the dimension ${dimension}?`);
        return product * values.length;
      }, 1),
    0,
  );
}
