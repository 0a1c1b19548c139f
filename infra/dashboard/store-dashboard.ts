import { Aws, Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { EventStream } from '../event-stream.ts';
import type { FoldLane } from '../fold-lane.ts';
import type { RegionCounting } from '../region-counting.ts';
import type { Stage } from '../stage.ts';
import type { StageFunction } from '../stage-function.ts';
import type { StoreApi } from '../store-api.ts';
import { costSection } from './cost.ts';
import { freshSection } from './fresh.ts';
import { healthySection } from './healthy.ts';
import { lostSection } from './lost.ts';
import { servedSection } from './served.ts';

export interface StoreDashboardProps {
  readonly stage: Stage;
  readonly lanes: readonly FoldLane[];
  readonly regionCounting: RegionCounting;
  readonly functions: readonly StageFunction[];
  /** By the name that people give it. */
  readonly tables: Readonly<Record<string, ITable>>;
  readonly streams: readonly EventStream[];
  readonly api: StoreApi;
  /** What pages first. */
  readonly alarms: readonly IAlarm[];
}

/** One page, read from top to bottom: is anything wrong, and then five questions in the order in which they matter. */
export class StoreDashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: StoreDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: 24, height: 6 })],
        ...servedSection(props.stage),
        ...freshSection(props),
        ...lostSection(props),
        ...healthySection(props),
        ...costSection(props),
      ],
    });
    const console = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home`;
    this.url = `${console}?region=${Aws.REGION}#dashboards/dashboard/${dashboard.dashboardName}`;
  }
}
