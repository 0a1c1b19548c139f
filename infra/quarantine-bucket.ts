import { Duration } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { removalPolicy, type Stage } from './stage.ts';

/** Long enough to inspect and redrive, short enough that raw events do not outlive a request to be forgotten. */
const RETENTION = Duration.days(30);

export interface QuarantineBucketProps {
  readonly stage: Stage;
}

/**
 * Where events that cannot be applied wait, with their bytes and the reason. Functions only add to it. Not
 * versioned: an entry's key is stable per poison, so a second put writes the same bytes, and an old version
 * would outlive the bound on how long raw events are kept.
 */
export class QuarantineBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { stage }: QuarantineBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: removalPolicy(stage),
    });
  }

  /** Entries that a function quarantines itself. */
  grantKeep(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['s3:PutObject'],
      resourceArns: [this.bucket.arnForObjects('quarantine/*')],
    });
  }

  /**
   * Seeing which records are there: entries by their names alone, discarded batches by what is in them. And the notes
   * of an audit for the next one, which lie beside.
   */
  grantAudit(grantee: IGrantable): Grant {
    const grant = (actions: string[], resourceArns: string[]) =>
      Grant.addToPrincipal({ grantee, actions, resourceArns });
    return grant(['s3:ListBucket'], [this.bucket.bucketArn])
      .combine(grant(['s3:GetObject'], [this.bucket.arnForObjects('aws/lambda/*')]))
      .combine(grant(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('audit/state.json')]));
  }

  /** Batches that an event source mapping gives up on: Lambda puts them under `aws/lambda/` with the function's role. */
  grantDiscard(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['s3:PutObject'],
      resourceArns: [this.bucket.arnForObjects('aws/lambda/*')],
    }).combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['s3:ListBucket'],
        resourceArns: [this.bucket.bucketArn],
      }),
    );
  }
}
