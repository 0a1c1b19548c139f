import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Stage } from './stage.ts';
import { StageTable } from './stage-table.ts';

export interface SuppressionsTableProps {
  readonly stage: Stage;
}

/** Who was erased and when, by keyed hash: apart from the profiles, so that a restore of those does not undo it. */
export class SuppressionsTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { stage }: SuppressionsTableProps) {
    super(scope, id);
    this.table = new StageTable(this, 'Table', { stage });
  }

  /** Putting down that somebody is erased, and asking as of when one is: functions neither list it nor take anything out. */
  grantRecord(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem');
  }
}
