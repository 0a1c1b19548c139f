import { Duration } from 'aws-cdk-lib';
import { Color, type IMetric, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { FoldLane } from '../fold-lane.ts';
import type { RegionCounting } from '../region-counting.ts';
import type { Stage } from '../stage.ts';
import { storeMetric } from '../store-metric.ts';
import { COUNT, heading, MILLISECONDS, row } from './graph.ts';

interface LostSectionProps {
  readonly stage: Stage;
  readonly lanes: readonly FoldLane[];
  readonly regionCounting: RegionCounting;
}

/** An audit speaks once in a while. */
const HOUR = Duration.hours(1);

const FATES = {
  EventsAccepted: 'accepted',
  EventsApplied: 'applied',
  EventsDeduplicated: 'deduplicated',
  EventsQuarantined: 'quarantined',
  EventsSuppressed: 'suppressed',
} as const;

/** Is anything lost? What became of the events that were acknowledged. */
export function lostSection({ stage, lanes, regionCounting }: LostSectionProps): readonly IWidget[][] {
  const period = Duration.minutes(5);
  const regions = { mapping: regionCounting.mapping, name: regionCounting.count.name };
  const fates = Object.entries(FATES) as [keyof typeof FATES, string][];
  const audited = (
    name: 'ReconciliationGap' | 'RecordsAudited' | 'ProfilesAudited' | 'ProfileMismatches',
    statistic: 'Maximum' | 'Sum',
    label: string,
  ): IMetric => storeMetric(stage, name, {}, { statistic, period: HOUR, label });
  return [
    heading(
      'Is anything lost?',
      'Accepted = applied + deduplicated + quarantined + suppressed (of people who were erased). The lines of the lanes indicate it, some minutes apart; the audit proves it, record by record.',
    ),
    row(
      {
        title: 'Records not accounted for',
        axis: COUNT,
        objective: { value: 0, label: 'none', color: Color.RED },
        lines: [audited('ReconciliationGap', 'Maximum', 'gap')],
      },
      {
        title: 'Records and profiles audited',
        axis: COUNT,
        lines: [
          audited('RecordsAudited', 'Sum', 'records'),
          audited('ProfilesAudited', 'Sum', 'profiles'),
          audited('ProfileMismatches', 'Sum', 'mismatches'),
        ],
      },
      {
        title: 'Age of the oldest record not audited',
        axis: MILLISECONDS,
        lines: [storeMetric(stage, 'AuditLag', {}, { statistic: 'Maximum', period: HOUR, label: 'audit' })],
      },
    ),
    row(
      ...lanes.map(({ lane }) => ({
        title: `Events, ${lane} lane`,
        axis: COUNT,
        lines: fates.map(([name, label]) =>
          storeMetric(stage, name, { Lane: lane }, { statistic: 'Sum', period, label }),
        ),
      })),
      {
        title: 'Given up by Lambda',
        axis: COUNT,
        lines: [...lanes.map(({ mapping, fold }) => ({ mapping, name: fold.name })), regions].flatMap(
          ({ mapping, name }) => [
            mapping.metricDelivered({ period, label: `${name}: in quarantine` }),
            mapping.metricDropped({ period, label: `${name}: dropped` }),
          ],
        ),
      },
      {
        title: 'Turned down or not understood',
        axis: COUNT,
        lines: [
          storeMetric(stage, 'EventsRejected', {}, { statistic: 'Sum', period, label: 'rejected' }),
          storeMetric(stage, 'UnknownEvents', {}, { statistic: 'Sum', period, label: 'of unknown name' }),
        ],
      },
    ),
  ];
}
