import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Stage } from './stage.ts';
import { StageTable } from './stage-table.ts';

export interface ProfilesTableProps {
  readonly stage: Stage;
}

/** Facets, links and memberships: partition = subject key, sort = item. */
export class ProfilesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { stage }: ProfilesTableProps) {
    super(scope, id);
    this.table = new StageTable(this, 'Table', { stage });
  }

  /** All items of one subject: what a reader of profiles needs, and what looks after a user's devices. */
  grantQuery(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:Query');
  }

  /** Reading items that one knows the names of. */
  grantRead(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:BatchGetItem');
  }

  /** Reading facets and writing each whole, under its condition: nothing is updated in place, nothing deleted. */
  grantFold(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:BatchGetItem', 'dynamodb:PutItem');
  }
}
