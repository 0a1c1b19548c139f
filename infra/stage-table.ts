import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { removalPolicy, type Stage } from './stage.ts';

export interface StageTableProps {
  readonly stage: Stage;
  /** Items go by themselves once the time in it, in seconds since the epoch, is over. Default: none ever does. */
  readonly timeToLiveAttribute?: string;
}

/** A table keyed by `pk` and `sk`, paid by request, encrypted, and kept or deleted with its stack as the stage says. */
export class StageTable extends Table {
  constructor(scope: Construct, id: string, { stage, ...rest }: StageTableProps) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.settings.pointInTimeRecovery },
      deletionProtection: stage.settings.onDelete === 'retain',
      removalPolicy: removalPolicy(stage),
      ...rest,
    });
  }
}
