import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Stage } from './stage.ts';
import { StageTable } from './stage-table.ts';

export interface RegionsTableProps {
  readonly stage: Stage;
}

/** Who chose what, counted: partition = country and region, sort = month and bucket of subjects. Old months go by themselves. */
export class RegionsTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { stage }: RegionsTableProps) {
    super(scope, id);
    this.table = new StageTable(this, 'Table', { stage, timeToLiveAttribute: 'e' });
  }

  /** A region's newest months: what decisions need. */
  grantQuery(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:Query');
  }

  /** Reading cells and writing each whole, under its condition: nothing is updated in place, nothing deleted. */
  grantCount(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem');
  }
}
