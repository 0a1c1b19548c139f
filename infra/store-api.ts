import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RunbookAlarm } from './runbook-alarm.ts';
import { removalPolicy, serviceName, type Stage } from './stage.ts';
import type { StageFunction } from './stage-function.ts';

/** Who asked for what is nobody's business: the route, not the path (it may hold an id), no address, agent or header. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  functionLatencyMs: '$context.integrationLatency',
  error: '$context.error.responseType',
  integrationStatus: '$context.integration.status',
} as const;

/**
 * What browser clients send along: analytics.js counts its retries, RudderStack's names its device and does so too,
 * and a shop's own tracing may put a header on every call. Whoever sends none of them is asked no preflight for it.
 */
const CLIENT_HEADERS = [
  'content-type',
  'authorization',
  'x-retry-count',
  'anonymousid',
  'rsa-retry-attempt',
  'rsa-retry-reason',
  'rsa-since-first-attempt',
  'rsa-since-last-attempt',
  'traceparent',
  'tracestate',
];

export interface StoreApiProps {
  readonly stage: Stage;
  readonly collectEvents: StageFunction;
  readonly decideCheckout: StageFunction;
  readonly readProfile: StageFunction;
  readonly eraseProfile: StageFunction;
}

/** The public HTTP API. Keys are checked by the functions; what no route takes is answered by the collector's 404. */
export class StoreApi extends Construct {
  readonly api: HttpApi;
  readonly url: string;
  readonly accessLogs: LogGroup;
  readonly alarms: readonly RunbookAlarm[];

  constructor(
    scope: Construct,
    id: string,
    { stage, collectEvents, decideCheckout, readProfile, eraseProfile }: StoreApiProps,
  ) {
    super(scope, id);
    const { allowedOrigins, requestsPerSecond, logRetentionDays } = stage.settings;
    const collect = integration('Collect', collectEvents);
    this.api = new HttpApi(this, 'Api', {
      apiName: serviceName(stage),
      createDefaultStage: false,
      defaultIntegration: collect,
      corsPreflight: {
        allowOrigins: [...allowedOrigins],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.OPTIONS],
        allowHeaders: CLIENT_HEADERS,
        exposeHeaders: ['retry-after', 'x-correlation-id'],
        maxAge: Duration.days(1),
      },
    });
    this.api.addRoutes({
      path: '/v1/decisions',
      methods: [HttpMethod.POST],
      integration: integration('Decide', decideCheckout),
    });
    this.api.addRoutes({
      path: '/v1/profiles/{subject+}',
      methods: [HttpMethod.GET],
      integration: integration('Read', readProfile),
    });
    this.api.addRoutes({
      path: '/v1/profiles/{subject+}',
      methods: [HttpMethod.DELETE],
      integration: integration('Erase', eraseProfile),
    });
    this.api.addRoutes({ path: '/v1/{call}', methods: [HttpMethod.POST], integration: collect });
    this.api.addRoutes({
      path: '/v1/projects/{writeKey}/settings',
      methods: [HttpMethod.GET],
      integration: collect,
    });
    this.api.addRoutes({ path: '/sourceConfig', methods: [HttpMethod.GET], integration: collect });

    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: logRetentionDays,
      removalPolicy: removalPolicy(stage),
    });
    const stageOfApi = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: requestsPerSecond },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    this.url = stageOfApi.url;
    this.alarms = [
      new RunbookAlarm(this, 'Answering5xx', {
        metric: this.api.metricServerError({ statistic: 'Sum', period: Duration.minutes(5) }),
        above: 0,
        periods: { breaching: 2, outOf: 3 },
        meaning: 'The API keeps answering requests with 5xx.',
        runbook: 'server-errors',
      }),
    ];
  }
}

/** One permission a function and API instead of one a route. */
function integration(id: string, target: StageFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(id, target.live, { scopePermissionToRoute: false });
}
