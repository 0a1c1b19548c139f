import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  type YAxisProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Lane } from '../shared/domain/stream-event.ts';
import type { FoldLane } from './fold-lane.ts';
import type { RegionCounting } from './region-counting.ts';
import type { Stage } from './stage.ts';
import { type StoreMetricOptions, storeMetric, storeMetricByValue } from './store-metric.ts';

const LANES: readonly Lane[] = ['critical', 'bulk'];
const LADDER = ['personalized', 'partial', 'regional', 'default'];

export interface StoreDashboardProps {
  readonly stage: Stage;
  readonly lanes: readonly FoldLane[];
  readonly regionCounting: RegionCounting;
  readonly alarms: readonly IAlarm[];
}

/** One page, read from top to bottom: is anything wrong, what do shoppers get, does what they do arrive. */
export class StoreDashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { stage, lanes, regionCounting, alarms }: StoreDashboardProps) {
    super(scope, id);
    const minutely = (statistic: string, label: string): StoreMetricOptions => ({
      statistic,
      label,
      period: Duration.minutes(1),
    });
    const hourly = (statistic: string, label: string): StoreMetricOptions => ({
      ...minutely(statistic, label),
      period: Duration.hours(1),
    });
    const ofLanes = (
      name: 'EventsAccepted' | 'EventsApplied' | 'EventsDeduplicated' | 'EventsQuarantined' | 'FacetWrites',
    ): IMetric[] => LANES.map((Lane) => storeMetric(stage, name, { Lane }, minutely('Sum', Lane)));

    const dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24 })],
        [
          graph(
            'Decisions by ladder',
            LADDER.map((Ladder) => storeMetric(stage, 'Decisions', { Ladder }, minutely('Sum', Ladder))),
          ),
          graph('Fallback rate (objective: at most 0.01)', [
            storeMetric(
              stage,
              'Fallback',
              {},
              { statistic: 'Average', period: Duration.minutes(5), label: 'rate' },
            ),
          ]),
          graph('Fallbacks by reason', [
            storeMetricByValue(stage, 'FallbackReason', 'Reason', {
              statistic: 'Sum',
              period: Duration.minutes(5),
            }),
          ]),
        ],
        [
          graph(
            'Decision latency',
            ['p50', 'p99'].map((p) => storeMetric(stage, 'DecisionLatency', {}, minutely(p, p))),
            MILLISECONDS,
          ),
          graph(
            'Sync lag',
            LANES.flatMap((Lane) =>
              ['p50', 'p99'].map((p) => storeMetric(stage, 'SyncLag', { Lane }, minutely(p, `${Lane} ${p}`))),
            ),
            MILLISECONDS,
          ),
          graph(
            'Age of the oldest unread event',
            [
              ...lanes.map(({ fold, lane }) => ({ lambda: fold.lambda, label: lane })),
              { lambda: regionCounting.count.lambda, label: 'regions' },
            ].map(({ lambda, label }) => lambda.metric('IteratorAge', minutely('Maximum', label))),
            MILLISECONDS,
          ),
        ],
        [
          graph('Events accepted', ofLanes('EventsAccepted')),
          graph('Events applied', ofLanes('EventsApplied')),
          graph('Events deduplicated', ofLanes('EventsDeduplicated')),
        ],
        [
          graph('Events quarantined and rejected', [
            ...ofLanes('EventsQuarantined'),
            storeMetric(stage, 'EventsRejected', {}, minutely('Sum', 'rejected')),
          ]),
          graph('Writes of facets and regional counts', [
            ...ofLanes('FacetWrites'),
            storeMetric(stage, 'RegionWrites', {}, minutely('Sum', 'regions')),
          ]),
          graph('Events of unknown name', [
            storeMetric(stage, 'UnknownEvents', {}, minutely('Sum', 'unknown')),
          ]),
        ],
        [
          graph('Silent devices absorbed', [
            storeMetric(stage, 'DevicesAbsorbed', {}, minutely('Sum', 'absorbed')),
          ]),
        ],
        [
          graph('Records not accounted for (objective: 0)', [
            storeMetric(stage, 'ReconciliationGap', {}, hourly('Maximum', 'gap')),
          ]),
          graph('Records and profiles audited', [
            storeMetric(stage, 'RecordsAudited', {}, hourly('Sum', 'records')),
            storeMetric(stage, 'ProfilesAudited', {}, hourly('Sum', 'profiles')),
            storeMetric(stage, 'ProfileMismatches', {}, hourly('Sum', 'mismatches')),
          ]),
          graph(
            'Age of the oldest record not audited',
            [storeMetric(stage, 'AuditLag', {}, hourly('Maximum', 'audit'))],
            MILLISECONDS,
          ),
        ],
      ],
    });
    const console = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home`;
    this.url = `${console}?region=${Aws.REGION}#dashboards/dashboard/${dashboard.dashboardName}`;
  }
}

const MILLISECONDS: YAxisProps = { label: 'ms', showUnits: false, min: 0 };
const COUNT: YAxisProps = { showUnits: false, min: 0 };

function graph(title: string, left: IMetric[], leftYAxis: YAxisProps = COUNT): IWidget {
  return new GraphWidget({ title, left, leftYAxis, width: 8 });
}
