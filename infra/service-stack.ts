import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CanaryDeployment } from './canary-deployment.ts';
import { DecisionAlarms } from './decision-alarms.ts';
import { StoreDashboard } from './dashboard/store-dashboard.ts';
import { FoldLane } from './fold-lane.ts';
import { identityEnvironment } from './identity-environment.ts';
import { ProfileAudit } from './profile-audit.ts';
import { ProfileErasing } from './profile-erasing.ts';
import { RegionCounting } from './region-counting.ts';
import { Paging } from './paging.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';
import type { StateStack } from './state-stack.ts';
import { StoreApi } from './store-api.ts';
import { grantReadSecrets } from './store-secrets.ts';
import { ThrottleAlarms } from './throttle-alarms.ts';

export interface ServiceStackProps extends StackProps {
  readonly stage: Stage;
  readonly state: StateStack;
}

/** All that runs. It can be deleted and deployed again without losing an event or a profile. */
export class ServiceStack extends Stack {
  readonly collectEvents: StageFunction;
  readonly criticalLane: FoldLane;
  readonly bulkLane: FoldLane;
  readonly regionCounting: RegionCounting;
  readonly profileAudit: ProfileAudit;
  readonly decideCheckout: StageFunction;
  readonly readProfile: StageFunction;
  readonly profileErasing: ProfileErasing;
  readonly api: StoreApi;
  readonly paging: Paging;
  /** Of a stage that is deployed so. */
  readonly canary?: CanaryDeployment;

  constructor(scope: Construct, id: string, { stage, state, ...props }: ServiceStackProps) {
    super(scope, id, {
      description: `Cartwright (${stage.name}): functions, HTTP API, alarms, dashboard`,
      ...props,
    });
    const { critical, bulk, changes, profiles, regions, suppressions, quarantine, secrets } = state;
    const { enhancedFanOut, decisionDeadlineMs } = stage.settings;

    this.collectEvents = new StageFunction(this, 'CollectEvents', {
      stage,
      source: 'collect-events',
      description: 'Takes events, checks them, answers when they are durable',
      memoryMb: 1024,
      timeoutSeconds: 10,
      environment: {
        CRITICAL_STREAM: critical.stream.streamName,
        BULK_STREAM: bulk.stream.streamName,
        QUARANTINE_BUCKET: quarantine.bucket.bucketName,
        API_KEYS_SECRET: secrets.apiKeys.secretArn,
        SUBJECT_SECRET: secrets.subject.secretArn,
        IDENTITY_SECRET: secrets.identity.secretArn,
        ...identityEnvironment(stage),
      },
    });
    critical.grantAppend(this.collectEvents.lambda);
    bulk.grantAppend(this.collectEvents.lambda);
    quarantine.grantKeep(this.collectEvents.lambda);
    grantReadSecrets(this.collectEvents.lambda, [secrets.apiKeys, secrets.subject, secrets.identity]);

    this.criticalLane = new FoldLane(this, 'CriticalLane', {
      stage,
      source: critical,
      profiles,
      suppressions,
      quarantine,
      changes,
      batchSize: 500,
      enhancedFanOut,
      // Without a push subscription, Lambda polls a shard once a second.
      syncLagObjectiveMs: enhancedFanOut ? 1_000 : 3_000,
      syncLagPagesOn: 'budget',
      iteratorAgeLimit: Duration.minutes(1),
    });
    this.bulkLane = new FoldLane(this, 'BulkLane', {
      stage,
      source: bulk,
      profiles,
      suppressions,
      quarantine,
      changes,
      batchSize: 1_000,
      batchingWindow: Duration.seconds(3),
      enhancedFanOut: false,
      syncLagObjectiveMs: 10_000,
      syncLagPagesOn: 'level',
      iteratorAgeLimit: Duration.minutes(5),
    });

    this.regionCounting = new RegionCounting(this, 'RegionCounting', {
      stage,
      source: critical,
      regions,
      quarantine,
    });

    this.profileAudit = new ProfileAudit(this, 'ProfileAudit', {
      stage,
      critical,
      bulk,
      criticalLane: this.criticalLane,
      bulkLane: this.bulkLane,
      profiles,
      quarantine,
    });

    this.decideCheckout = new StageFunction(this, 'DecideCheckout', {
      stage,
      source: 'decide-checkout',
      description: 'Answers how a checkout is arranged for the person in front of it',
      memoryMb: 1024,
      timeoutSeconds: 5,
      environment: {
        PROFILES_TABLE: profiles.table.tableName,
        REGIONS_TABLE: regions.table.tableName,
        API_KEYS_SECRET: secrets.apiKeys.secretArn,
        SUBJECT_SECRET: secrets.subject.secretArn,
        IDENTITY_SECRET: secrets.identity.secretArn,
        ...identityEnvironment(stage),
        DECISION_DEADLINE_MS: String(decisionDeadlineMs),
      },
    });
    profiles.grantQuery(this.decideCheckout.lambda);
    regions.grantQuery(this.decideCheckout.lambda);
    grantReadSecrets(this.decideCheckout.lambda, [secrets.apiKeys, secrets.subject, secrets.identity]);

    this.readProfile = new StageFunction(this, 'ReadProfile', {
      stage,
      source: 'read-profile',
      description: "Shows the shop's own people and servers one profile",
      memoryMb: 512,
      timeoutSeconds: 10,
      environment: {
        PROFILES_TABLE: profiles.table.tableName,
        API_KEYS_SECRET: secrets.apiKeys.secretArn,
        SUBJECT_SECRET: secrets.subject.secretArn,
      },
    });
    profiles.grantQuery(this.readProfile.lambda);
    // Pages of old orders, for a person who asks for all that is known of them.
    profiles.grantRead(this.readProfile.lambda);
    grantReadSecrets(this.readProfile.lambda, [secrets.apiKeys, secrets.subject]);

    this.profileErasing = new ProfileErasing(this, 'ProfileErasing', {
      stage,
      profiles,
      suppressions,
      secrets,
    });

    const {
      collectEvents,
      criticalLane,
      bulkLane,
      regionCounting,
      profileAudit,
      decideCheckout,
      readProfile,
      profileErasing: { erase: eraseProfile },
    } = this;
    this.api = new StoreApi(this, 'Http', {
      stage,
      collectEvents,
      decideCheckout,
      readProfile,
      eraseProfile,
    });
    const lanes = [criticalLane, bulkLane];
    const functions = [
      collectEvents,
      ...lanes.map(({ fold }) => fold),
      regionCounting.count,
      profileAudit.audit,
      decideCheckout,
      readProfile,
      eraseProfile,
    ];
    const tables = { Profiles: profiles.table, Regions: regions.table };
    const streams = {
      Critical: critical.stream,
      Bulk: bulk.stream,
      ...(changes && { Changes: changes.stream }),
    };

    const decisions = new DecisionAlarms(this, 'Decisions', { stage });
    const throttles = new ThrottleAlarms(this, 'Throttles', { tables, streams });
    const others = [this.api, regionCounting, profileAudit, ...functions, throttles].flatMap(
      ({ alarms }) => alarms,
    );
    const judged = [decisions, ...lanes];
    this.paging = new Paging(this, 'Paging', {
      stage,
      rules: [...judged.flatMap(({ paging }) => paging), ...others],
    });
    if (stage.settings.deployment === 'canary') {
      const alarms = [...judged.flatMap(({ levels }) => levels), ...others];
      this.canary = new CanaryDeployment(this, 'Canary', { stage, functions, alarms });
    }
    const dashboard = new StoreDashboard(this, 'Overview', {
      stage,
      lanes,
      regionCounting,
      functions,
      tables,
      streams: [critical, bulk],
      api: this.api,
      alarms: [
        this.paging.alarm,
        ...(this.canary ? [this.canary.alarm] : []),
        ...judged.flatMap(({ alarms }) => alarms),
        ...others,
      ],
    });

    new CfnOutput(this, 'ApiUrl', {
      value: this.api.url,
      description: 'Where shops send events and ask for decisions',
    });
    new CfnOutput(this, 'AuditFunction', {
      value: profileAudit.audit.live.functionName,
      description: 'What `npm run cli -- audit` invokes',
    });
    new CfnOutput(this, 'DashboardUrl', { value: dashboard.url, description: 'Is all well, at one glance' });
    new CfnOutput(this, 'AlarmTopic', {
      value: this.paging.topic.topicArn,
      description: 'Subscribe to it to be told when something is wrong, and when it is over',
    });
  }
}
