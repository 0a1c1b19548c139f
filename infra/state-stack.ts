import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ChangesStream } from './changes-stream.ts';
import { EventStream } from './event-stream.ts';
import { ProfilesTable } from './profiles-table.ts';
import { QuarantineBucket } from './quarantine-bucket.ts';
import { RegionsTable } from './regions-table.ts';
import type { Stage } from './stage.ts';
import { SuppressionsTable } from './suppressions-table.ts';
import { StoreSecrets } from './store-secrets.ts';

export interface StateStackProps extends StackProps {
  readonly stage: Stage;
}

/** All that must outlive a deploy: streams, profiles, regional counts, erasings, quarantine, secrets. Nothing here runs. */
export class StateStack extends Stack {
  readonly stage: Stage;
  readonly critical: EventStream;
  readonly bulk: EventStream;
  /** Of a stage that announces. */
  readonly changes?: ChangesStream;
  readonly profiles: ProfilesTable;
  readonly regions: RegionsTable;
  readonly suppressions: SuppressionsTable;
  readonly quarantine: QuarantineBucket;
  readonly secrets: StoreSecrets;

  constructor(scope: Construct, id: string, { stage, ...props }: StateStackProps) {
    super(scope, id, {
      description: `Cartwright (${stage.name}): streams, profiles, regional counts, erasings, quarantine, secrets`,
      terminationProtection: stage.settings.onDelete === 'retain',
      ...props,
    });
    this.stage = stage;
    this.critical = new EventStream(this, 'Critical', { stage, lane: 'critical' });
    this.bulk = new EventStream(this, 'Bulk', { stage, lane: 'bulk' });
    const { changes } = stage.settings;
    if (changes !== undefined) this.changes = new ChangesStream(this, 'Changes', { stage, ...changes });
    this.profiles = new ProfilesTable(this, 'Profiles', { stage });
    this.regions = new RegionsTable(this, 'Regions', { stage });
    this.suppressions = new SuppressionsTable(this, 'Suppressions', { stage });
    this.quarantine = new QuarantineBucket(this, 'Quarantine', { stage });
    this.secrets = new StoreSecrets(this, 'Secrets', { stage });

    const output = (name: string, value: string, description: string): void => {
      new CfnOutput(this, name, { value, description });
    };
    output('CriticalStream', this.critical.stream.streamName, 'Stream of carts, checkouts, orders, consent');
    output('BulkStream', this.bulk.stream.streamName, 'Stream of page views, product views, searches');
    if (this.changes !== undefined)
      output('ChangesStream', this.changes.stream.streamName, 'Stream of who enters and leaves segments');
    output('ProfilesTable', this.profiles.table.tableName, 'Table of all profiles');
    output('RegionsTable', this.regions.table.tableName, 'Table of what regions choose');
    output('SuppressionsTable', this.suppressions.table.tableName, 'Table of who was erased, and when');
    output('QuarantineBucket', this.quarantine.bucket.bucketName, 'Events that could not be applied');
    output('ApiKeysSecret', this.secrets.apiKeys.secretArn, 'Write key and secret key of the sources');
    output(
      'IdentitySecret',
      this.secrets.identity.secretArn,
      'Secret that the shop signs identity tokens with',
    );
    output(
      'SubjectSecret',
      this.secrets.subject.secretArn,
      'Never change it: every stored key depends on it',
    );
  }
}
