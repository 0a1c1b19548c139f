import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { removalPolicy, type Stage } from './stage.ts';

export interface ProfilesTableProps {
  readonly stage: Stage;
}

/** Facets, links and memberships: partition = subject key, sort = item. */
export class ProfilesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { stage }: ProfilesTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: stage.settings.pointInTimeRecovery,
      },
      deletionProtection: stage.settings.onDelete === 'retain',
      removalPolicy: removalPolicy(stage),
    });
  }

  /** All items of one subject: what a reader of profiles needs, and what looks after a user's devices. */
  grantQuery(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:Query');
  }

  /** Reading facets and writing each whole, under its condition: nothing is updated in place, nothing deleted. */
  grantFold(grantee: IGrantable): Grant {
    return this.table.grant(grantee, 'dynamodb:BatchGetItem', 'dynamodb:PutItem');
  }
}
