import { Duration } from 'aws-cdk-lib';
import { ServicePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { fileURLToPath } from 'node:url';
import { METRIC_NAMESPACE } from '../shared/ports/telemetry.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import { removalPolicy, serviceName, type Stage } from './stage.ts';

/** Folders of `functions/`. */
type FunctionName =
  | 'collect-events'
  | 'fold-profiles'
  | 'count-regions'
  | 'audit-profiles'
  | 'decide-checkout'
  | 'read-profile'
  | 'erase-profile';

const LAMBDA_CREDENTIALS = fileURLToPath(
  new URL('../shared/adapters/aws/lambda-credentials.ts', import.meta.url),
);

/** The alias under which every function is called. */
export const LIVE_ALIAS = 'live';

export interface StageFunctionProps {
  readonly stage: Stage;
  readonly source: FunctionName;
  /** As its metrics and logs call it. Default: as its folder is called. */
  readonly name?: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Invocations at a time that are kept for it, and the most it may have. Absent: the account's common pool. */
  readonly reservedConcurrency?: number | undefined;
  /** Beside what every function gets. Ids and ARNs only: never a secret's value. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * One function with a role and a log group of its own; the role may write to that log group and, until something is
 * granted, nothing else.
 */
export class StageFunction extends Construct {
  readonly name: string;
  readonly lambda: NodejsFunction;
  /** What calls it calls this: the version in service, or two while one takes over from the other. */
  readonly live: Alias;
  readonly memoryMb: number;
  readonly logGroup: LogGroup;
  readonly alarms: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: StageFunctionProps) {
    super(scope, id);
    const { stage, source } = props;
    this.name = props.name ?? source;
    this.memoryMb = props.memoryMb;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: stage.settings.logRetentionDays,
      removalPolicy: removalPolicy(stage),
    });
    this.logGroup = logGroup;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of ${this.node.path} alone`,
    });
    logGroup.grantWrite(role);

    this.lambda = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: fileURLToPath(new URL(`../functions/${source}/index.ts`, import.meta.url)),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      role,
      logGroup,
      // A stage that keeps things keeps old versions: calls can go back to one within seconds.
      currentVersionOptions: { removalPolicy: removalPolicy(stage) },
      awsSdkConnectionReuse: false,
      environment: {
        STAGE: stage.name,
        POWERTOOLS_SERVICE_NAME: serviceName(stage),
        POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
        TRACE_SAMPLE_RATE: String(stage.settings.traceSampleRate),
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...props.environment,
      },
      bundling: {
        format: OutputFormat.ESM,
        // Measured: ESM with the packages' module builds halves the cold start of the CommonJS default.
        mainFields: ['module', 'main'],
        minify: true,
        target: 'node20',
        logLevel: LogLevel.ERROR,
        bundleAwsSDK: true,
        // Lambda gives a function its credentials in one place: the SDK's search of all others is a quarter of a bundle.
        esbuildArgs: { '--alias:@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS },
        // Some CommonJS dependencies call require() of Node's own modules, which ESM output lacks.
        banner:
          "import{createRequire as cartwrightRequire}from'node:module';const require=cartwrightRequire(import.meta.url);",
      },
    });

    this.live = new Alias(this, 'Live', { aliasName: LIVE_ALIAS, version: this.lambda.currentVersion });

    this.alarms = [
      new RunbookAlarm(this, 'Failing', {
        metric: this.lambda.metricErrors({ statistic: 'Sum', period: Duration.minutes(5) }),
        above: 0,
        periods: { breaching: 2, outOf: 3 },
        meaning: `${this.name} keeps failing: it crashes, times out or cannot start.`,
        runbook: 'function-errors',
      }),
      new RunbookAlarm(this, 'Throttled', {
        metric: this.lambda.metricThrottles({ statistic: 'Sum', period: Duration.minutes(5) }),
        above: 0,
        periods: { breaching: 2, outOf: 3 },
        meaning: `${this.name} is turned away: there is no concurrency left for it.`,
        runbook: 'throttles',
      }),
    ];
  }
}
