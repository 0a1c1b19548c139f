import { Construct } from 'constructs';
import type { ProfilesTable } from './profiles-table.ts';
import type { Stage } from './stage.ts';
import { StageFunction } from './stage-function.ts';
import { grantReadSecrets, type StoreSecrets } from './store-secrets.ts';
import type { SuppressionsTable } from './suppressions-table.ts';

export interface ProfileErasingProps {
  readonly stage: Stage;
  readonly profiles: ProfilesTable;
  readonly suppressions: SuppressionsTable;
  readonly secrets: StoreSecrets;
}

/** Erases people who ask for it. It overwrites and deletes nothing: what it leaves keeps late events out. */
export class ProfileErasing extends Construct {
  readonly erase: StageFunction;

  constructor(scope: Construct, id: string, { stage, profiles, suppressions, secrets }: ProfileErasingProps) {
    super(scope, id);
    this.erase = new StageFunction(this, 'Erase', {
      stage,
      source: 'erase-profile',
      description: 'Erases a person or a device, for good',
      memoryMb: 512,
      // The API waits no longer than 30 s. A user of a hundred devices takes two or three.
      timeoutSeconds: 29,
      environment: {
        PROFILES_TABLE: profiles.table.tableName,
        SUPPRESSIONS_TABLE: suppressions.table.tableName,
        API_KEYS_SECRET: secrets.apiKeys.secretArn,
        SUBJECT_SECRET: secrets.subject.secretArn,
      },
    });
    const { lambda } = this.erase;
    profiles.grantQuery(lambda);
    profiles.grantFold(lambda);
    suppressions.grantRecord(lambda);
    grantReadSecrets(lambda, [secrets.apiKeys, secrets.subject]);
  }
}
