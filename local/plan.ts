import { join } from 'node:path';
import type { AlarmRule } from './alarm.ts';
import type { CompositeRule } from './composite-alarm.ts';
import { type Dashboard, planDashboard } from './dashboard.ts';
import { LocalFault } from './fault.ts';
import { functionNameIn } from './function-name.ts';
import { planAlarm, planCompositeAlarm } from './plan-alarms.ts';
import { readProperties } from './read-properties.ts';
import {
  ApiProperties,
  EventSourceProperties,
  FunctionProperties,
  IntegrationProperties,
  RouteProperties,
  StageProperties,
} from './resource-properties.ts';
import type { Route } from './routes.ts';
import { planSchedule, type SchedulePlan } from './schedule-plan.ts';
import type { Resource } from './stacks.ts';

export interface FunctionPlan {
  /** Logical id, for people and for log files. */
  readonly id: string;
  /** Physical name. */
  readonly name: string;
  readonly arn: string;
  readonly modulePath: string;
  readonly exportName: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Absent: as many at once as are needed. */
  readonly reservedConcurrency?: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface EventSourcePlan {
  readonly id: string;
  readonly uuid: string;
  readonly functionName: string;
  readonly streamName: string;
  readonly streamArn: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly windowMs: number;
  readonly parallelization: number;
  readonly bisect: boolean;
  /** -1: none. */
  readonly maxAgeSeconds: number;
  /** -1: none. */
  readonly maxRetries: number;
  readonly partialResponses: boolean;
  /** Bucket of the on-failure destination. */
  readonly failureBucket?: string;
}

export interface CorsPlan {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number;
}

export interface ApiPlan {
  readonly id: string;
  readonly cors?: CorsPlan;
  readonly routes: readonly (Route & { readonly functionName: string; readonly timeoutMs: number })[];
}

export interface Plan {
  readonly functions: readonly FunctionPlan[];
  readonly eventSources: readonly EventSourcePlan[];
  readonly schedules: readonly SchedulePlan[];
  readonly api?: ApiPlan;
  readonly alarms: readonly AlarmRule[];
  readonly compositeAlarms: readonly CompositeRule[];
  readonly dashboards: readonly Dashboard[];
}

/**
 * What the resources ask this machine to run.
 *
 * @param assets folder of each asset by its S3 key
 * @throws {LocalFault} naming the resource that says something which cannot be honoured
 */
export function planRun(
  resources: readonly Resource[],
  assets: ReadonlyMap<string, string>,
  arnOf: (functionName: string) => string,
): Plan {
  const ofType = (type: string): readonly Resource[] =>
    resources.filter((resource) => resource.type === type);
  const alarms = ofType('AWS::CloudWatch::Alarm').map(planAlarm);
  const api = planApi(ofType);
  const eventSources = ofType('AWS::Lambda::EventSourceMapping').flatMap(planEventSource);
  const schedules = ofType('AWS::Events::Rule').flatMap(planSchedule);
  const used = new Set(
    [...eventSources, ...schedules, ...(api?.routes ?? [])].map(({ functionName }) => functionName),
  );
  return {
    functions: ofType('AWS::Lambda::Function')
      .filter((resource) => used.has(resource.name()))
      .map((resource) => planFunction(resource, assets, arnOf)),
    eventSources,
    schedules,
    ...(api ? { api } : {}),
    alarms,
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').map((resource) =>
      planCompositeAlarm(resource, new Set(alarms.map(({ name }) => name))),
    ),
    dashboards: ofType('AWS::CloudWatch::Dashboard').map(planDashboard),
  };
}

function planFunction(
  resource: Resource,
  assets: ReadonlyMap<string, string>,
  arnOf: (name: string) => string,
): FunctionPlan {
  const properties = readProperties(FunctionProperties, resource);
  const folder = assets.get(properties.Code.S3Key);
  const [file = '', exportName = ''] = properties.Handler.split('.');
  if (folder === undefined)
    throw new LocalFault(`The function ${resource.id} has code that is not among the assets.`);
  return {
    id: resource.id,
    name: resource.name(),
    arn: arnOf(resource.name()),
    modulePath: join(folder, file),
    exportName,
    handler: properties.Handler,
    timeoutMs: properties.Timeout * 1000,
    memoryMb: properties.MemorySize,
    ...(properties.ReservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
    environment: properties.Environment.Variables ?? {},
  };
}

function planEventSource(resource: Resource): readonly EventSourcePlan[] {
  const properties = readProperties(EventSourceProperties, resource);
  if (!properties.Enabled) return [];
  // A consumer's ARN (enhanced fan-out) goes on after its stream's.
  const streamArn = properties.EventSourceArn.replace(/\/consumer\/.*$/, '');
  const bucket = properties.DestinationConfig.OnFailure?.Destination.replace('arn:aws:s3:::', '');
  return [
    {
      id: resource.id,
      uuid: resource.name(),
      functionName: functionNameIn(properties.FunctionName),
      streamName: streamArn.slice(streamArn.lastIndexOf('/') + 1),
      streamArn,
      startingPosition: properties.StartingPosition,
      batchSize: properties.BatchSize,
      windowMs: properties.MaximumBatchingWindowInSeconds * 1000,
      parallelization: properties.ParallelizationFactor,
      bisect: properties.BisectBatchOnFunctionError,
      maxAgeSeconds: properties.MaximumRecordAgeInSeconds,
      maxRetries: properties.MaximumRetryAttempts,
      partialResponses: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      ...(bucket === undefined ? {} : { failureBucket: bucket }),
    },
  ];
}

function planApi(ofType: (type: string) => readonly Resource[]): ApiPlan | undefined {
  const [resource, another] = ofType('AWS::ApiGatewayV2::Api');
  if (another) throw new LocalFault(`${another.id} is a second API; the local run honours one.`);
  if (!resource) return undefined;
  const { CorsConfiguration: cors } = readProperties(ApiProperties, resource);
  for (const stage of ofType('AWS::ApiGatewayV2::Stage')) readProperties(StageProperties, stage);
  const integrations = new Map(ofType('AWS::ApiGatewayV2::Integration').map((one) => [one.name(), one]));
  return {
    id: resource.name(),
    ...(cors
      ? {
          cors: {
            allowOrigins: cors.AllowOrigins,
            allowMethods: cors.AllowMethods,
            allowHeaders: cors.AllowHeaders,
            exposeHeaders: cors.ExposeHeaders,
            allowCredentials: cors.AllowCredentials,
            ...(cors.MaxAge === undefined ? {} : { maxAgeSeconds: cors.MaxAge }),
          },
        }
      : {}),
    routes: ofType('AWS::ApiGatewayV2::Route').map((route) => {
      const { RouteKey, Target } = readProperties(RouteProperties, route);
      const integration = integrations.get(Target.replace('integrations/', ''));
      if (!integration) throw new LocalFault(`The route ${route.id} has no integration.`);
      const { IntegrationUri, TimeoutInMillis } = readProperties(IntegrationProperties, integration);
      return { key: RouteKey, functionName: functionNameIn(IntegrationUri), timeoutMs: TimeoutInMillis };
    }),
  };
}
