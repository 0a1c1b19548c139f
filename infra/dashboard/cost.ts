import { Duration } from 'aws-cdk-lib';
import { type IMetric, type IWidget, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { EventStream } from '../event-stream.ts';
import { PRICES, PRICES_AS_OF, PRICES_REGION } from '../price-table.ts';
import type { Stage } from '../stage.ts';
import type { StageFunction } from '../stage-function.ts';
import type { StoreApi } from '../store-api.ts';
import { storeMetric } from '../store-metric.ts';
import { COUNT, DOLLARS_AN_HOUR, heading, row } from './graph.ts';

interface CostSectionProps {
  readonly stage: Stage;
  readonly functions: readonly StageFunction[];
  readonly tables: Readonly<Record<string, ITable>>;
  readonly streams: readonly EventStream[];
  readonly api: StoreApi;
}

/** The sum over an hour is a rate by the hour. */
const HOUR = Duration.hours(1);
const GIGABYTE = 2 ** 30;

const EXPLANATION =
  'Estimated: what AWS itself counted in each hour (invocations and their time, write and read units, requests, events, bytes ' +
  `of logs), times the list prices of ${PRICES_REGION} as of ${PRICES_AS_OF}. Not in it: what is paid whatever happens (\`npm run cost\` ` +
  'says how much), storage, traffic, taxes and free tiers.';

/** What does it cost? Each counted unit times its price: the part of the bill that grows with the shop. */
export function costSection({
  stage,
  functions,
  tables,
  streams,
  api,
}: CostSectionProps): readonly IWidget[][] {
  const lines: IMetric[] = [
    ...functions.map(costOfFunction),
    ...Object.entries(tables).flatMap(([name, table]) => [
      times(unitsOf(table, 'Write'), PRICES.writeUnit.usd, `writes to ${name}`),
      times(unitsOf(table, 'Read'), PRICES.readUnit.usd, `reads of ${name}`),
    ]),
    ...streams.map((stream) => costOfStream(stage, stream)),
    times(api.api.metricCount(hourly('requests')), PRICES.httpApiRequest.usd, 'requests to the API'),
    ...functions.map(({ logGroup, name }) => costOfLogs(logGroup, name)),
    costOfLogs(api.accessLogs, 'the API'),
  ];
  return [
    heading('What does it cost?', EXPLANATION),
    row(
      { title: 'Estimated cost, USD an hour', axis: DOLLARS_AN_HOUR, stacked: true, lines },
      {
        title: 'Counted units an hour',
        axis: COUNT,
        lines: [
          ...Object.entries(tables).flatMap(([name, table]) => [
            unitsOf(table, 'Write', `write units, ${name}`),
            unitsOf(table, 'Read', `read units, ${name}`),
          ]),
          ...functions.map(({ lambda, name }) => lambda.metricInvocations(hourly(`calls of ${name}`))),
          ...streams.map(({ stream, lane }) =>
            stream.metricIncomingRecords(hourly(`events, ${lane} stream`)),
          ),
          api.api.metricCount(hourly('requests to the API')),
        ],
      },
      {
        title: 'Items written an hour',
        axis: COUNT,
        lines: [
          ...streams.map(({ lane }) =>
            storeMetric(stage, 'FacetWrites', { Lane: lane }, hourly(`facets, ${lane} lane`)),
          ),
          storeMetric(stage, 'RegionWrites', {}, hourly('cells of regions')),
          storeMetric(stage, 'DevicesAbsorbed', {}, hourly('silent devices absorbed')),
        ],
      },
    ),
  ];
}

function costOfFunction({ lambda, memoryMb, name }: StageFunction): IMetric {
  const perCall = decimal(PRICES.lambdaRequest.usd);
  const perMillisecond = decimal(((memoryMb / 1024) * PRICES.lambdaArmGbSecond.usd) / 1000);
  const [calls, time] = ['calls', 'time'].map((what) => `${what}_${idOf(name)}`) as [string, string];
  return new MathExpression({
    expression: `${calls} * ${perCall} + ${time} * ${perMillisecond}`,
    usingMetrics: {
      [calls]: lambda.metricInvocations(hourly(name)),
      [time]: lambda.metricDuration(hourly(name)),
    },
    period: HOUR,
    label: name,
  });
}

function costOfStream(stage: Stage, { stream, lane }: EventStream): IMetric {
  const label = `events, ${lane} stream`;
  return stage.settings.lanes[lane].shards === 'on-demand'
    ? times(stream.metricIncomingBytes(hourly(label)), PRICES.onDemandInGb.usd / GIGABYTE, label)
    : times(stream.metricIncomingRecords(hourly(label)), PRICES.putPayloadUnit.usd, label);
}

/** The library's own metric of a log group leaves out which log group: it is that of the whole account. */
function costOfLogs({ logGroupName }: ILogGroup, name: string): IMetric {
  const bytes = new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: logGroupName },
    ...hourly(name),
  });
  return times(bytes, PRICES.logGb.usd / GIGABYTE, `logs of ${name}`);
}

function unitsOf(table: ITable, kind: 'Read' | 'Write', label: string = kind): IMetric {
  return table.metric(`Consumed${kind}CapacityUnits`, hourly(label));
}

function hourly(label: string): {
  readonly statistic: 'Sum';
  readonly period: Duration;
  readonly label: string;
} {
  return { statistic: 'Sum', period: HOUR, label };
}

function times(units: IMetric, price: number, label: string): IMetric {
  const id = `units_${idOf(label)}`;
  return new MathExpression({
    expression: `${id} * ${decimal(price)}`,
    usingMetrics: { [id]: units },
    period: HOUR,
    label,
  });
}

/** Metric math knows small letters, digits and `_`. */
function idOf(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

/** Metric math reads no exponents. */
function decimal(value: number): string {
  return value.toFixed(15).replace(/0+$/, '');
}
