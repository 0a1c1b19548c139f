import { Duration } from 'aws-cdk-lib';
import { Color, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { FoldLane } from '../fold-lane.ts';
import type { RegionCounting } from '../region-counting.ts';
import type { Stage } from '../stage.ts';
import { storeMetric } from '../store-metric.ts';
import { heading, MILLISECONDS, row } from './graph.ts';

interface FreshSectionProps {
  readonly stage: Stage;
  readonly lanes: readonly FoldLane[];
  readonly regionCounting: RegionCounting;
}

/** Is it fresh? How long what shoppers do takes to show in their profiles, by lane. */
export function freshSection({ stage, lanes, regionCounting }: FreshSectionProps): readonly IWidget[][] {
  const period = Duration.minutes(1);
  return [
    heading('Is it fresh?', 'From the acknowledgement of an event until a reader of the profile sees it.'),
    row(
      ...lanes.map(({ lane, syncLagObjectiveMs }) => ({
        title: `Sync lag, ${lane} lane`,
        axis: MILLISECONDS,
        objective: {
          value: syncLagObjectiveMs,
          label: `p99 at most ${syncLagObjectiveMs} ms`,
          color: Color.RED,
        },
        lines: (['p50', 'p99'] as const).map((statistic) =>
          storeMetric(stage, 'SyncLag', { Lane: lane }, { statistic, period, label: statistic }),
        ),
      })),
      {
        title: 'Iterator age: how far behind the functions read',
        axis: MILLISECONDS,
        lines: [...lanes.map(({ fold }) => fold), regionCounting.count].map(({ lambda, name }) =>
          lambda.metric('IteratorAge', { statistic: 'Maximum', period, label: name }),
        ),
      },
    ),
  ];
}
