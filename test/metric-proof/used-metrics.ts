import type { MetricQuery } from '../../local/metric-store.ts';
import { type Assembly, readAssembly } from '../../local/assembly.ts';
import { planRun, type Plan } from '../../local/plan.ts';
import { openStackSet, type Resource } from '../../local/stacks.ts';

/** A metric that a graph or an alarm shows, compares or computes with. */
export interface UsedMetric {
  readonly where: string;
  readonly query: MetricQuery;
}

export interface PlannedStage {
  readonly used: readonly UsedMetric[];
  readonly resources: readonly Resource[];
}

/**
 * Every metric in an assembly's dashboards and alarms, those inside expressions too.
 *
 * @param nameOf the physical name of a resource, by stack and logical id
 */
export function plannedStage(folder: string, nameOf: (key: string) => string): PlannedStage {
  return planOf(readAssembly(folder), nameOf);
}

export function planOf(assembly: Assembly, nameOf: (key: string) => string): PlannedStage {
  const { resources } = openStackSet({
    assembly,
    names: { nameOf: (key) => nameOf(key), renew: () => undefined },
    region: 'us-east-1',
    apiUrl: 'http://127.0.0.1:1',
  });
  return { used: usedMetrics(planRun(resources, assembly.assets, (name) => name)), resources };
}

function usedMetrics({ alarms, dashboards }: Plan): readonly UsedMetric[] {
  const graphs = dashboards.flatMap(({ widgets }) =>
    widgets.flatMap((widget) =>
      widget.type === 'metric' ? [{ where: `graph "${widget.title}"`, lines: widget.lines }] : [],
    ),
  );
  return [...graphs, ...alarms.map(({ alarm, lines }) => ({ where: `alarm ${alarm}`, lines }))].flatMap(
    ({ where, lines }) =>
      lines.flatMap(({ source }) => ('query' in source ? [{ where, query: source.query }] : [])),
  );
}
